import { describe, expect, it } from "vitest";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { CallOnRecord } from "../../core/kinds/watched.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { attempt, counted, NOW, permit, roadOf, rules } from "../kit/build-request.ts";

const chain = "WATCH#111122223333#2026-11-24";
const seen = (change: Partial<CallOnRecord> = {}): CallOnRecord => ({
  cloudTrailId: "1",
  name: "ExecuteCommand",
  at: NOW,
  place: { account: "111122223333", region: "us-east-1" },
  caller: "arn:aws:iam::111122223333:role/sallyport/sallyport-exec",
  sourceIdentity: "dev",
  sessionName: null,
  about: null,
  sessionId: null,
  error: null,
  ...change,
});

function watched(
  bodies: EventBody[],
  by: { on?: string; now?: number; function?: "watcher" | "sweeper" } = {},
): StoredEvent[] {
  let tail = emptyTail(by.on ?? chain);
  return bodies.map((body) => {
    const event = nextEvent(tail, body, {
      actor: { kind: "gateway", function: by.function ?? "watcher", principal: "w" },
      configuration: { seq: 0, hash: "" },
      now: by.now ?? NOW,
      random: counted,
    });
    tail = tailAfter(tail, event);
    return event;
  });
}

function opened(): { stored: StoredEvent[]; request: string; sessionId: string } {
  const road = roadOf(rules([permit("one", "payments-leads:1")]));
  road.decide("lead");
  attempt(road, "opened");
  const { id, attempts } = road.state();
  return { stored: road.stored, request: id, sessionId: attempts[0]?.sessionId ?? "" };
}

const { stored, request, sessionId } = opened();
const matched = (call: Partial<CallOnRecord> = {}, number = 1): EventBody => ({
  kind: "call.matched",
  data: { call: seen({ sessionId, ...call }), request, attempt: number },
  values: {},
});
const differed = (cloudTrailId: string): EventBody => ({
  kind: "call.differed",
  data: {
    call: seen({ cloudTrailId }),
    differences: ["caller"],
    request: null,
    attempt: null,
    guarded: true,
  },
  values: {},
});

describe("what the watcher found", () => {
  it("verifies with the request it is of, and without it", () => {
    const found = watched([matched(), differed("2")]);
    expect(verifyChains([...stored, ...found]).problems).toEqual([]);
    expect(verifyChains(found).problems).toEqual([]);
  });

  it.each([
    ["a second call of one attempt", [matched(), matched({ cloudTrailId: "2" })], 2, "one call"],
    [
      "a call of no intent",
      [differed("9"), matched({}, 2)],
      2,
      "nothing was intended that it could be the call of",
    ],
    [
      "a call with another session",
      [matched({ sessionId: "ecs-execute-command-other" })],
      1,
      "another session",
    ],
    ["a call twice", [differed("2"), differed("2")], 2, "that finding is on record twice"],
  ])("does not verify with %s", (_, bodies, seq, what) => {
    expect(verifyChains([...stored, ...watched(bodies)]).problems).toEqual([
      { chain, seq, what: expect.stringContaining(what) },
    ]);
  });

  it("does not verify where two chains have the call of one attempt", () => {
    const on = "WATCH#444455556666#2026-11-24";
    const twice = [...watched([matched()]), ...watched([matched({ cloudTrailId: "2" })], { on })];
    expect(verifyChains(twice).problems).toMatchObject([{ chain: on, seq: 1 }]);
  });

  it("is found by the watcher, or of the stream by the sweeper, on its account's chain of that day", () => {
    const problem = (by: Parameters<typeof watched>[1]) =>
      verifyChains(watched([differed("1")], by)).problems;
    expect(problem({})).toEqual([]);
    expect(problem({ function: "sweeper" })).toMatchObject([
      { what: "it is not the watcher that found it" },
    ]);
    const touched: EventBody = {
      kind: "item.touched",
      data: { id: "1", action: "MODIFY", about: "REQ#1 E#000001" },
      values: {},
    };
    const heard = (by: Parameters<typeof watched>[1]) =>
      verifyChains(watched([touched], by)).problems;
    expect(heard({ function: "sweeper" })).toEqual([]);
    expect(heard({})).toMatchObject([{ what: "it is not the sweeper that found it" }]);
    expect(verifyChains(watched([touched, touched], { function: "sweeper" })).problems).toEqual([
      { chain, seq: 2, what: "that finding is on record twice" },
    ]);
    expect(problem({ now: NOW + 86_400_000 })).toHaveLength(1);
    expect(problem({ on: "WATCH#here#2026-11-24" })).toHaveLength(1);
  });
});
