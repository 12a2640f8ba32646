import { randomInt } from "node:crypto";
import { DeleteItemCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith } from "../kit/processes.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";
import { approvedSleep, isAlive, isDead, runningSleep } from "../kit/sleeping-command.ts";
import { type RawChannel, rawChannel } from "../wire/raw-channel.ts";

const MINUTE = 60_000;

/** Nothing outlives its grant: what has to end is ended, seen to be over, and on record. */
describe.skipIf(!engineHere)("the hard end of a session", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterEach(async () => {
    gateway.emulator.clearFaults();
    await gateway.endAll();
  });
  const clients: RawChannel[] = [];
  afterAll(async () => {
    for (const client of clients) client.leave();
    await gateway.close();
  });

  const approved = () => approvedSleep(gateway, { durationMinutes: 30 });
  const openIt = (id: string) => gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
  /** With a client that has joined. */
  async function open() {
    const { id, mark, sessionId, streamUrl, token } = await runningSleep(gateway, {
      durationMinutes: 30,
    });
    clients.push(await rawChannel({ streamUrl, token }));
    return { id, mark, sessionId };
  }
  const alive = (mark: string) => processesWith(mark).length > 0;
  const shown = async (id: string) => (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body;
  /** What the chain of one request grew by, in its order. */
  async function kindsOf(id: string, act: () => Promise<void>): Promise<string[]> {
    const before = (await gateway.events.load(`REQ#${id}`)).length;
    await act();
    const after = await gateway.events.load(`REQ#${id}`);
    return after.slice(before).map(({ leaf }) => JSON.parse(leaf).kind);
  }
  const calls = (operation: string) =>
    gateway.emulator.calls.filter((call) => call.operation === operation).length;

  describe("in its minute", () => {
    it("kills the command, and is on record with how that is known", async () => {
      const { id, mark, sessionId } = await open();
      await gateway.sweep(29 * MINUTE);
      expect(alive(mark)).toBe(true);
      const { grown } = await grownBy(gateway.events, () => gateway.sweep(31 * MINUTE));
      expect(grown).toEqual(["REQ:request.expired", "REQ:session.ended"]);
      expect(await isDead(mark)).toBe(true);
      const request = await shown(id);
      expect(request.status).toBe("closed");
      expect(request.sessions[0]).toMatchObject({
        sessionId,
        state: "ended",
        end: { cause: "expired", strength: "ssm-status" },
      });
      const { grown: more } = await grownBy(gateway.events, () => gateway.sweep(32 * MINUTE));
      expect(more).toEqual([]);
    });

    it("T13 comes once, however many sweep at once", async () => {
      const { id, mark } = await open();
      const { grown } = await grownBy(gateway.events, () =>
        Promise.all([gateway.sweep(31 * MINUTE), gateway.sweep(31 * MINUTE)]),
      );
      expect(grown).toEqual(["REQ:request.expired", "REQ:session.ended"]);
      expect(await isDead(mark)).toBe(true);
      expect((await shown(id)).status).toBe("closed");
    });

    it("comes although the mark is lost and the views are gone", async () => {
      const { mark } = await open();
      await gateway.dynamodb.send(
        new DeleteItemCommand({
          TableName: "state",
          Key: { pk: { S: "MARK#sweeper" }, sk: { S: "-" } },
        }),
      );
      await gateway.dynamodb.send(new DeleteTableCommand({ TableName: "views" }));
      await gateway.sweep(31 * MINUTE);
      expect(await isDead(mark)).toBe(true);
    });

    it("comes though SSM shows nothing, and is known in a round in which it does", async () => {
      const { id, mark } = await open();
      gateway.emulator.fault({ operation: "DescribeSessions" }, { kind: "reset" });
      await gateway.sweep(31 * MINUTE);
      expect(await isDead(mark)).toBe(true);
      expect((await shown(id)).sessions[0].end).toBeUndefined();
      expect(gateway.counted).toContain("EndUnverified");
      gateway.emulator.clearFaults();
      await gateway.sweep(33 * MINUTE);
      expect((await shown(id)).sessions[0].end.cause).toBe("expired");
    });
  });

  describe("before its minute", () => {
    it("comes with a revoke, by the stream alone", async () => {
      const { id, mark } = await open();
      const revoked = await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
      expect(revoked.status, JSON.stringify(revoked.body)).toBe(200);
      expect(await gateway.wake(id)).toBe(true);
      expect(await isDead(mark)).toBe(true);
      expect((await shown(id)).sessions[0]).toMatchObject({
        state: "ended",
        end: { cause: "revoked" },
      });
    });

    it("comes with a revoke by the next round, where the stream said nothing", async () => {
      const { id, mark } = await open();
      await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
      await gateway.sweep();
      expect(await isDead(mark)).toBe(true);
      expect((await shown(id)).sessions[0].end.cause).toBe("revoked");
    });

    it("comes to whoever is no longer in the directory", async () => {
      const { id, mark } = await open();
      const { directory, ...rest } = rulesHere();
      const without = JSON.parse(directory) as { persons: { id: string }[]; programs: object[] };
      without.persons = without.persons.filter((person) => person.id !== "dev");
      without.programs = []; // one of them is theirs
      const back = await activate({ ...rest, directory: JSON.stringify(without) });
      try {
        // A round that cannot look does not count as one that has looked.
        gateway.emulator.fault({ operation: "DescribeSessions" }, { kind: "reset" });
        await gateway.sweep();
        expect(alive(mark)).toBe(true);
        gateway.emulator.clearFaults();
        await gateway.sweep();
        expect(await isDead(mark)).toBe(true);
      } finally {
        await back();
      }
      expect((await shown(id)).sessions[0].end.cause).toBe("right_lost");
    });

    it.each([
      ["left the group", () => setWith({ dev: [] }, ""), false],
      [
        "was forbidden one service",
        () => setWith({}, forbidding('resource.name == "payments-api"')),
        true,
      ],
    ])("T21 comes by the stream to whoever %s, where that concerns it", async (_, set, others) => {
      const { id, mark } = await open();
      const other = await runningSleep(gateway, { service: "reports", durationMinutes: 30 });
      // What leaves the right standing, or gives more, ends nothing.
      const back = await activate(
        setWith({ dev: ["payments", "sre"] }, forbidding("context.argc == 7")),
      );
      expect(await gateway.wakeActivated()).toBe(true);
      expect([alive(mark), alive(other.mark)]).toEqual([true, true]);
      await activate(set());
      try {
        const since = Date.now();
        expect(await gateway.wakeActivated()).toBe(true);
        expect(await isDead(mark)).toBe(true);
        // As a revoke.
        expect(Date.now() - since).toBeLessThan(5_000);
        expect((await shown(id)).sessions[0].end).toMatchObject({
          cause: "right_lost",
          strength: "ssm-status",
        });
        expect(alive(other.mark)).toBe(others);
        expect((await shown(other.id)).sessions[0].state).toBe(others ? "opened" : "ended");
      } finally {
        await back();
      }
    });

    it("is noticed where its task is gone, though SSM still shows the session", async () => {
      const { id, mark } = await open();
      const describing = { operation: "DescribeTasks" };
      gateway.emulator.fault(describing, { kind: "lie", merge: { tasks: [], failures: [] } });
      const ends = calls("TerminateSession");
      expect(await kindsOf(id, () => gateway.sweep())).toEqual([
        "session.ended",
        "request.expired",
      ]);
      expect(calls("TerminateSession")).toBe(ends);
      expect((await shown(id)).sessions[0].end).toMatchObject({
        cause: "by_itself",
        strength: "task-stopped",
      });
      for (const pid of processesWith(mark)) process.kill(pid, "SIGKILL");
    });

    it("is noticed where the command exited by itself, and closes the request", async () => {
      const { id, mark } = await open();
      const [pid = 0] = processesWith(mark);
      process.kill(pid, "SIGKILL");
      expect(await isDead(mark)).toBe(true);
      const ends = calls("TerminateSession");
      await gateway.sweep();
      const request = await shown(id);
      expect(request.sessions[0]).toMatchObject({ state: "ended", end: { cause: "by_itself" } });
      expect(request.status).toBe("closed");
      expect(calls("TerminateSession")).toBe(ends);
      const again = await openIt(id);
      expect([again.status, again.body.code]).toEqual([409, "session_already_opened"]);
    });
  });

  describe("that is not known to have come", () => {
    it("is on record as unverified, is tried again at its time, and is never called an end", async () => {
      const { id, mark } = await open();
      gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
      expect(await kindsOf(id, () => gateway.sweep(31 * MINUTE))).toEqual(["end.unverified"]);
      expect(alive(mark)).toBe(true);
      const request = await shown(id);
      expect(request.sessions[0].state).toBe("opened");
      expect(request.liveSessions).toBe(1);
      expect(gateway.logged.some((line) => line.includes("end unverified"))).toBe(true);
      // Before its next time nothing is tried.
      const tried = calls("TerminateSession");
      await gateway.sweep(31 * MINUTE);
      expect(calls("TerminateSession")).toBe(tried);
      expect(await kindsOf(id, () => gateway.sweep(32 * MINUTE))).toEqual(["end.unverified"]);
      gateway.emulator.clearFaults();
      expect(await kindsOf(id, () => gateway.sweep(33 * MINUTE))).toEqual([
        "session.ended",
        "request.expired",
      ]);
      expect(await isDead(mark)).toBe(true);
    });

    it("is proved by the task where SSM does not show it", async () => {
      const { id, mark } = await open();
      gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
      gateway.emulator.fault(
        { operation: "DescribeTasks" },
        { kind: "lie", merge: { tasks: [], failures: [] } },
      );
      await gateway.sweep(31 * MINUTE);
      expect((await shown(id)).sessions[0].end).toMatchObject({
        cause: "expired",
        strength: "task-stopped",
      });
      for (const pid of processesWith(mark)) process.kill(pid, "SIGKILL");
    });
  });

  describe("of an attempt whose outcome nobody knows", () => {
    it("finds what it started, ends it, and only then gives the use back", async () => {
      const { id, mark } = await approved();
      gateway.emulator.fault({ operation: "ExecuteCommand" }, { kind: "applied-then-reset" });
      const unknown = await openIt(id);
      expect([unknown.status, unknown.body.code]).toEqual([502, "outcome_unknown"]);
      expect(await isAlive(mark)).toBe(true);
      gateway.emulator.clearFaults();
      await gateway.sweep();
      expect([alive(mark), (await openIt(id)).body.code]).toEqual([true, "outcome_unknown"]);
      const { grown, added } = await grownBy(gateway.events, () => gateway.sweep(2 * MINUTE));
      expect(grown).toEqual(["REQ:exec.settled"]);
      expect(JSON.parse(added[0]?.leaf ?? "").data.ended).toHaveLength(1);
      expect(await isDead(mark)).toBe(true);
      const reopened = await openIt(id);
      expect(reopened.status, JSON.stringify(reopened.body)).toBe(201);
    });

    it("leaves the sessions of others alone", async () => {
      const others = await open();
      const { id } = await approved();
      gateway.emulator.fault({ operation: "ExecuteCommand" }, { kind: "reset" });
      expect((await openIt(id)).body.code).toBe("outcome_unknown");
      gateway.emulator.clearFaults();
      await gateway.sweep(2 * MINUTE);
      expect(alive(others.mark)).toBe(true);
      expect((await shown(id)).sessions[0].state).toBe("settled");
    });

    it("holds the use while what it started cannot be ended", async () => {
      const { id, mark } = await approved();
      gateway.emulator.fault({ operation: "ExecuteCommand" }, { kind: "applied-then-reset" });
      expect((await openIt(id)).body.code).toBe("outcome_unknown");
      expect(await isAlive(mark)).toBe(true);
      gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
      await gateway.sweep(2 * MINUTE);
      expect((await openIt(id)).body.code).toBe("outcome_unknown");
      gateway.emulator.clearFaults();
      await gateway.sweep(3 * MINUTE);
      expect(await isDead(mark)).toBe(true);
      expect((await openIt(id)).status).toBe(201);
    });
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });

  /** The rules of the repository with these besides, and people's groups changed. */
  function setWith(groups: { [person: string]: string[] }, more: string) {
    const { policies, schema, directory } = rulesHere();
    const all = JSON.parse(directory) as { persons: { id: string; groups: string[] }[] };
    const persons = all.persons.map((one) => ({ ...one, groups: groups[one.id] ?? one.groups }));
    return {
      policies: `${policies}\n${more}`,
      schema,
      directory: JSON.stringify({ ...all, persons }),
    };
  }

  function forbidding(what: string): string {
    return `@id("more") forbid (principal, action == Sallyport::Action::"exec", resource) when { ${what} };`;
  }

  /** Puts another set in force; the answer puts back the one before. */
  async function activate(set: ReturnType<typeof rulesHere>) {
    const put = async (texts: ReturnType<typeof rulesHere>) => {
      const reason = `set ${randomInt(1e9)}`;
      const proposed = await gateway.as("operator")("POST", "/v1/activations", {
        ...texts,
        reason,
      });
      expect(proposed.status, JSON.stringify(proposed.body)).toBe(202);
      const { id, digest } = proposed.body.request;
      const decided = await gateway.as("sre")("POST", `/v1/requests/${id}/decisions`, {
        decision: "approve",
        digest,
      });
      expect(decided.body.status, JSON.stringify(decided.body)).toBe("closed");
    };
    await put(set);
    return async () => await put(rulesHere());
  }
});
