import { describe, expect, it } from "vitest";
import { changeOf, type Outcome, outcomeUnder, wishOf } from "../../../core/replay/outcome.ts";
import {
  directoryWith,
  engine,
  permit,
  roadOf,
  rules,
  wishOf as wanted,
} from "../../kit/build-request.ts";
import { demoDirectory } from "../../policies/demo-set.ts";

const both = rules([permit("both", "payments-leads:1, sre:1")]);
const recorded = (wish = wanted()) => {
  const [event] = roadOf(both, { wish }).stored;
  const found = event && wishOf(event);
  if (found === undefined) throw new Error("no wish");
  return found;
};

describe("what other rules make of a request on record", () => {
  it("is what they say of its target and facts, with the groups their own directory knows", () => {
    expect(outcomeUnder(engine, both, recorded())).toEqual({
      kind: "approval",
      rules: [
        {
          id: "both",
          needs: [
            { group: "payments-leads", count: 1 },
            { group: "sre", count: 1 },
          ],
        },
      ],
    });
    const alone = rules([permit("alone", "none"), permit("more", "sre:1")]);
    expect(outcomeUnder(engine, alone, recorded()).kind).toBe("automatic");
    const members = `@id("members") @approvals("sre:1") @max_duration("1h")
permit (principal, action == Sallyport::Action::"exec", resource)
when { principal.groups.contains("payments") };`;
    const left = rules([members], { directory: directoryWith({ dev: [] }) });
    expect(outcomeUnder(engine, left, recorded())).toMatchObject({
      kind: "refused",
      why: "no_permit",
    });
  });

  it("is a refusal where who asked is gone, and where nothing is allowed for so long", () => {
    const persons = demoDirectory.persons.filter(({ id }) => id !== "dev");
    const gone = rules([permit("alone", "none")], { directory: { ...demoDirectory, persons } });
    expect(outcomeUnder(engine, gone, recorded())).toEqual({
      kind: "refused",
      why: "not in the directory",
      rules: [],
    });
    const short = rules([permit("short", "sre:1", '@max_duration("10m")')]);
    expect(outcomeUnder(engine, short, recorded(wanted({ durationMinutes: 30 })))).toEqual({
      kind: "refused",
      why: "too long",
      rules: ["short"],
    });
    // Left to the rules, it is as long as they allow.
    expect(outcomeUnder(engine, short, recorded()).kind).toBe("approval");
  });

  it("is not asked of a decision, nor of a wish that was erased", () => {
    const road = roadOf(both);
    road.decide("lead");
    const [asked, approved] = road.stored;
    if (asked === undefined || approved === undefined) throw new Error("no events");
    expect(wishOf(approved)).toBeUndefined();
    expect(wishOf({ ...asked, open: {} })).toBeUndefined();
    expect(wishOf({ ...asked, leaf: "{}" })).toBeUndefined();
  });
});

describe("a change of outcome", () => {
  const needs = [{ group: "sre", count: 1 }];
  const approval: Outcome = { kind: "approval", rules: [{ id: "a", needs }] };
  const automatic: Outcome = { kind: "automatic", rules: [{ id: "a", needs: [] }] };
  const refused: Outcome = { kind: "refused", why: "no_permit", rules: [] };
  it.each<[Outcome, Outcome, ReturnType<typeof changeOf>]>([
    [approval, refused, "allowed to refused"],
    [automatic, refused, "allowed to refused"],
    [refused, automatic, "refused to allowed"],
    [automatic, approval, "automatic to approval"],
    [approval, automatic, "approval to automatic"],
    [approval, { ...approval, rules: [{ id: "b", needs }] }, "needs changed"],
    [refused, { kind: "refused", why: "forbid", rules: ["no"] }, "refused otherwise"],
    [approval, { ...approval }, undefined],
  ])("from %j to %j is: %s", (before, after, change) => {
    expect(changeOf(before, after)).toBe(change);
  });
});
