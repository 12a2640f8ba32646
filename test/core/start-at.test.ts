import { describe, expect, it } from "vitest";
import { dueBy } from "../../core/due.ts";
import { isWithinReach, LATEST_START_MS, requireWithinReach } from "../../core/start-at.ts";
import { MINUTE, NOW, permit, roadOf, rules, thrown, wishOf } from "../kit/build-request.ts";

const both = rules([permit("both", "payments-leads:1, sre:1")]);
const HOUR = 60 * MINUTE;
const later = NOW + 2 * HOUR;
const scheduled = (startAt = later, configuration = both) =>
  roadOf(configuration, { wish: wishOf({ startAt }) });

describe("a start that is asked for", () => {
  it("stands on the card, so that another start is another digest", () => {
    const { card, digest } = scheduled().state();
    expect(card).toMatchObject({ start: "not before 2026-11-24T10:20:00.000Z" });
    expect(scheduled(later + MINUTE).state().digest).not.toBe(digest);
    expect(roadOf(both).state().card).toMatchObject({ start: "when the last approval is given" });
  });

  it("lets the grant's time run from then on, and the end of it be due", () => {
    const road = scheduled();
    road.decide("lead");
    const last = road.decide("sre", {}, NOW + MINUTE);
    const grant = { rule: "both", startsAt: later, expiresAt: later + 30 * MINUTE };
    expect(road.state().grant).toEqual(grant);
    if (last.kind !== "append") throw new Error(last.kind);
    expect(dueBy({ ...last.body, at: NOW })).toEqual([grant.expiresAt]);
  });

  it("begins with the last approval where that comes after it", () => {
    const road = scheduled();
    road.decide("lead");
    road.decide("sre", {}, later + MINUTE);
    expect(road.state().grant).toMatchObject({
      startsAt: later + MINUTE,
      expiresAt: later + 31 * MINUTE,
    });
  });

  it("counts for what a rule approves by itself", () => {
    const road = scheduled(later, rules([permit("alone", "none")]));
    expect(road.state().grant).toMatchObject({ startsAt: later, expiresAt: later + 30 * MINUTE });
    expect(thrown(() => road.open())).toMatchObject({ code: "not_started" });
  });

  it("opens nothing until the very millisecond, and then until its end", () => {
    const road = scheduled();
    road.decide("lead");
    road.decide("sre");
    const early = thrown(() => road.open(undefined, later - 1));
    expect(early).toMatchObject({
      code: "not_started",
      members: { startsAt: "2026-11-24T10:20:00.000Z" },
    });
    expect(road.open(undefined, later).rule).toBe("both");
    expect(road.open(undefined, later + 30 * MINUTE - 1).rule).toBe("both");
    expect(thrown(() => road.open(undefined, later + 30 * MINUTE)).code).toBe("request_closed");
  });

  it("does not keep a request from lapsing while it waits", () => {
    const ttl = rules([
      permit("both", "payments-leads:1", '@max_duration("1h") @request_ttl("1h")'),
    ]);
    const road = scheduled(later, ttl);
    expect(thrown(() => road.decide("lead", {}, NOW + HOUR)).code).toBe("request_closed");
  });

  it.each([
    [NOW - 1, false],
    [NOW, true],
    [NOW + LATEST_START_MS, true],
    [NOW + LATEST_START_MS + 1, false],
  ])("at %i is within reach: %s", (startAt, fits) => {
    expect(isWithinReach(startAt, NOW)).toBe(fits);
    const codes = () => thrown(() => requireWithinReach(startAt, NOW)).code;
    expect(fits || codes() === "body_invalid").toBe(true);
  });
});
