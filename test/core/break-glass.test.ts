import { describe, expect, it } from "vitest";
import { foldRequest } from "../../core/fold-request.ts";
import { locksOf } from "../../core/locks.ts";
import { open } from "../../core/open.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { statusAt } from "../../core/request-state.ts";
import {
  brokenBody,
  emergencies,
  emergency,
  GLASS_ID,
  glassRoad,
  glassState,
} from "../kit/break-glass.ts";
import {
  callerOf,
  engine,
  MINUTE,
  NOW,
  permit,
  rules,
  siteOf,
  taskOf,
  thrown,
  wishOf,
} from "../kit/build-request.ts";

const openAs = (configuration: Configuration, state = glassState(), now = NOW) =>
  open(engine, configuration, state, callerOf("sre"), siteOf(), locksOf(undefined, []), now);

describe("breaking the glass", () => {
  it("grants at once, for as long as was asked, and owes a review within a day", () => {
    const { data, values } = brokenBody({
      wish: wishOf({ durationMinutes: 45, reason: "payments are failing" }),
    });
    expect(data).toMatchObject({
      requester: { person: "sre" },
      rule: "glass",
      expiresAt: NOW + 45 * MINUTE,
      reviewDueAt: NOW + 24 * 60 * MINUTE,
      day: "2026-11-24",
      count: 1,
      limit: 3,
    });
    expect(values.card).toMatchObject({ breakGlass: true, reason: "payments are failing" });
    const state = foldRequest(GLASS_ID, glassRoad(), []);
    expect([statusAt(state, NOW), state.breakGlass]).toEqual([
      "approved",
      {
        rule: "glass",
        reviewDueAt: NOW + 24 * 60 * MINUTE,
        day: "2026-11-24",
        count: 1,
        limit: 3,
      },
    ]);
  });

  it("is limited by its rule, and by the next one that permits it where that lets through more", () => {
    const two = rules([
      emergency("a", '@max_duration("1h") @max_per_day("1")'),
      emergency("b", '@max_duration("1h") @max_per_day("2") @review_within("1h")'),
    ]);
    const by = (spent: number) => brokenBody({ configuration: two, spent }).data;
    expect([by(0).rule, by(1).rule, by(1).count, by(1).limit]).toEqual(["a", "b", 2, 2]);
    expect(by(1).reviewDueAt).toBe(NOW + 60 * MINUTE);
    const { code, hint } = thrown(() => by(2));
    expect(code).toBe("break_glass_limit");
    expect(hint).toContain("`sallyport exec`");
    expect(hint).toContain("from 2026-11-25T00:00:00.000Z on you may again");
  });

  it("is refused where no rule for emergencies permits it, for so long, or ECS Exec would fail", () => {
    const { message, hint } = thrown(() =>
      brokenBody({ configuration: rules([permit("ordinary", "sre:1")]) }),
    );
    expect(message).toBe("no rule lets you break the glass for this there");
    expect(hint).toContain("`sallyport policy who`");
    const code = (change: Parameters<typeof brokenBody>[0]) =>
      thrown(() => brokenBody(change)).code;
    expect(code({ configuration: rules([permit("ordinary", "sre:1")]) })).toBe("refused_by_rule");
    expect(code({ wish: wishOf({ durationMinutes: 61 }) })).toBe("refused_by_rule");
    const off = siteOf({ tasks: [taskOf(1, { enableExecuteCommand: false })] });
    expect(code({ site: off })).toBe("preflight_failed");
  });
});

describe("opening what the glass was broken for", () => {
  it("is judged again by the rules for emergencies as they are now, and by no other", () => {
    expect(openAs(emergencies).intent.data).toMatchObject({ rule: "glass", approvals: [] });
    for (const now of [
      [permit("glass", "none")],
      [emergency("another")],
      [emergency("glass", '@max_duration("15m")')],
      [emergency("glass"), `@id("no") forbid (principal, action, resource);`],
    ]) {
      expect(thrown(() => openAs(rules(now))).code).toBe("refused_by_rule");
    }
  });

  it("T38 is for as long as was granted then, and not a minute more by opening late", () => {
    const last = NOW + 30 * MINUTE;
    expect(openAs(emergencies, glassState(), last - 1).intent.data.expiresAt).toBe(last);
    expect(thrown(() => openAs(emergencies, glassState(), last)).code).toBe("request_closed");
  });
});
