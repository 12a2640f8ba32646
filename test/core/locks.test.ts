import { describe, expect, it } from "vitest";
import { actorOf } from "../../core/caller.ts";
import { emptyTail, nextEvent, readEvent, type StoredEvent } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import {
  covers,
  isLockedOne,
  LOCK,
  type Lock,
  type LockSubject,
  lockOn,
  locksOf,
  MOST_LOCKS,
  standing,
} from "../../core/locks.ts";
import type { RestoreFence } from "../../core/restored.ts";
import { setting, unlocking } from "../../core/unlock.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { lockChainProblem } from "../../core/verify-locks.ts";
import { callerOf, counted, MINUTE, NOW, thrown } from "../kit/build-request.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";
const clusterArn = `${arn}:cluster/demo`;
const dev: LockSubject = { kind: "person", id: "dev" };

/** The chain LOCK, grown by what the product itself makes, behind the fences that are put on it. */
function chain() {
  const stored: StoredEvent[] = [];
  const fences: RestoreFence[] = [];
  const now = () => locksOf(stored.at(-1), fences);
  const add = (body: EventBody, as: string, at: number): void => {
    const seq = fences.at(-1)?.seq ?? 1;
    const by = { actor: actorOf(callerOf(as)), configuration: { seq, hash: "" }, now: at };
    stored.push(nextEvent(now().tail, body, { ...by, random: counted }));
  };
  return {
    stored,
    fences,
    now,
    add,
    set(id: string, subject: LockSubject = dev, minutes?: number, at = NOW) {
      const input = {
        id,
        subject,
        person: "sre",
        reason: `because of ${id}`,
        durationMinutes: minutes,
        bodyHash: "0".repeat(64),
        repeat: undefined,
      };
      add(setting(now(), input, at), "sre", at);
    },
    unlock(id: string, as: string, { firstCounts = true, at = NOW } = {}) {
      const lock = standing(now().locks, at).find((one) => one.id === id);
      if (lock === undefined) throw new Error(`no lock ${id}`);
      const next = unlocking(now(), lock, { id: as, groups: [] }, undefined, firstCounts, at);
      if (next.kind === "append") add(next.body, as, at);
      return next.kind === "append" ? next.body.kind : next.kind;
    },
    ids: (at = NOW) => standing(now().locks, at).map(({ id }) => id),
  };
}
const problems = (stored: StoredEvent[]) => verifyChains(stored).problems;

describe("the chain of locks", () => {
  it("carries all that stand in each event, with what was written of each", () => {
    const locks = chain();
    locks.set("a");
    locks.set("b", { kind: "cluster", id: clusterArn });
    expect(locks.ids()).toEqual(["a", "b"]);
    expect(locks.unlock("a", "lead")).toBe("lock.release_asked");
    expect(locks.unlock("a", "sre")).toBe("lock.released");
    expect(locks.ids()).toEqual(["b"]);
    expect(locks.now().texts).toEqual({ b: { reason: "because of b", body: "0".repeat(64) } });
    expect(problems(locks.stored)).toEqual([]);
  });

  it("keeps reasons beside the leaves", () => {
    const locks = chain();
    locks.set("a");
    locks.unlock("a", "lead");
    expect(locks.stored.map(({ leaf }) => leaf).join()).not.toContain("because");
  });

  it("lets a lock go at its minute, by the clock, and forgets it with the next event", () => {
    const locks = chain();
    locks.set("a", dev, 2);
    expect(locks.ids(NOW + 2 * MINUTE - 1)).toEqual(["a"]);
    expect(locks.ids(NOW + 2 * MINUTE)).toEqual([]);
    locks.set("b", dev, undefined, NOW + 2 * MINUTE);
    expect(locks.now().locks.map(({ id }) => id)).toEqual(["b"]);
    expect(problems(locks.stored)).toEqual([]);
  });

  it(`holds ${MOST_LOCKS} of the longest names, and can still unlock each`, () => {
    const locks = chain();
    const long = (n: number): string =>
      `${arn}:service/${"c".repeat(255)}/${`${n}`.padEnd(255, "s")}`;
    for (let n = 0; n < MOST_LOCKS; n++) {
      locks.set(`${n}`.padStart(26, "0"), { kind: "service", id: long(n) }, 40_000);
    }
    expect(thrown(() => locks.set("more")).code).toBe("too_many_locks");
    for (const id of locks.ids()) expect(locks.unlock(id, "lead")).toBe("lock.release_asked");
    for (const id of locks.ids()) expect(locks.unlock(id, "sre")).toBe("lock.released");
    expect(locks.ids()).toEqual([]);
    expect(problems(locks.stored)).toEqual([]);
  });
});

