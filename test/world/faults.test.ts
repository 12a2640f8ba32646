import { describe, expect, it } from "vitest";
import { answers, evidenceOf, executions, wireCalls } from "./evidence.ts";
import { casesOf, operationsOf, runBroken } from "./fault-run.ts";
import { faulty, type Mode, nameOf, type Spot } from "./faulty.ts";
import { violations } from "./invariants.ts";
import { paths } from "./paths.ts";
import { type World, world } from "./world.ts";

const MINUTE = 60_000;

/** Each call in one way a day, the next day in the next: `npm run test:faults` does all of them. */
const seed = Math.floor(Date.now() / 86_400_000);

describe(`every path with one of its calls broken (seed ${seed})`, () => {
  it.each(paths)("T01, T02: $name: everything holds, whatever broke", async (path) => {
    const seen = await operationsOf(path, seed);
    expect(seen.length).toBeGreaterThan(0);
    for (const [n, spot] of seen.entries()) {
      const ways = casesOf([spot]);
      const mode = ways[(n + seed) % ways.length]?.mode ?? "not-applied";
      const { violations: wrong } = await runBroken(path, spot, mode, seed);
      expect(wrong, `${nameOf(spot)} ${mode}, seed ${seed}`).toEqual([]);
    }
  });

  it("does not pass over an operation that the path no longer has", async () => {
    const [ask] = paths;
    if (ask === undefined) throw new Error("no path");
    const gone: Spot = { by: "requests", op: "events.append", nth: 99 };
    await expect(runBroken(ask, gone, "applied", seed)).rejects.toThrow("never came to");
  });
});

async function approved(): Promise<{ w: World; id: string }> {
  const w = await world({ seed });
  const { id } = (await w.ask()).body;
  await w.approve("lead", id);
  return { w, id };
}

/** Opens, with one call broken. */
async function openWith(spot: Omit<Spot, "by">, mode: Mode) {
  const { w, id } = await approved();
  const none = async (): Promise<void> => {};
  w.intercept = faulty(w, { by: "exec", ...spot }, mode, {
    hit: () => {},
    repeat: none,
    revoke: none,
  });
  const answer = await w.open("dev", id);
  w.intercept = (_, next) => next();
  const kinds = (): string[] =>
    evidenceOf(w, false)
      .events.filter(({ chain }) => chain === `REQ#${id}`)
      .map(({ leaf }) => JSON.parse(leaf).kind);
  return { w, id, answer, kinds };
}

/** The append of `session.opened`: the second of an open, after the intent's. */
const OPENED = { op: "events.append", nth: 2 };
const EXECUTE = { op: "execRole.executeCommand", nth: 1 };

describe("an open with one call broken", () => {
  it("T03 sends the command once when ECS gives no answer, and says that its outcome is unknown", async () => {
    const { w, answer, kinds } = await openWith(EXECUTE, "applied");
    expect(answer).toMatchObject({ status: 502, body: { code: "outcome_unknown" } });
    expect(executions(evidenceOf(w, false))).toHaveLength(1);
    expect(kinds().at(-1)).toBe("exec.unknown");
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });

  it("T04 hands nothing over and ends the session when it cannot be recorded", async () => {
    const { w, id, answer, kinds } = await openWith(OPENED, "not-applied");
    expect(answer).toMatchObject({ status: 503, body: { code: "record_unavailable" } });
    const [session] = w.aws.sessions;
    expect(JSON.stringify(answer.body)).not.toContain(session?.tokenValue);
    expect(wireCalls(evidenceOf(w, false), "TerminateSession")).toMatchObject([
      { sessionId: session?.sessionId },
    ]);
    w.clock.advance(2 * MINUTE);
    await w.sweep();
    expect(kinds().at(-1)).toBe("exec.settled");
    expect(w.aws.running()).toEqual([]);
    // Nothing was used up: the approval still stands.
    expect((await w.open("dev", id)).status).toBe(201);
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });

  it("T05 answers in time when ECS hangs, and what ECS does later is found and ended", async () => {
    const { w, answer, kinds } = await openWith(EXECUTE, "hang");
    expect(answer.body.code).toBe("outcome_unknown");
    const last = answers(evidenceOf(w, false)).at(-1);
    expect(last?.tookMs).toBeLessThan(26_000);
    const before = kinds();
    await w.clock.sleep(10_000);
    expect(kinds()).toEqual(before);
    w.clock.advance(2 * MINUTE);
    await w.sweep();
    expect(kinds().at(-1)).toBe("exec.settled");
    expect(w.aws.running()).toEqual([]);
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });

  it("T09 knows its own intent when the answer to it was lost and it was written twice", async () => {
    const { w, answer } = await openWith({ op: "events.append", nth: 1 }, "duplicate");
    expect(answer.status).toBe(201);
    expect(executions(evidenceOf(w, false))).toHaveLength(1);
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });

  it("T10 gives the use back once when ECS throttles, and says when to come again", async () => {
    const { w, id, answer, kinds } = await openWith(EXECUTE, "conflict");
    expect(answer).toMatchObject({ status: 429, body: { code: "throttled", retryable: true } });
    expect(kinds().filter((kind) => kind === "exec.failed")).toHaveLength(1);
    expect((await w.open("dev", id)).status).toBe(201);
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });

  it.each(["LOST", "STOPPED"])(
    "T11 gives the use back once when ECS says that nothing was started (agent %s)",
    async (lastStatus) => {
      const { w, id } = await approved();
      const agents = w.aws.fleet.tasks.flatMap(({ containers }) => containers);
      w.intercept = async (call, next) => {
        if (call.op !== "execRole.executeCommand") return await next();
        for (const container of agents) container.execAgent = { lastStatus };
        const answer = await next();
        for (const container of agents) container.execAgent = { lastStatus: "RUNNING" };
        return answer;
      };
      expect((await w.open("dev", id)).status).toBe(409);
      w.intercept = (_, next) => next();
      expect((await w.open("dev", id)).status).toBe(201);
      expect(violations(evidenceOf(w, false))).toEqual([]);
    },
  );

  it("T12 answers before API Gateway stops waiting, whichever one call hangs", async () => {
    for (const path of paths.filter(({ name }) => name.startsWith("open"))) {
      for (const spot of await operationsOf(path, seed)) {
        const { violations: wrong } = await runBroken(path, spot, "hang", seed);
        expect(wrong, nameOf(spot)).toEqual([]);
      }
    }
  });

  it("refuses as closed, and not as a broken record, what is looked at until the grant is over", async () => {
    const { w, answer } = await openWith({ op: "execRoles.assume", nth: 1 }, "frozen");
    expect(answer).toMatchObject({ status: 409, body: { code: "request_closed" } });
    expect(executions(evidenceOf(w, false))).toEqual([]);
  });

  it("hands nothing over once the grant is over, though the session was opened before", async () => {
    const { w, id } = await approved();
    w.intercept = async (call, next) => {
      const answer = await next();
      if (call.op === EXECUTE.op) w.clock.advance(31 * MINUTE);
      return answer;
    };
    expect(await w.open("dev", id)).toMatchObject({
      status: 409,
      body: { code: "request_closed" },
    });
    w.intercept = (_, next) => next();
    expect(await w.wake(id)).toBe(true);
    expect(w.aws.running()).toEqual([]);
    expect(violations(evidenceOf(w, false))).toEqual([]);
  });
});
