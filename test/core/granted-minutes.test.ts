import { describe, expect, it } from "vitest";
import { foldRequest } from "../../core/fold-request.ts";
import { MINUTE, NOW, permit, roadOf, rules, thrown } from "../kit/build-request.ts";

const both = rules([permit("both", "payments-leads:1, sre:1")]);

describe("an approval for less than was asked", () => {
  it.each([
    [15, undefined, 15],
    [undefined, 10, 10],
    [15, 10, 10],
    [10, 15, 10],
    [undefined, 30, 30],
  ])("grants the least that any of them would: %s and %s is %i", (first, second, minutes) => {
    const road = roadOf(both);
    road.decide("lead", { maxMinutes: first });
    road.decide("sre", { maxMinutes: second });
    expect(road.state().grant?.expiresAt).toBe(NOW + minutes * MINUTE);
  });

  it("makes no new card", () => {
    const road = roadOf(both);
    const { digest } = road.state();
    road.decide("lead", { maxMinutes: 15 });
    expect(road.state().digest).toBe(digest);
    expect(road.state().decisions).toMatchObject([{ person: "lead", maxMinutes: 15 }]);
  });

  it("counts no more once the card has changed", () => {
    const road = roadOf(both);
    road.decide("lead", { maxMinutes: 15 });
    road.configuration = rules([permit("both", "payments-leads:1, sre:1", '@max_duration("2h")')], {
      seq: 2,
    });
    expect(road.decide("sre")).toMatchObject({ kind: "recard" });
    road.decide("sre");
    road.decide("lead");
    expect(road.state().grant?.expiresAt).toBe(NOW + 30 * MINUTE);
  });

  it("may not lengthen, and means nothing on a denial", () => {
    const road = roadOf(both);
    expect(thrown(() => road.decide("lead", { maxMinutes: 31 })).code).toBe("body_invalid");
    const denial = { decision: "deny", maxMinutes: 15 } as const;
    expect(thrown(() => road.decide("lead", denial)).code).toBe("body_invalid");
    expect(road.stored).toHaveLength(1);
  });

  it("cannot be said after one without", () => {
    const road = roadOf(both);
    road.decide("lead");
    expect(thrown(() => road.decide("lead", { maxMinutes: 15 })).code).toBe("request_closed");
  });

  it.each([
    ["the first's", 15, undefined],
    ["the last's own", undefined, 15],
  ])("leaves no grant on record to be read that is longer than %s", (_, first, last) => {
    const road = roadOf(both);
    road.decide("lead", { maxMinutes: first });
    const { digest = "" } = road.state();
    const grant = (minutes: number) => ({ rule: "both", expiresAt: NOW + minutes * MINUTE });
    const data = {
      person: "sre",
      groups: ["sre"],
      ...(last === undefined ? {} : { maxMinutes: last }),
    };
    const event = (minutes: number) =>
      ({
        kind: "decision.approved",
        data: { ...data, grant: grant(minutes) },
        values: { digest },
      }) as const;
    const [id, before] = [road.state().id, [...road.stored]];
    const whole = road.add(event(15), "sre");
    expect(foldRequest(id, [...before, whole], []).stage).toBe("approved");
    const again = roadOf(both);
    again.decide("lead", { maxMinutes: first });
    again.add(event(16), "sre");
    expect(thrown(() => again.state()).code).toBe("record_corrupt");
  });
});
