import { describe, expect, it } from "vitest";
import { UNCLAIMED_MS } from "../../../core/due.ts";
import type { EventBody } from "../../../core/event-kinds.ts";
import { attempt, NOW, permit, type Road, roadOf, rules, thrown } from "../../kit/build-request.ts";

const sessionId = "ecs-execute-command-1";

function opened(): Road {
  const road = roadOf(rules([permit("one", "payments-leads:1")]));
  road.decide("lead");
  attempt(road, "opened");
  return road;
}
const unclaimed = (data: object = {}): EventBody => ({
  kind: "session.unclaimed",
  data: { attempt: 1, sessionId, status: "Connecting", ...data },
  values: {},
});
const ended: EventBody = {
  kind: "session.ended",
  data: { attempt: 1, sessionId, cause: "unclaimed", strength: "ssm-status", endedAt: null },
  values: {},
};
const read = (...events: [EventBody, number][]) => {
  const road = opened();
  for (const [body, at] of events) road.add(body, "dev", at);
  return road;
};

describe("that nobody joined a session", () => {
  it("is read two minutes after it was opened, and is a cause of its end", () => {
    const at = NOW + UNCLAIMED_MS;
    expect(read([unclaimed(), at], [ended, at]).state().attempts[0]).toMatchObject({
      state: "ended",
      isUnclaimed: true,
    });
  });

  it.each<[string, [EventBody, number][]]>([
    ["before its time", [[unclaimed(), NOW + UNCLAIMED_MS - 1]]],
    ["of another session", [[unclaimed({ sessionId: "another" }), NOW + UNCLAIMED_MS]]],
    ["as a cause that is not on record", [[ended, NOW + UNCLAIMED_MS]]],
    [
      "twice",
      [
        [unclaimed(), NOW + UNCLAIMED_MS],
        [unclaimed(), NOW + UNCLAIMED_MS],
      ],
    ],
  ])("is not read %s", (_, events) => {
    expect(thrown(() => read(...events).state()).code).toBe("record_corrupt");
  });
});

describe("that the right to a session was lost", () => {
  const lost = (data: object = {}): EventBody => ({
    kind: "session.ended",
    data: {
      attempt: 1,
      sessionId,
      cause: "right_lost",
      strength: "ssm-status",
      endedAt: null,
      judged: { at: NOW, groups: [] },
      ...data,
    },
    values: {},
  });
  /** With `seq` the activation it was judged under; it was opened under 1. */
  const under = (seq: number, body: EventBody) => {
    const road = opened();
    road.configuration = { ...road.configuration, seq };
    road.add(body, "dev", NOW);
    return road;
  };

  it("is read where it was judged under a later set, and as an earlier version wrote it", () => {
    expect(under(2, lost()).state().attempts[0]?.end?.cause).toBe("right_lost");
    const { data, ...rest } = lost() as EventBody & { kind: "session.ended" };
    const { judged: _, ...before } = data;
    expect(under(1, { ...rest, data: before }).state().attempts[0]?.state).toBe("ended");
  });

  it.each<[string, number, EventBody]>([
    ["judged under the set it was opened under", 1, lost()],
    ["judged where that was not the cause", 2, lost({ cause: "by_itself" })],
    ["judged after it was put on record", 2, lost({ judged: { at: NOW + 1, groups: [] } })],
    ["judged by no groups that anybody can read", 2, lost({ judged: { at: NOW, groups: "sre" } })],
  ])("is not read %s", (_, seq, body) => {
    expect(thrown(() => under(seq, body).state()).code).toBe("record_corrupt");
  });
});
