import { describe, expect, it } from "vitest";
import { breakingGlass } from "../../core/emergency-rules.ts";
import { factsOf } from "../../core/facts.ts";
import type { Verdict } from "../../core/policy-engine.ts";
import { emergency } from "../kit/break-glass.ts";
import { engine, permit, rules } from "../kit/build-request.ts";
import { principal, target } from "../policies/demo-set.ts";

const resource = target("service", "demo", "payments-api");
const shell = factsOf(["/bin/sh"], { ticket: false, windows: false });
const forbidden = `@id("closed") forbid (principal, action == Sallyport::Action::"exec", resource);`;

function verdict(texts: string[], inEmergency: boolean): Verdict {
  const policy = inEmergency ? breakingGlass(engine) : engine;
  const question = { principal: principal("sre"), action: "exec" as const, resource, facts: shell };
  return policy.judge(rules(texts), question);
}
const named = (given: Verdict) => [
  given.kind,
  given.kind === "permit" ? given.rules.map(({ id }) => id) : given.rules,
];

describe("a rule for emergencies", () => {
  const both = [emergency("glass"), permit("ordinary", "sre:1")];

  it("permits nothing but in one, even where nothing else would", () => {
    expect(named(verdict(both, false))).toEqual(["permit", ["ordinary"]]);
    expect(verdict([emergency("glass")], false)).toEqual({
      kind: "deny",
      why: "no_permit",
      rules: ["glass"],
      errors: ["glass: only by breaking the glass"],
    });
  });

  it("is the only one that permits anything in an emergency, a shell included", () => {
    expect(named(verdict(both, true))).toEqual(["permit", ["glass"]]);
    expect(named(verdict([permit("ordinary", "none")], true))).toEqual(["deny", []]);
  });

  it("gives way to a forbid", () => {
    expect(named(verdict([...both, forbidden], true))).toEqual(["deny", ["closed"]]);
  });

  it("is not held up by an ordinary rule that cannot be filled in", () => {
    const unfillable = permit("broken", "{owner}-leads:1");
    expect(verdict([unfillable], false)).toMatchObject({ kind: "deny", why: "error" });
    expect(named(verdict([emergency("glass"), unfillable], true))).toEqual(["permit", ["glass"]]);
  });

  it("says that somebody may ask there in an emergency alone; an ordinary one says it in both", () => {
    const may = (texts: string[], inEmergency: boolean) =>
      (inEmergency ? breakingGlass(engine) : engine).mayAskThere(
        rules(texts),
        principal("sre"),
        resource,
      );
    expect([may([emergency("glass")], false), may([emergency("glass")], true)]).toEqual([
      false,
      true,
    ]);
    expect([may([permit("one", "sre:1")], false), may([permit("one", "sre:1")], true)]).toEqual([
      true,
      true,
    ]);
  });

  it("may be activated for any command, and needs no list of exact ones", () => {
    const texts = rules([emergency("glass"), permit("automatic", "none")]);
    const { policies, schema } = texts;
    const found = engine.check({ policies, schema, directory: "{}" });
    expect(found.filter(({ where }) => where === "glass")).toEqual([]);
    expect(found.filter(({ where }) => where === "automatic")).toHaveLength(1);
  });
});
