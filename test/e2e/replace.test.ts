import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith, until } from "../kit/processes.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";
import { runningSleep } from "../kit/sleeping-command.ts";

const MINUTE = 60_000;

/** A session that was lost: ended, seen to be over, and another opened under the same use, once. */
describe.skipIf(!engineHere)("to open in the place of a session that was lost", () => {
  let gateway: TestGateway;
  /** What somebody else does right before this step of the exec function, once. */
  let meanwhile: { before: "TerminateSession" | "exec.intent"; act(): Promise<void> } | undefined;
  const comesTo = async (step: string): Promise<void> => {
    if (meanwhile?.before !== step) return;
    const { act } = meanwhile;
    meanwhile = undefined;
    await act();
  };
  beforeAll(async () => {
    gateway = await startTestGateway({
      wrapExec: (ports) => ({
        ...ports,
        events: {
          ...ports.events,
          async append(events, fences) {
            for (const event of events) await comesTo(readEvent(event).kind);
            return await ports.events.append(events, fences);
          },
        },
        sessionEnder: {
          async terminate(place, sessionId) {
            await comesTo("TerminateSession");
            return await ports.sessionEnder.terminate(place, sessionId);
          },
        },
      }),
    });
    gateway.remainingMs = 29_000;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  async function open(command?: (mark: string) => string) {
    const { id, mark, sessionId } = await runningSleep(gateway, command && { command });
    return { id, mark, pids: processesWith(mark), sessionId };
  }
  const openIt = (id: string, body: object = {}) =>
    gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, body);
  const calls = (operation: string) =>
    gateway.emulator.calls.filter((call) => call.operation === operation).length;
  const close = async (id: string) => {
    await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
    expect(await gateway.wake(id)).toBe(true);
  };
  const dead = (pids: number[], mark: string) =>
    until(() => processesWith(mark).every((pid) => !pids.includes(pid)), 5_000);
  const sessionsOf = async (id: string) =>
    (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body.sessions;

  it("ends the first before the second is sent, and hands over what the first held", async () => {
    const { id, mark, pids, sessionId } = await open();
    const { result, added } = await grownBy(gateway.events, () =>
      openIt(id, { replace: sessionId }),
    );
    expect(result.status, JSON.stringify(result.body)).toBe(201);
    expect(result.body.session.sessionId).not.toBe(sessionId);
    const kinds = added
      .filter(({ chain }) => chain === `REQ#${id}`)
      .map(({ leaf }) => JSON.parse(leaf).kind);
    expect(kinds).toEqual(["replace.asked", "exec.intent", "session.opened"]);
    const order = gateway.emulator.calls
      .map(({ operation }) => operation)
      .filter((operation) => ["TerminateSession", "ExecuteCommand"].includes(operation));
    expect(order.slice(-2)).toEqual(["TerminateSession", "ExecuteCommand"]);
    expect(await dead(pids, mark)).toBe(true);
    const [first, second] = await sessionsOf(id);
    expect(first.end).toMatchObject({ cause: "replaced", strength: "ssm-status" });
    expect([first.state, second.state]).toEqual(["ended", "opened"]);
    const person = await gateway.events.tip("PERSON#dev");
    expect(JSON.parse(person?.leaf ?? "").data.holds).toEqual([{ requestId: id, attempt: 2 }]);
    // Nothing is left to be noticed of the first, and the second goes on.
    const { grown } = await grownBy(gateway.events, () => gateway.sweep());
    expect(grown).toEqual([]);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await close(id);
  });

  it("gives the first's container back where the second is opened in another", async () => {
    const elsewhere = await open();
    const { id, sessionId } = await open();
    const [{ taskArn }] = await sessionsOf(id);
    await close(elsewhere.id);
    const opened = await openIt(id, { replace: sessionId });
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(opened.body.taskArn).not.toBe(taskArn);
    const left = await gateway.events.tip(`SLOT#${taskArn.split("/").at(-1)}#app`);
    expect(JSON.parse(left?.leaf ?? "")).toMatchObject({
      kind: "hold.returned",
      data: { requestId: id, attempt: 1, holds: [] },
    });
    await close(id);
  });

  it("comes once under one use", async () => {
    const { id, sessionId } = await open();
    const second = await openIt(id, { replace: sessionId });
    expect(second.status, JSON.stringify(second.body)).toBe(201);
    const sent = calls("ExecuteCommand");
    for (const replace of [sessionId, second.body.session.sessionId as string]) {
      const again = await openIt(id, { replace });
      expect(again.status).toBe(409);
      expect(["session_already_opened", "not_replaceable"]).toContain(again.body.code);
    }
    expect(calls("ExecuteCommand")).toBe(sent);
    await close(id);
  });

  it("is refused for a command that is no shell, and for another's, and ends nothing", async () => {
    const { id, mark, sessionId } = await open((word) => `/bin/sleep ${word}`);
    const ends = calls("TerminateSession");
    const refused = await openIt(id, { replace: sessionId });
    expect([refused.status, refused.body.code]).toEqual([409, "not_replaceable"]);
    const path = `/v1/requests/${id}/sessions`;
    const lead = await gateway.as("lead")("POST", path, { replace: sessionId });
    expect([lead.status, lead.body.code]).toEqual([403, "not_permitted"]);
    expect((await openIt(id, { replace: "another" })).body.code).toBe("session_not_found");
    expect(calls("TerminateSession")).toBe(ends);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await close(id);
  });

  it("is refused where the first has ended by itself: that was its use", async () => {
    const { id, pids, mark, sessionId } = await open();
    for (const pid of pids) process.kill(pid, "SIGKILL");
    expect(await dead(pids, mark)).toBe(true);
    const { result, grown } = await grownBy(gateway.events, () =>
      openIt(id, { replace: sessionId }),
    );
    expect([result.status, result.body.code]).toEqual([409, "not_replaceable"]);
    expect(grown).toEqual(["REFUSED:open.refused"]);
    await gateway.sweep();
    expect((await sessionsOf(id))[0].end.cause).toBe("by_itself");
  });

  it("opens nothing while the first cannot be seen to be over, and goes on once it can", async () => {
    const { id, mark, pids, sessionId } = await open();
    gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
    const sent = calls("ExecuteCommand");
    const unseen = await openIt(id, { replace: sessionId });
    expect([unseen.status, unseen.body.code, unseen.body.retryable]).toEqual([
      409,
      "end_unverified",
      true,
    ]);
    expect(calls("ExecuteCommand")).toBe(sent);
    expect((await openIt(id)).body.code).toBe("session_already_opened");
    gateway.emulator.clearFaults();
    const { result, grown } = await grownBy(gateway.events, () =>
      openIt(id, { replace: sessionId }),
    );
    expect(result.status, JSON.stringify(result.body)).toBe(201);
    expect(grown.filter((kind) => kind === "REQ:replace.asked")).toEqual([]);
    expect(await dead(pids, mark)).toBe(true);
    await close(id);
  });

  it("is not lost where the gateway stopped in between: the sweeper ends the first, and the use is free", async () => {
    const { id, mark, pids, sessionId } = await open();
    gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
    expect((await openIt(id, { replace: sessionId })).body.code).toBe("end_unverified");
    gateway.emulator.clearFaults();
    await gateway.sweep(2 * MINUTE);
    expect(await dead(pids, mark)).toBe(true);
    expect((await sessionsOf(id))[0].end.cause).toBe("replaced");
    const opened = await openIt(id, { replace: sessionId });
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    await close(id);
  });

  it.each(["TerminateSession", "exec.intent"] as const)(
    "is refused where somebody else asked for the first's end before %s: nothing comes in its place",
    async (before) => {
      const { id, mark, pids, sessionId } = await open();
      meanwhile = {
        before,
        act: async () => {
          const ended = await gateway.as("sre")("POST", `/v1/sessions/${sessionId}/terminate`, {});
          expect(ended.status, JSON.stringify(ended.body)).toBe(202);
        },
      };
      const sent = calls("ExecuteCommand");
      const { result, added } = await grownBy(gateway.events, () =>
        openIt(id, { replace: sessionId }),
      );
      expect([result.status, result.body.code]).toEqual([409, "not_replaceable"]);
      expect(calls("ExecuteCommand")).toBe(sent);
      const kinds = added
        .filter(({ chain }) => chain === `REQ#${id}`)
        .map((event) => readEvent(event).kind);
      expect(kinds).toEqual(["replace.asked", "end.asked"]);
      expect(await gateway.wake(id)).toBe(true);
      expect(await dead(pids, mark)).toBe(true);
      // It made no room: that was the use.
      // It was over when the end was asked for, and who ended it was the gateway all the same.
      expect((await sessionsOf(id))[0].end.cause).toBe("asked");
      expect((await openIt(id)).status).toBe(409);
      expect(calls("ExecuteCommand")).toBe(sent);
    },
  );

  it("leaves a record that verifies, in which nobody holds what is over", async () => {
    await gateway.sweep();
    const record = await wholeRecord(gateway.events);
    expect(verifyChains(record).problems).toEqual([]);
    const held = new Map<string, number>();
    for (const { chain, leaf } of record.toSorted((a, b) => a.seq - b.seq)) {
      if (/^(SLOT|PERSON)#/.test(chain)) held.set(chain, JSON.parse(leaf).data.holds.length);
    }
    expect(held.size).toBeGreaterThan(1);
    expect([...held.values()].filter((n) => n > 0)).toEqual([]);
  });
});
