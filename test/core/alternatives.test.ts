import { describe, expect, it } from "vitest";
import { execAlternatives, lacking } from "../../core/alternatives.ts";
import { principalOfCaller } from "../../core/caller.ts";
import {
  callerOf,
  directoryWith,
  engine,
  permit,
  roadOf,
  rules,
  siteOf,
  wishOf,
} from "../kit/build-request.ts";

const both = permit("both", "payments-leads:1, sre:1", '@max_duration("1h")');
const short = permit("a-short", "sre:1", '@max_duration("10m")');
const of = (texts: string[], minutes?: number) =>
  execAlternatives(
    engine,
    rules(texts),
    {
      principal: principalOfCaller(callerOf("dev")),
      resource: siteOf().resource,
      facts: wishOf().facts,
    },
    minutes,
  );

describe("execAlternatives", () => {
  it("asks for 30 minutes, or for what is allowed if less, when nothing was said", () => {
    expect(of([both, short])).toMatchObject({
      durationMinutes: 30,
      alternatives: { rules: [{ id: "both" }] },
    });
    expect(of([short])).toMatchObject({
      durationMinutes: 10,
      alternatives: { rules: [{ id: "a-short" }] },
    });
  });

  it("keeps the rules that allow so long, to the minute, by name", () => {
    expect(of([both, short], 10)).toMatchObject({
      alternatives: { rules: [{ id: "a-short" }, { id: "both" }] },
    });
    expect(of([both, short], 11)).toMatchObject({ alternatives: { rules: [{ id: "both" }] } });
    expect(of([both, short], 61).alternatives).toMatchObject({
      kind: "too_long",
      longestMinutes: 60,
    });
    expect(of([]).alternatives).toMatchObject({ kind: "none" });
  });
});

describe("lacking", () => {
  it("names who could give what is missing, and nobody who is barred or has decided", () => {
    const directory = directoryWith({
      dev: ["payments-leads", "sre"],
      lead: ["payments-leads", "sre"],
    });
    const road = roadOf(rules([both], { directory }), { as: "bot" });
    const needs = () => lacking(road.state(), road.state().rules[0]?.needs ?? [], directory);
    expect(needs()).toEqual([
      { group: "payments-leads", count: 1, persons: ["lead"] },
      { group: "sre", count: 1, persons: ["lead", "sre"] },
    ]);
    road.decide("sre");
    expect(needs()).toEqual([{ group: "payments-leads", count: 1, persons: ["lead"] }]);
  });
});
