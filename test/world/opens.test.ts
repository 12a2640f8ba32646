import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNCLAIMED_MS } from "../../core/due.ts";
import { SallyportError } from "../../core/errors.ts";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { expectSound, storedEvents } from "./race.ts";
import { type World, world } from "./world.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const HTTP_MS = 29_000;

const sent = (w: World, operation: string): number =>
  w.journal.filter((entry) => entry.what === "wire" && entry.call.operation === operation).length;
const kindsOf = (w: World, id: string): string[] =>
  storedEvents(w)
    .filter(({ chain }) => chain === `REQ#${id}`)
    .map(({ kind }) => kind);

async function approved(w: World): Promise<string> {
  const { id } = (await w.ask()).body;
  await w.approve("lead", id);
  return id;
}

describe("an open in which something breaks", () => {
  it("T04 ends a session that cannot be recorded, hands nothing over, and finds what is left", async () => {
    const w = await world();
    const id = await approved(w);
    w.intercept = async ({ by, op, args }, next) => {
      const written = op === "events.append" ? (args[0] as StoredEvent[]).map(readEvent) : [];
      if (by === "exec" && written.some(({ kind }) => kind === "session.opened"))
        throw new SallyportError("record_unavailable", "no");
      return await next();
    };
    const { status, body } = await w.open("dev", id);
    w.intercept = (_, next) => next();
    expect([status, body.code]).toEqual([503, "record_unavailable"]);
    expect([sent(w, "ExecuteCommand"), sent(w, "TerminateSession")]).toEqual([1, 1]);
    expect(kindsOf(w, id)).toEqual(["request.asked", "decision.approved", "exec.intent"]);
    w.clock.advance(61_000);
    await w.sweep();
    expect(w.aws.running()).toEqual([]);
    expect(kindsOf(w, id).at(-1)).toBe("exec.settled");
    expectSound(w);
  });

  it.each([
    ["a millisecond before its grant ends", -1, [201, undefined], 0],
    ["as its grant ends", 0, [409, "request_closed"], 1],
  ])("T17 of which ECS answers %s", async (_, late, answer, ends) => {
    const w = await world();
    const { id } = (await w.ask()).body;
    const { grant } = (await w.approve("lead", id)).body;
    const expiresAt = Date.parse(grant.expiresAt);
    w.clock.advance(expiresAt - w.clock.now() - 1_000);
    w.intercept = async ({ op }, next) => {
      const answered = await next();
      if (op === "execRole.executeCommand") w.clock.advance(expiresAt + late - w.clock.now());
      return answered;
    };
    const { status, body } = await w.open("dev", id);
    w.intercept = (_call, next) => next();
    expect([status, body.code]).toEqual(answer);
    expect([sent(w, "ExecuteCommand"), sent(w, "TerminateSession")]).toEqual([1, ends]);
    const opened = storedEvents(w).find(({ kind }) => kind === "session.opened");
    expect(opened?.data).toMatchObject({ delivered: ends === 0 });
    expectSound(w);
  });

  it.each(["was revoked meanwhile", "cannot be recorded"])(
    "T04 is answered only once the end of a session that %s was asked for",
    async (why) => {
      const w = await world();
      const id = await approved(w);
      w.intercept = async ({ by, op, args }, next) => {
        const written = op === "events.append" ? (args[0] as StoredEvent[]).map(readEvent) : [];
        if (by === "exec" && written.some(({ kind }) => kind === "session.opened")) {
          if (why === "cannot be recorded") throw new SallyportError("record_unavailable", "no");
          await w.revoke("sre", id);
        }
        // SSM takes its time.
        if (by === "exec" && op === "sessionEnder.terminate") await w.clock.sleep(1_000);
        return await next();
      };
      const { body } = await w.open("dev", id);
      w.intercept = (_, next) => next();
      expect(["request_closed", "record_unavailable"]).toContain(body.code);
      const order = w.journal.flatMap((entry) => {
        if (entry.what === "wire" && entry.call.operation === "TerminateSession") return "ended";
        const isIts = entry.what === "answer" && entry.answer.path.endsWith("/sessions");
        return isIts ? "answered" : [];
      });
      expect(order).toEqual(["ended", "answered"]);
      w.clock.advance(61_000);
      await w.sweep();
      expect(w.aws.running()).toEqual([]);
      expectSound(w);
    },
  );

  it("opens nothing in the place of a session that the sweeper has found unclaimed meanwhile", async () => {
    const w = await world();
    const { id } = (await w.ask("dev", { command: "/bin/sh" })).body;
    for (const who of ["lead", "sre"] as const) await w.approve(who, id);
    const { sessionId } = (await w.open("dev", id)).body.session;
    w.clock.advance(UNCLAIMED_MS);
    w.intercept = async ({ by, op }, next) => {
      if (by === "exec" && op === "sessionEnder.terminate") await w.wake(id);
      // It is cut off once it has said so, and ends nothing.
      if (by === "sweeper" && op === "sessionEnder.terminate") throw new Error("cut off");
      const answer = await next();
      return by === "sweeper" && op === "sessionWatch.seen"
        ? { ...(answer as SeenSession), status: "Connecting" }
        : answer;
    };
    const replaced = await w.call("dev", "POST", `/v1/requests/${id}/sessions`, {
      replace: sessionId,
    });
    w.intercept = (_, next) => next();
    expect([replaced.status, replaced.body.code]).toEqual([409, "not_replaceable"]);
    expect(sent(w, "ExecuteCommand")).toBe(1);
    expect(kindsOf(w, id).slice(-2)).toEqual(["replace.asked", "session.unclaimed"]);
    expectSound(w);
  });

  it("T05 answers while ECS hangs, and a late session reaches nobody", async () => {
    const w = await world();
    const id = await approved(w);
    const began = w.clock.now();
    w.intercept = async ({ op, args }, next) => {
      if (op !== "execRole.executeCommand") return await next();
      // The port promises no more than that it is over by its deadline, without knowing.
      await next();
      await w.clock.sleep((args[1] as number) - w.clock.now());
      return { kind: "unknown", why: "ECS did not answer in time" };
    };
    const { status, body } = await w.open("dev", id);
    w.intercept = (_, next) => next();
    expect([status, body.code]).toEqual([502, "outcome_unknown"]);
    expect(w.clock.now() - began).toBeLessThan(HTTP_MS - 1_000);
    expect(kindsOf(w, id).at(-1)).toBe("exec.unknown");
    expect(w.aws.running()).toHaveLength(1);
    w.clock.advance(61_000);
    await w.sweep();
    expect(w.aws.running()).toEqual([]);
    expectSound(w);
  });

  it("T06 sends ExecuteCommand once for a caller who gave up and repeats the call", async () => {
    const w = await world();
    const body = {
      cluster: "demo",
      task: w.aws.fleet.tasks[0]?.taskArn,
      container: "app",
      command: "/bin/date",
      interactive: true,
      reason: "what time it is there",
    };
    const call = () => w.call("dev", "POST", "/v1/execute-command", body);
    let first: Promise<unknown> | undefined;
    let second: Awaited<ReturnType<typeof call>> | undefined;
    w.intercept = async ({ op }, next) => {
      if (op !== "execRole.executeCommand" || second !== undefined) return await next();
      second = await call();
      return await next();
    };
    first = call();
    expect(await first).toMatchObject({ status: 200 });
    expect(second).toMatchObject({ status: 409, body: { code: "session_already_opened" } });
    expect(sent(w, "ExecuteCommand")).toBe(1);
    expectSound(w);
  });

  it("T07 knows a call by its key for as long as its request is kept", async () => {
    const w = await world();
    const first = await w.ask("dev", {}, "one-key");
    w.clock.advance(10 * 60_000 + 1_000);
    w.restart();
    const again = await w.ask("dev", {}, "one-key");
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    const other = await w.ask("dev", { reason: "another" }, "one-key");
    expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
    expect(kindsOf(w, first.body.id)).toEqual(["request.asked"]);
  });

  it(`T12 sends ExecuteCommand only while what comes of it can be recorded in time (seed ${seed})`, async () => {
    const outcomes = { sent: 0, not: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), fc.nat(), async (slow, chance) => {
        const w = await world({ seed: chance });
        const id = await approved(w);
        const began = w.clock.now();
        w.intercept = async ({ op, args }, next) => {
          // What is sent is over by its own deadline; the rest takes as long as it takes.
          const deadline = op === "execRole.executeCommand" ? (args[1] as number) : Infinity;
          await w.clock.sleep(Math.min(slow, Math.max(0, deadline - w.clock.now())));
          return await next();
        };
        await w.open("dev", id);
        w.intercept = (_, next) => next();
        const executed = w.journal.find(
          (entry) => entry.what === "wire" && entry.call.operation === "ExecuteCommand",
        );
        outcomes[executed === undefined ? "not" : "sent"] += 1;
        expect((executed?.at ?? began) - began).toBeLessThan(HTTP_MS - 5_000);
        expectSound(w);
      }),
      {
        seed,
        numRuns: 30,
        examples: [
          [0, 1],
          [6_000, 1],
        ],
      },
    );
    expect(Math.min(outcomes.sent, outcomes.not), "neither came about").toBeGreaterThan(0);
  });
});
