import { describe, expect, it } from "vitest";
import { SETTLE_MS, UNCLAIMED_MS } from "../../core/due.ts";
import { dutiesOf } from "../../core/duties.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { handedOver, replaceable } from "../../core/replacement.ts";
import { statusAt } from "../../core/request-state.ts";
import { mayOpen } from "../../core/right-to-open.ts";
import {
  attempt,
  callerOf,
  MINUTE,
  NOW,
  permit,
  type Road,
  roadOf,
  rules,
  thrown,
  wishOf,
} from "../kit/build-request.ts";

const sessionId = "ecs-execute-command-1";
const dev = callerOf("dev");
const lost = { attempt: 1, sessionId };
const replaced = { ...lost, strength: "ssm-status" as const, endedAt: NOW + 1 };
const asking = (data: object = {}): EventBody => ({
  kind: "replace.asked",
  data: { ...lost, person: "dev", ...data },
  values: {},
});
const corrupt = (road: Road) => thrown(() => road.state()).code;

/** A shell that was approved and opened, and whose client has gone. */
function opened(argv = ["/bin/sh"]): Road {
  const road = roadOf(rules([permit("one", "payments-leads:1")]), { wish: wishOf({ argv }) });
  road.decide("lead");
  attempt(road, "opened");
  return road;
}
function asked(): Road {
  const road = opened();
  road.add(asking(), "dev");
  return road;
}
/** The intent that follows the lost session, as it is opened once that is over. */
function following(road: Road, replaces: object = replaced): EventBody {
  const intent = freshIntent(road);
  return { ...intent, data: { ...intent.data, replaces } } as EventBody;
}
function freshIntent(road: Road) {
  const twin = roadOf(rules([permit("one", "payments-leads:1")]), {
    wish: wishOf({ argv: ["/bin/sh"] }),
  });
  twin.decide("lead");
  const { intent } = twin.open();
  const next = road.state().attempts.length + 1;
  const roleSessionName = `req-${road.state().id}.${next}`;
  return { ...intent, data: { ...intent.data, attempt: next, roleSessionName } };
}

