import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { factsOf } from "../../core/facts.ts";
import type { Question, Resource, Verdict } from "../../core/policy-engine.ts";
import { configurationOf, principal, target } from "../policies/demo-set.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const engine = cedarPolicyEngine();
const api = target("service", "demo", "payments-api");

/** A permit on exec; the condition is all that matters about it. */
const permit = (id: string, condition: string): string =>
  `@id("${id}") @approvals("sre:1") @max_duration("1h")
   permit (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;
const forbid = (id: string, condition: string): string =>
  `@id("${id}") forbid (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;

function ask(policies: string, change: Partial<Question> = {}): Verdict {
  return engine.judge(configurationOf({ policies }), {
    principal: principal("dev"),
    action: "exec",
    resource: api,
    facts: factsOf(["/bin/ls"], { ticket: false, windows: false }),
    ...change,
  });
}

const OVERFLOWS = "context.argc + 9223372036854775807 > 0";

describe("mayAskThere", () => {
  const may = (policies: string, id = "dev", resource: Resource = api): boolean =>
    engine.mayAskThere(configurationOf({ policies }), principal(id), resource);
  const inSre = 'principal.groups.contains("sre")';

  it.each([
    ["a permit on any command", permit("a", "true"), true],
    ["a permit on some command", permit("a", 'context.line == "[\\"/bin/ls\\"]"'), true],
    ["no permit for this person", permit("a", inSre), false],
    [
      "the command first, then a group they are not in",
      permit("a", `context.shell && ${inSre}`),
      false,
    ],
    ["a group they are not in, in an alternative", permit("a", `context.shell || ${inSre}`), true],
    ["a negated alternative", permit("a", `!(context.shell || !${inSre})`), false],
    ["a choice by the command", permit("a", `if context.shell then ${inSre} else false`), false],
    [
      "a choice by the command, open one way",
      permit("a", `if context.shell then true else ${inSre}`),
      true,
    ],
    ["a choice by the person", permit("a", `if ${inSre} then context.shell else false`), false],
    [
      "unless, on the command",
      permit("a", "true").replace("};", "} unless { context.shell };"),
      true,
    ],
    [
      "unless, on the person",
      permit("a", "true").replace("};", `} unless { context.shell || !${inSre} };`),
      false,
    ],
    ["a forbid on some commands", permit("a", "true") + forbid("f", "context.shell"), true],
    [
      "a forbid on the place",
      permit("a", "true") + forbid("f", 'resource.cluster == "demo"'),
      false,
    ],
    [
      "a forbid that a ticket lifts",
      permit("a", "true") + forbid("f", `!context.has_ticket`),
      true,
    ],
    [
      "a forbid that only others escape",
      permit("a", "true") +
        forbid("f", "true").replace("};", `} unless { ${inSre} && context.has_ticket };`),
      false,
    ],
    ["a forbid that errs", permit("a", "true") + forbid("f", OVERFLOWS), true],
    [
      "a forbid that errs without the command",
      permit("a", "true") +
        forbid(
          "f",
          'principal.program || 9223372036854775807 + (if resource.name == "payments-api" then 1 else 0) > 0',
        ),
      false,
    ],
    [
      "a forbid on another action",
      permit("a", "true") +
        '@id("f") forbid (principal, action == Sallyport::Action::"read", resource);',
      true,
    ],
    [
      "a permit on another action",
      '@id("a") permit (principal, action == Sallyport::Action::"read", resource);',
      false,
    ],
  ])("%s", (_, policies, expected) => {
    expect(may(policies)).toBe(expected);
  });

  it("is never of the gateway", () => {
    expect(may(permit("a", "true"), "dev", { kind: "gateway" })).toBe(false);
  });

  it("keeps the test for a tag in front of the tag", () => {
    const rule = permit(
      "a",
      'if resource.hasTag("x") && context.shell then resource.getTag("x") == "y" else context.has_ticket',
    );
    expect(may(rule, "dev", target("service", "demo", "a", {}))).toBe(true);
    expect(may(rule, "dev", target("service", "demo", "a", { x: "y" }))).toBe(true);
  });

  const atom = fc.constantFrom(
    "context.shell",
    "context.has_ticket",
    "context.argc == 1",
    'context.argv0 == "/bin/ls"',
    '(context.a has "0" && context.a["0"] == "/bin/ls")',
    inSre,
    'principal.groups.contains("payments")',
    "principal.program",
    'resource.cluster == "demo"',
    'resource.hasTag("team")',
  );
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a} && ${b})`),
      fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a} || ${b})`),
      tie("condition").map((a) => `!(${a})`),
      fc
        .tuple(tie("condition"), tie("condition"), tie("condition"))
        .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
  }));

  it(`is true wherever some command is permitted, and false where all are forbidden (seed ${seed})`, () => {
    const commands = ["/bin/ls", "/bin/sh", "/bin/ls -l"].flatMap((text) =>
      [true, false].map((ticket) => factsOf(text.split(" "), { ticket, windows: false })),
    );
    let usable = 0;
    fc.assert(
      fc.property(condition, condition, (yes, no) => {
        const policies = `${permit("a", yes)} ${forbid("f", no)}`;
        for (const id of ["dev", "sre", "bot"]) {
          const verdicts = commands.map((facts) =>
            ask(policies, { principal: principal(id), facts }),
          );
          if (verdicts.some((v) => v.kind === "deny" && v.why === "error")) continue;
          usable += 1;
          const permitted = verdicts.some((v) => v.kind === "permit");
          const answer = may(policies, id);
          expect({ permitted, answer }).not.toEqual({ permitted: true, answer: false });
          // Where no condition looks at the command, nothing is unknown.
          const exact = policies.includes("context.") ? answer : permitted;
          expect(answer).toBe(exact);
        }
      }),
      { seed, numRuns: 25 },
    );
    expect(usable).toBeGreaterThan(5);
  });
});