describe("what a lock was set by", () => {
  const judgedBy = (judged: { at: number; groups: string[] }): StoredEvent[] => {
    const of = chain();
    const input = { id: "l", subject: dev, person: "sre", reason: "r", durationMinutes: 5 };
    const body = setting(of.now(), { ...input, bodyHash: "b", repeat: undefined }, NOW);
    of.add({ ...body, data: { ...body.data, judged } }, "sre", NOW);
    return of.stored;
  };

  it("is believed where it was judged before it was put on record, and not after", () => {
    expect(problems(judgedBy({ at: NOW, groups: ["sre"] }))).toEqual([]);
    expect(problems(judgedBy({ at: NOW + 1, groups: ["sre"] }))).toMatchObject([
      { what: expect.stringContaining("before it was decided") as string },
    ]);
  });
});

describe("unlocking", () => {
  it("takes two persons: the same one twice is one", () => {
    const locks = chain();
    locks.set("a");
    expect(locks.unlock("a", "lead")).toBe("lock.release_asked");
    expect(locks.unlock("a", "lead")).toBe("repeated");
    expect(locks.ids()).toEqual(["a"]);
  });

  it("begins anew behind a restore, and whoever was first may be so again", () => {
    const locks = chain();
    locks.set("a");
    locks.set("b");
    locks.unlock("a", "lead");
    locks.unlock("b", "lead");
    locks.fences.push({ seq: 2, at: NOW });
    expect(locks.now().locks.map(({ release }) => release)).toEqual([null, null]);
    expect(locks.unlock("a", "sre")).toBe("lock.release_asked");
    expect(locks.unlock("b", "lead")).toBe("lock.release_asked");
    expect(locks.unlock("b", "sre")).toBe("lock.released");
    expect(locks.ids()).toEqual(["a"]);
    const events = locks.stored.map(readEvent);
    expect(lockChainProblem(events, locks.fences)).toBeUndefined();
  });

  it("does not verify by an asking from before a restore", () => {
    const locks = chain();
    locks.set("a");
    locks.unlock("a", "lead");
    const released = unlocking(
      locks.now(),
      locks.now().locks[0] as Lock,
      { id: "sre", groups: [] },
      undefined,
      true,
      NOW,
    );
    if (released.kind !== "append") throw new Error("it was not released");
    locks.fences.push({ seq: 2, at: NOW });
    locks.add(released.body, "sre", NOW);
    const events = locks.stored.map(readEvent);
    expect(lockChainProblem(events, [])).toBeUndefined();
    expect(lockChainProblem(events, locks.fences)).toEqual({
      seq: 3,
      what: "the first of two persons did not ask for it",
    });
  });

  it("begins anew where the first may not unlock any more", () => {
    const locks = chain();
    locks.set("a");
    locks.unlock("a", "lead");
    expect(locks.unlock("a", "sre", { firstCounts: false })).toBe("lock.release_asked");
    expect(locks.ids()).toEqual(["a"]);
    expect(locks.now().locks[0]?.release?.person).toBe("sre");
    expect(problems(locks.stored)).toEqual([]);
  });

  const bot = { id: "bot", groups: ["ci"], owners: ["dev"] };
  it.each<[string, LockSubject, string, string[], boolean]>([
    ["the locked person", dev, "dev", [], true],
    ["a member of the locked group", { kind: "group", id: "sre" }, "sam", ["sre"], true],
    ["the owner of the locked program", { kind: "person", id: "bot" }, "dev", [], true],
    ["the owner of a program in the locked group", { kind: "group", id: "ci" }, "dev", [], true],
    ["somebody else", dev, "sre", ["sre"], false],
    ["anybody where a cluster is locked", { kind: "cluster", id: clusterArn }, "dev", [], false],
  ])("never by the one who is locked: %s", (_, subject, id, groups, isIt) => {
    expect(isLockedOne(subject, { id, groups }, [bot])).toBe(isIt);
  });
});

