import { describe, expect, it } from "vitest";
import { actorOf } from "../../core/caller.ts";
import { nextEvent, type StoredEvent } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { type LockSubject, locksOf } from "../../core/locks.ts";
import { setting } from "../../core/unlock.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { brokenBody, countOf, GLASS_ID, glassRoad, openGlass } from "../kit/break-glass.ts";
import { callerOf, counted, NOW, permit, roadOf, rules, siteByTask } from "../kit/build-request.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";
const task = String(1).padStart(32, "0");

function lockedChain(subject: LockSubject): StoredEvent[] {
  const before = locksOf(undefined, []);
  const body = setting(
    before,
    {
      id: "l",
      subject,
      person: "sre",
      reason: "r",
      durationMinutes: 5,
      bodyHash: "",
      repeat: undefined,
    },
    NOW,
  );
  const by = { actor: actorOf(callerOf("sre")), configuration: { seq: 1, hash: "" }, now: NOW };
  return [nextEvent(before.tail, body, { ...by, random: counted })];
}

function openedBody(attempt: number, taskArn: string, containerName: string): EventBody {
  return {
    kind: "session.opened",
    data: {
      attempt,
      sessionId: "s",
      clusterArn: "",
      taskArn,
      containerArn: "",
      containerName,
      delivered: true,
      withheld: null,
    },
    values: {},
  };
}

function endedBody(attempt: number, lock: string): EventBody {
  const how = { cause: "locked", strength: "ssm-status", endedAt: null, lock } as const;
  return { kind: "session.ended", data: { attempt, sessionId: "s", ...how }, values: {} };
}

/** A session that was opened under an event of LOCK, and ended by a lock. */
function opened(under: number, endedBy?: string): StoredEvent[] {
  const road = roadOf(rules([permit("one", "payments-leads:1")]), { site: siteByTask() });
  road.decide("lead");
  const { intent } = road.open(siteByTask());
  road.add({ ...intent, data: { ...intent.data, locks: under } }, "dev");
  const { attempt, taskArn, container } = intent.data;
  road.add(openedBody(attempt, taskArn, container), "dev");
  if (endedBy !== undefined) road.add(endedBody(attempt, endedBy), "dev");
  return road.stored;
}

const subjects: LockSubject[] = [
  { kind: "person", id: "dev" },
  { kind: "person", id: "lead" }, // who approved it
  { kind: "cluster", id: `${arn}:cluster/demo` },
  { kind: "service", id: `${arn}:service/demo/payments-api` },
  { kind: "task", id: `${arn}:task/demo/${task}` },
];
const problems = (events: StoredEvent[]) => verifyChains(events).problems.map(({ what }) => what);

describe("the checker", () => {
  it.each(subjects)("T15 finds an intent under a lock on its $kind: $id", (subject) => {
    const locked = lockedChain(subject);
    expect(problems([...locked, ...opened(0)])).toEqual([]);
    expect(problems([...locked, ...opened(1)])).toEqual(["it was locked by l"]);
  });

  it("knows who broke the glass as it knows who asked", () => {
    const { intent } = openGlass();
    const { attempt, taskArn, container } = intent.data;
    const session = (locks: number, endedBy: string): StoredEvent[] =>
      glassRoad(
        brokenBody(),
        { body: { ...intent, data: { ...intent.data, locks } }, as: "sre" },
        { body: openedBody(attempt, taskArn, container), as: "sre" },
        { body: endedBody(attempt, endedBy), as: "sre" },
      );
    const count = countOf([GLASS_ID]);
    const locked = lockedChain({ kind: "person", id: "sre" });
    expect(problems([...locked, ...count, ...session(0, "l")])).toEqual([]);
    expect(problems([...locked, ...count, ...session(1, "l")])).toEqual(["it was locked by l"]);
    const other = lockedChain({ kind: "person", id: "lead" });
    expect(problems([...other, ...count, ...session(0, "l")])).toEqual(["lock l was none on it"]);
  });

  it("finds none wrong under a lock on something else", () => {
    const others = lockedChain({ kind: "person", id: "sre" });
    expect(problems([...others, ...opened(1)])).toEqual([]);
  });

  it("finds an intent under an event of LOCK that is not there", () => {
    expect(problems([...lockedChain({ kind: "person", id: "sre" }), ...opened(2)])).toEqual([
      "it names an event LOCK #2 that is not there",
    ]);
  });

  it("finds an end by a lock that was none on it", () => {
    const [person] = subjects;
    if (person === undefined) throw new Error("no subject");
    expect(problems([...lockedChain(person), ...opened(0, "l")])).toEqual([]);
    expect(problems([...lockedChain(person), ...opened(0, "other")])).toEqual([
      "lock other was none on it",
    ]);
    expect(problems([...lockedChain({ kind: "person", id: "sre" }), ...opened(0, "l")])).toEqual([
      "lock l was none on it",
    ]);
  });
});
