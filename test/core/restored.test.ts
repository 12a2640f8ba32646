import { describe, expect, it } from "vitest";
import { foldRequest } from "../../core/fold-request.ts";
import { holdingOf, leaving, slotChain, taking } from "../../core/holds.ts";
import { behindFences, isVoid, isVoided, RESTORED } from "../../core/restored.ts";
import { permit, roadOf, rules, thrown } from "../kit/build-request.ts";

const fence = (seq: number, at = 0) => ({ seq, at });

describe("isVoid", () => {
  it("is what was recorded under a lower number than a fence, and nothing else", () => {
    expect(isVoid(4, [])).toBeUndefined();
    expect(isVoid(4, [fence(5)])).toEqual(fence(5));
    expect(isVoid(5, [fence(5)])).toBeUndefined();
    expect(isVoid(6, [fence(5)])).toBeUndefined();
    expect(isVoid(6, [fence(5), fence(9)])).toEqual(fence(9));
  });

  it("is seen from behind a fence alone", () => {
    expect(isVoid(4, [fence(5)], 4)).toBeUndefined();
    expect(isVoid(4, [fence(5)], 5)).toEqual(fence(5));
  });
});

describe("behindFences", () => {
  const road = roadOf(rules([permit("one", "payments-leads:1")]));
  const pending = road.state();
  const under = pending.configuration.seq;

  it("revokes what waits and what was granted, by nobody", () => {
    const stopped = behindFences(pending, [fence(under + 1, pending.askedAt)]);
    expect(stopped).toMatchObject({ stage: "revoked", outcome: { code: RESTORED } });
    expect(stopped.outcome).not.toHaveProperty("by");
    expect(isVoided(stopped)).toBe(true);
    expect(isVoided({ stage: "revoked", outcome: { code: "revoked", detail: "", at: 0 } })).toBe(
      false,
    );
  });

  it("leaves what was over by then as it was, for good, and what came after", () => {
    const lapsed = behindFences(pending, [fence(under + 1, pending.lapsesAt)]);
    expect(lapsed).toEqual({ ...pending, stage: "lapsed" });
    expect(behindFences(pending, [fence(under)])).toBe(pending);
    const denied = { ...pending, stage: "denied" as const };
    expect(behindFences(denied, [fence(under + 1)])).toBe(denied);
  });

  it("lets no event of a later set follow on what a fence has voided", () => {
    const late = roadOf(rules([permit("one", "payments-leads:1")]));
    const id = late.state().id;
    late.configuration = { ...late.configuration, seq: under + 1 };
    late.decide("lead");
    expect(foldRequest(id, late.stored, []).stage).toBe("approved");
    const fences = [fence(under + 1, pending.askedAt)];
    expect(thrown(() => foldRequest(id, late.stored, fences)).code).toBe("record_corrupt");
  });
});

describe("a container's chain behind a fence", () => {
  const chain = slotChain("arn:aws:ecs:us-east-1:111122223333:task/demo/t", "app", false);

  it("is held by nobody from before it, and says so to whoever reads the chain alone", () => {
    const held = { requestId: "a", attempt: 1 };
    const own = { requestId: "b", attempt: 1 };
    const holding = { tail: holdingOf(chain, undefined, []).tail, holds: [], voided: [held] };
    expect(leaving(holding, held)).toBeUndefined();
    expect(taking(holding, own, [])).toEqual({ ...own, displaced: [held], holds: [own] });
  });
});