describe("a lock covers", () => {
  const what = {
    people: [{ id: "dev", groups: ["payments"] }],
    place: { clusterArn, service: "payments-api", taskArn: `${arn}:task/demo/t1` },
  };
  it.each<[LockSubject["kind"], string, string]>([
    ["person", "dev", "de"],
    ["group", "payments", "payments-leads"],
    ["cluster", clusterArn, `${clusterArn}2`],
    ["service", `${arn}:service/demo/payments-api`, `${arn}:service/other/payments-api`],
    ["task", `${arn}:task/demo/t1`, `${arn}:task/demo/t2`],
  ])("the %s it names and no other", (kind, id, other) => {
    expect(covers({ kind, id }, what)).toBe(true);
    expect(covers({ kind, id: other }, what)).toBe(false);
    // An id of another kind that is spelt alike is another thing.
    expect(covers({ kind: kind === "person" ? "group" : "person", id }, what)).toBe(false);
  });

  it("a task by either spelling of its ARN", () => {
    const place = { clusterArn, taskArn: `${arn}:task/t1` };
    expect(covers({ kind: "task", id: `${arn}:task/demo/t1` }, { people: [], place })).toBe(true);
  });

  it("nothing once it is over", () => {
    const lock: Lock = { id: "a", subject: dev, by: "sre", at: 0, expiresAt: 10, release: null };
    expect(lockOn({ locks: [lock] }, what, 9)).toBe(lock);
    expect(lockOn({ locks: [lock] }, what, 10)).toBeUndefined();
  });
});

describe("a chain of locks that was forged", () => {
  const good = () => {
    const locks = chain();
    locks.set("a");
    return locks;
  };
  const [lock] = good().now().locks;
  if (lock === undefined) throw new Error("no lock");
  const text = { reason: "because of a", body: "0".repeat(64) };
  const released = (person: string, first: string): EventBody => ({
    kind: "lock.released",
    data: { id: "a", person, first, locks: [] },
    values: {},
  });
  it.each<[string, EventBody, string, string]>([
    ["one person alone unlocks", released("lead", "lead"), "lead", "did not ask"],
    ["nobody asked before", released("lead", "sre"), "lead", "did not ask"],
    [
      "a lock is forgotten by the way",
      {
        kind: "lock.set",
        data: { id: "b", person: "sre", locks: [{ ...lock, id: "b" }] },
        values: { "lock.b": text },
      },
      "sre",
      "forgets or invents",
    ],
    [
      "its reason is another",
      {
        kind: "lock.release_asked",
        data: {
          id: "a",
          person: "lead",
          locks: [{ ...lock, release: { person: "lead", at: NOW } }],
        },
        values: { "lock.a": { ...text, reason: "none" } },
      },
      "lead",
      "another reason",
    ],
    [
      "the locked person asks for their own release",
      {
        kind: "lock.release_asked",
        data: { id: "a", person: "dev", locks: [{ ...lock, release: { person: "dev", at: NOW } }] },
        values: { "lock.a": text },
      },
      "dev",
      "nobody unlocks themselves",
    ],
    [
      "somebody asks in the name of another",
      {
        kind: "lock.release_asked",
        data: {
          id: "a",
          person: "lead",
          locks: [{ ...lock, release: { person: "lead", at: NOW } }],
        },
        values: { "lock.a": text },
      },
      "sre",
      "not who called",
    ],
    [
      "whoever asks first is said to have been in groups that nobody told of",
      {
        kind: "lock.release_asked",
        data: {
          id: "a",
          person: "lead",
          judged: { at: NOW, groups: ["bots"], groupsFrom: "token" },
          locks: [{ ...lock, release: { person: "lead", at: NOW, groups: ["sre"] } }],
        },
        values: { "lock.a": text },
      },
      "lead",
      "forgets or invents",
    ],
    [
      "one is set that was over",
      {
        kind: "lock.set",
        data: { id: "b", person: "sre", locks: [lock, { ...lock, id: "b", expiresAt: NOW }] },
        values: { "lock.a": text, "lock.b": text },
      },
      "sre",
      "over already",
    ],
  ])("is found where %s", (_, body, as, what) => {
    const locks = good();
    locks.add(body, as, NOW);
    expect(problems(locks.stored)).toEqual([
      { chain: LOCK, seq: 2, what: expect.stringContaining(what) as string },
    ]);
  });

  it("is found where one person stands for both", () => {
    const locks = good();
    locks.unlock("a", "lead");
    locks.add(released("lead", "lead"), "lead", NOW);
    expect(problems(locks.stored)).toMatchObject([{ seq: 3, what: "one person is not two" }]);
  });

  it("is found where it begins with a lock from nowhere", () => {
    const body: EventBody = {
      kind: "lock.set",
      data: { id: "b", person: "sre", locks: [lock] },
      values: {},
    };
    const by = { actor: actorOf(callerOf("sre")), configuration: { seq: 1, hash: "" }, now: NOW };
    const first = nextEvent(emptyTail(LOCK), body, { ...by, random: counted });
    expect(problems([first])).toMatchObject([{ chain: LOCK, seq: 1 }]);
  });
});