describe("a session that was lost", () => {
  it("is replaced by its owner, while it goes on", () => {
    expect(replaceable(opened().state(), dev, sessionId)).toMatchObject(lost);
    expect(thrown(() => replaceable(opened().state(), callerOf("lead"), sessionId)).code).toBe(
      "not_permitted",
    );
    expect(thrown(() => replaceable(opened().state(), dev, "another")).code).toBe(
      "session_not_found",
    );
    const over = handedOver(opened().state(), replaced, NOW);
    expect(thrown(() => replaceable(over, dev, sessionId)).code).toBe("not_replaceable");
  });

  it("is not replaced where its command is no shell", () => {
    const road = opened(["/bin/ls"]);
    expect(thrown(() => replaceable(road.state(), dev, sessionId)).code).toBe("not_replaceable");
    road.add(asking(), "dev");
    expect(corrupt(road)).toBe("record_corrupt");
  });

  it("holds its use until it is over, and gives it to one more intent", () => {
    const road = asked();
    expect(thrown(() => mayOpen(road.state(), dev, NOW)).code).toBe("session_already_opened");
    expect(() => mayOpen(handedOver(road.state(), replaced, NOW), dev, NOW)).not.toThrow();
    road.add(following(road), "dev");
    const { attempts } = road.state();
    expect(attempts.map(({ state }) => state)).toEqual(["ended", "opening"]);
    expect(attempts[0]?.end).toEqual({ at: NOW + 1, cause: "replaced", strength: "ssm-status" });
    expect(thrown(() => mayOpen(road.state(), dev, NOW)).code).toBe("session_already_opened");
  });

  it("is replaced once under one use, whatever became of the other", () => {
    const road = asked();
    road.add(following(road), "dev");
    const failed = { attempt: 2, code: "throttled" as const, aws: null };
    road.add({ kind: "exec.failed", data: failed, values: {} }, "dev");
    // Its use was given back: it opens again, and is not replaced again.
    expect(() => mayOpen(road.state(), dev, NOW)).not.toThrow();
    const next = freshIntent(road);
    road.add(next, "dev");
    const { taskArn, container } = next.data;
    road.add(
      {
        kind: "session.opened",
        data: {
          attempt: 3,
          sessionId: "ecs-execute-command-3",
          clusterArn: "",
          taskArn,
          containerArn: "",
          containerName: container,
          delivered: true,
          withheld: null,
        },
        values: {},
      },
      "dev",
    );
    expect(thrown(() => replaceable(road.state(), dev, "ecs-execute-command-3")).code).toBe(
      "not_replaceable",
    );
    road.add(asking({ attempt: 3, sessionId: "ecs-execute-command-3" }), "dev");
    expect(corrupt(road)).toBe("record_corrupt");
  });

  it.each<[string, (road: Road) => void]>([
    ["by somebody else", (road) => road.add(asking({ person: "lead" }), "lead")],
    ["under another's name", (road) => road.add(asking(), "lead")],
    ["by another id", (road) => road.add(asking({ sessionId: "another" }), "dev")],
    ["by an intent nobody asked it for", (road) => road.add(following(road), "dev")],
  ])("replaced %s is not read", (_, write) => {
    const road = opened();
    write(road);
    expect(corrupt(road)).toBe("record_corrupt");
  });

  it("is not followed by an intent that names another session", () => {
    const road = asked();
    road.add(following(road, { ...replaced, sessionId: "another" }), "dev");
    expect(corrupt(road)).toBe("record_corrupt");
  });

  it("is not replaced once somebody has asked for its end, before or after", () => {
    const endAsked: EventBody = { kind: "end.asked", data: { ...lost, person: "sre" }, values: {} };
    const ending = opened();
    ending.add(endAsked, "sre");
    expect(thrown(() => replaceable(ending.state(), dev, sessionId)).code).toBe("not_replaceable");
    ending.add(asking(), "dev");
    expect(corrupt(ending)).toBe("record_corrupt");
    const late = asked();
    late.add(endAsked, "sre");
    expect(thrown(() => replaceable(late.state(), dev, sessionId)).code).toBe("not_replaceable");
    late.add(following(late), "dev");
    expect(corrupt(late)).toBe("record_corrupt");
  });

  it("is not followed by an intent once it was found unclaimed, before or after", () => {
    const unclaimed: EventBody = {
      kind: "session.unclaimed",
      data: { ...lost, status: "Connecting" },
      values: {},
    };
    for (const bodies of [
      [asking(), unclaimed],
      [unclaimed, asking()],
    ]) {
      const road = opened();
      for (const body of bodies) road.add(body, "dev", NOW + UNCLAIMED_MS);
      expect(thrown(() => replaceable(road.state(), dev, sessionId)).code).toBe("not_replaceable");
      expect(thrown(() => mayOpen(handedOver(road.state(), replaced, NOW), dev, NOW)).code).toBe(
        "session_already_opened",
      );
      road.add(following(road), "dev", NOW + UNCLAIMED_MS);
      expect(corrupt(road)).toBe("record_corrupt");
    }
  });

  it("that ended because somebody asked for it was the use, whatever had been wanted", () => {
    const road = asked();
    road.add({ kind: "end.asked", data: { ...lost, person: "sre" }, values: {} }, "sre");
    const how = { cause: "asked", strength: "ssm-status", endedAt: null } as const;
    road.add({ kind: "session.ended", data: { ...lost, ...how }, values: {} }, "sre");
    expect(statusAt(road.state(), NOW + MINUTE)).toBe("closed");
    expect(thrown(() => mayOpen(road.state(), dev, NOW + MINUTE)).code).toBe(
      "session_already_opened",
    );
  });

  it("is ended by the sweeper a minute later, where whoever wanted that has gone", () => {
    const state = asked().state();
    const kept = () => ({ kind: "kept" }) as const;
    const standing = { stay: kept, groups: [], locks: [], activatedAt: 0 };
    expect(dutiesOf(state, standing, NOW + SETTLE_MS - 1)).toEqual([]);
    expect(dutiesOf(state, standing, NOW + SETTLE_MS)).toMatchObject([
      { kind: "end", cause: "replaced" },
    ]);
    const ended: EventBody = {
      kind: "session.ended",
      data: { ...replaced, cause: "replaced", endedAt: null },
      values: {},
    };
    const road = asked();
    road.add(ended, "dev", NOW + SETTLE_MS);
    // Nobody is stranded: the use is free, until its time is over.
    expect(statusAt(road.state(), NOW + SETTLE_MS)).toBe("approved");
    expect(() => mayOpen(road.state(), dev, NOW + SETTLE_MS)).not.toThrow();
    expect(statusAt(road.state(), NOW + 60 * MINUTE)).toBe("closed");
  });
});
