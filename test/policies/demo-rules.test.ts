import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { checkCommand } from "../../core/facts.ts";
import type { Action, Question, Resource, Verdict } from "../../core/policy-engine.ts";
import { configurationOf, demoTexts, principal, target } from "./demo-set.ts";

interface Case {
  who: string;
  action: Action;
  on: "gateway" | { service?: string; family?: string; tags: { [key: string]: string } };
  command?: string;
  ticket?: boolean;
  mayAskThere?: boolean;
  /** For a deny. */
  why?: string;
  /** Ids of the rules that decide; of permits, with what each needs. */
  rules: string[] | { [id: string]: string[] };
}

const MEMBERS = ["who", "action", "on", "command", "ticket", "mayAskThere", "why", "rules"];

function cases(kind: "allow" | "deny"): { name: string; given: Case }[] {
  const folder = new URL(`../../policies/cases/${kind}/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const given = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case;
      for (const member of Object.keys(given)) {
        if (!MEMBERS.includes(member)) throw new Error(`${file}: no case has a ${member}`);
      }
      return { name: file.replace(".json", "").replaceAll("-", " "), given };
    });
}

const engine = cedarPolicyEngine();
const configuration = configurationOf();
const allowed = cases("allow");
const denied = cases("deny");

function resourceOf({ on }: Case): Resource {
  if (on === "gateway") return { kind: "gateway" };
  const kind = on.family === undefined ? "service" : "family";
  const [cluster = "", name = ""] = (on.family ?? on.service ?? "").split("/");
  return target(kind, cluster, name, on.tags);
}

function questionOf(given: Case): Question {
  const question = {
    principal: principal(given.who),
    action: given.action,
    resource: resourceOf(given),
  };
  if (given.command === undefined) return question;
  const checked = checkCommand(given.command, { ticket: given.ticket ?? false, windows: false });
  if (checked.kind === "invalid") throw new Error(checked.issue.detail);
  return { ...question, facts: checked.facts };
}

function needsOf(verdict: Verdict): { [id: string]: string[] } | undefined {
  if (verdict.kind === "deny") return undefined;
  return Object.fromEntries(
    verdict.rules.map((rule) => [rule.id, rule.needs.map((n) => `${n.group}:${n.count}`)]),
  );
}

/** Whether they may ask there at all; of a command alone, which every such case says something about. */
function mayAsk(given: Case): boolean | undefined {
  if (given.action !== "exec") return undefined;
  const question = questionOf(given);
  return engine.mayAskThere(configuration, question.principal, question.resource);
}

describe("the demo's rules", () => {
  it("may be activated", () => {
    expect(engine.check(demoTexts)).toEqual([]);
  });

  it.each(allowed)("allow: $name", ({ given }) => {
    expect(needsOf(engine.judge(configuration, questionOf(given)))).toEqual(given.rules);
    expect(mayAsk(given)).toBe(given.action === "exec" ? true : undefined);
  });

  it.each(denied)("deny: $name", ({ given }) => {
    const verdict = engine.judge(configuration, questionOf(given));
    expect(verdict).toMatchObject({ kind: "deny", why: given.why, rules: given.rules });
    expect(mayAsk(given)).toBe(given.mayAskThere);
  });

  it("have a case that allows and one that denies, for every action of the schema", () => {
    const actions = [...demoTexts.schema.matchAll(/^ {2}action ([a-z, ]+) appliesTo/gm)].flatMap(
      (match) => (match[1] ?? "").split(", "),
    );
    expect(actions.toSorted()).toEqual(["activate", "approve", "audit", "exec", "read", "revoke"]);
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
