import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { judgePolicyCase, type PolicyCase, parsePolicyCase } from "../../core/policy-case.ts";
import { configurationOf, demoTexts } from "./demo-set.ts";

function cases(kind: "allow" | "deny"): { name: string; given: PolicyCase }[] {
  const folder = new URL(`../../policies/cases/${kind}/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const parsed = parsePolicyCase(readFileSync(new URL(file, folder), "utf8"));
      if (parsed.kind === "invalid") throw new Error(`${file}: ${parsed.why}`);
      return { name: file.replace(".json", "").replaceAll("-", " "), given: parsed.given };
    });
}

const engine = cedarPolicyEngine();
const configuration = configurationOf();
const allowed = cases("allow");
const denied = cases("deny");

describe("the demo's rules", () => {
  it("may be activated", () => {
    expect(engine.check(demoTexts)).toEqual([]);
  });

  it.each(allowed)("allow: $name", ({ given }) => {
    expect(judgePolicyCase(engine, configuration, given, "allow")).toEqual([]);
  });

  it.each(denied)("deny: $name", ({ given }) => {
    expect(judgePolicyCase(engine, configuration, given, "deny")).toEqual([]);
  });

  it("have a case that allows and one that denies, for every action of the schema", () => {
    const actions = [...demoTexts.schema.matchAll(/^ {2}action ([a-z, ]+) appliesTo/gm)].flatMap(
      (match) => (match[1] ?? "").split(", "),
    );
    expect(actions.toSorted()).toEqual([
      "activate",
      "approve",
      "audit",
      "exec",
      "lock",
      "read",
      "revoke",
    ]);
    for (const list of [allowed, denied]) {
      expect([...new Set(list.map(({ given }) => given.action))].toSorted()).toEqual(
        actions.toSorted(),
      );
    }
  });

  it("are each decisive in some case", () => {
    const named = [...allowed, ...denied].flatMap(({ given }) =>
      Array.isArray(given.rules) ? given.rules : Object.keys(given.rules),
    );
    const written = [...demoTexts.policies.matchAll(/^@id\("([^"]+)"\)/gm)].map(
      (match) => match[1] ?? "",
    );
    expect([...new Set(named)].toSorted()).toEqual(written.toSorted());
  });
});
