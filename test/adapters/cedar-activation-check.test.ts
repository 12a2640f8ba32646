import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import type { Defect } from "../../core/policy-engine.ts";
import { demoTexts } from "../policies/demo-set.ts";

const engine = cedarPolicyEngine();

/** Enough for a set to be activated; what is tested is added to it. */
const REPLACEABLE = `
@id("activate") @approvals("sre:1")
permit (principal in Sallyport::Group::"operators", action == Sallyport::Action::"activate", resource);
@id("approve")
permit (principal in Sallyport::Group::"sre", action == Sallyport::Action::"approve", resource);
`;

interface Written {
  annotations?: string;
  effect?: "permit" | "forbid";
  principal?: string;
  action?: string;
  resource?: string;
  condition?: string;
}

/** One rule on exec, sound but for what is given. */
function rule(given: Written): string {
  const {
    annotations = '@id("rule") @approvals("sre:1") @max_duration("1h")',
    effect = "permit",
    principal = "principal",
    action = 'action == Sallyport::Action::"exec"',
    resource = "resource",
    condition = "context.argc == 1",
  } = given;
  return `${annotations} ${effect} (${principal}, ${action}, ${resource}) when { ${condition} };`;
}

function check(policies: string, change: Partial<typeof demoTexts> = {}): Defect[] {
  return engine.check({ ...demoTexts, policies: REPLACEABLE + policies, ...change });
}

const automatic = (condition: string, tail = ""): string =>
  rule({
    annotations: '@id("rule") @approvals("none") @max_duration("1h")',
    condition,
  }).replace("};", `} ${tail};`);
const forbid = (condition: string): string =>
  rule({ annotations: '@id("rule")', effect: "forbid", condition });
const LS = 'context.line == "[\\"/bin/ls\\"]"';

describe("a set can be activated", () => {
  it.each([
    ["with a rule that is sound", rule({})],
    ["with an automatic rule for one command", automatic(LS)],
    ["with the line on the left or the right", automatic('"[\\"/bin/ls\\"]" == context.line')],
    [
      "with an automatic rule for a list of commands",
      automatic('["[\\"/bin/ls\\"]","[\\"/bin/date\\",\\"-u\\"]"].contains(context.line)'),
    ],
    [
      "with an automatic rule in alternatives, each of them exact",
      automatic(`(${LS} && resource.cluster == "a") || context.line == "[\\"/bin/df\\"]"`),
    ],
    [
      "with an automatic rule that asks for more besides",
      automatic(`principal in Sallyport::Group::"sre" && (${LS} && !principal.program)`),
    ],
    [
      "with an order in which a person comes first who stands later in the directory",
      rule({
        annotations: '@id("rule") @approvals("sre:1 then payments-leads:1") @max_duration("1h")',
      }),
    ],
    ["with `!` on what is no command", automatic(`${LS} && !context.has_ticket`)],
    ["with `like` where somebody has to agree", rule({ condition: 'context.line like "*ls*"' })],
    [
      "with a forbid on several actions",
      '@id("x") forbid (principal in Sallyport::Group::"bots", action, resource);',
    ],
  ])("%s", (_, policies) => {
    expect(check(policies)).toEqual([]);
  });
});

describe("a set cannot be activated", () => {
  describe("for what its annotations say", () => {
    it.each<[string, string, RegExp]>([
      [
        "an unknown key",
        '@id("rule") @aprovals("sre:1") @max_duration("1h")',
        /@aprovals .* is it @approvals\?/,
      ],
      ["no @id", '@approvals("sre:1") @max_duration("1h")', /@id is missing/],
      ["no @approvals", '@id("rule") @max_duration("1h")', /@approvals is missing/],
      ["no @max_duration", '@id("rule") @approvals("sre:1")', /@max_duration is missing/],
      ["no annotation at all", "", /@approvals is missing/],
      ["a count of nobody", '@id("rule") @approvals("sre:0") @max_duration("1h")', /asks for 0/],
      ["empty approvals", '@id("rule") @approvals("") @max_duration("1h")', /empty/],
      [
        "a duration nobody knows",
        '@id("rule") @approvals("sre:1") @max_duration("1 fortnight")',
        /@max_duration/,
      ],
      [
        "a duration beyond a day",
        '@id("rule") @approvals("sre:1") @max_duration("25h")',
        /@max_duration/,
      ],
      [
        "an unknown group",
        '@id("rule") @approvals("root:1") @max_duration("1h")',
        /there is no group "root"/,
      ],
      [
        "a group too small",
        '@id("rule") @approvals("sre:2") @max_duration("1h")',
        /sre is short of 1/,
      ],
      [
        "an order with a step too many persons for its group",
        '@id("rule") @approvals("payments-leads:1 then sre:2") @max_duration("1h")',
        /sre is short of 1/,
      ],
      [
        "break-glass",
        '@id("rule") @approvals("sre:1") @max_duration("1h") @break_glass',
        /@break_glass asks nobody beforehand/,
      ],
      [
        "more deniers than there are",
        '@id("rule") @approvals("sre:1") @max_duration("1h") @deny_after("2")',
        /@deny_after asks for 2 persons, and its groups have 1/,
      ],
      [
        "several sessions",
        '@id("rule") @approvals("sre:1") @max_duration("1h") @max_sessions("2")',
        /@max_sessions .* not built yet/,
      ],
      [
        "an annotation twice",
        '@id("rule") @id("other") @approvals("sre:1") @max_duration("1h")',
        /duplicate annotation/,
      ],
    ])("%s", (_, annotations, detail) => {
      const defects = check(rule({ annotations }));
      expect(defects.map((d) => d.detail).join("\n")).toMatch(detail);
    });

    it("two rules of one id", () => {
      expect(check(rule({}) + rule({ condition: "context.argc == 2" }))).toContainEqual({
        where: "rule",
        detail: "@id stands twice",
      });
    });

    it("annotations where they mean nothing", () => {
      const policies = rule({ effect: "forbid" });
      expect(check(policies).map((d) => d.detail)).toEqual([
        "@approvals means nothing on a forbid of this action",
        "@max_duration means nothing on a forbid of this action",
      ]);
    });

    it("fewer different persons than places, though each group is large enough", () => {
      const directory = demoTexts.directory
        .replace('"groups": ["payments-leads"]', '"groups": ["payments-leads", "auditors"]')
        .replace('"groups": ["auditors"]', '"groups": []');
      const annotations =
        '@id("rule") @approvals("payments-leads:1, auditors:1") @max_duration("1h")';
      expect(check(rule({ annotations }), { directory })).toEqual([
        { where: "rule", detail: expect.stringContaining("too few different persons") },
      ]);
    });
  });

  describe("for which action a permit names", () => {
    it.each([
      ["none", "action"],
      ["a list of one", 'action in [Sallyport::Action::"exec"]'],
      ["a list", 'action in [Sallyport::Action::"exec", Sallyport::Action::"read"]'],
    ])("%s", (_, action) => {
      const defects = check(rule({ action, condition: "true", annotations: '@id("rule")' }));
      expect(defects).toContainEqual({
        where: "rule",
        detail: expect.stringContaining("a permit names one action"),
      });
    });
  });

  describe("for an automatic rule that is not exact", () => {
    it.each<[string, string, RegExp]>([
      ["no line at all", automatic('resource.cluster == "demo"'), /exact commands/],
      ["the program alone", automatic('context.argv0 == "/bin/ls"'), /exact commands/],
      ["a pattern", automatic('context.line like "*bin/ls*"'), /`like` on the command/],
      [
        "a pattern beside a line",
        automatic(`${LS} && context.argv0 like "/bin/*"`),
        /`like` on the command/,
      ],
      [
        "a line in one alternative only",
        automatic(`${LS} || principal in Sallyport::Group::"sre"`),
        /exact commands/,
      ],
      ["another line than", automatic('context.line != "[\\"/bin/sh\\"]"'), /`!=` on the command/],
      ["not a shell", automatic(`${LS} && !context.shell`), /`!` on the command/],
      ["a line, negated", automatic(`!(${LS})`), /`!` on the command/],
      [
        "not among these",
        automatic('!(["[\\"/bin/sh\\"]"].contains(context.line))'),
        /`!` on the command/,
      ],
      [
        "unless the command is",
        automatic(LS, "unless { context.shell }"),
        /`unless` on the command/,
      ],
      ["a line in unless", automatic("true", `unless { ${LS} }`), /exact commands/],
      [
        "a choice by the command",
        automatic(`${LS} && (if context.argc == 1 then true else false)`),
        /`if-then-else` on the command/,
      ],
      ["a line compared to false", automatic(`(${LS}) == false`), /exact commands/],
      [
        "a line of the rule's own making",
        automatic("context.line == context.argv0"),
        /exact commands/,
      ],
      [
        "lines that hold the line",
        automatic('[context.line].contains("[\\"/bin/ls\\"]")'),
        /exact commands/,
      ],
      ["a shell", automatic('context.line == "[\\"/bin/sh\\"]"'), /is a shell or can become one/],
      [
        "a shell in a list",
        automatic('["[\\"/bin/ls\\"]","[\\"/usr/bin/env\\"]"].contains(context.line)'),
        /\/usr\/bin\/env.* is a shell/,
      ],
      ["a program by its bare name", automatic('context.line == "[\\"ls\\"]"'), /absolute path/],
      [
        "what the agent would replace",
        automatic('context.line == "[\\"/bin/echo\\",\\"{{ssm:x}}\\"]"'),
        /replace/,
      ],
    ])("%s", (_, policies, detail) => {
      const defects = check(policies);
      expect(defects.map((d) => d.detail).join("\n")).toMatch(detail);
      for (const { where } of defects) expect(where).toBe("rule");
    });

    it("or that activates rules", () => {
      const policies = REPLACEABLE.replace('@approvals("sre:1")', '@approvals("none")');
      expect(engine.check({ ...demoTexts, policies })).toEqual([
        { where: "activate", detail: "activating rules is never automatic" },
      ]);
    });
  });

  describe("for words that can never match", () => {
    it.each<[string, string, RegExp]>([
      [
        "a group in the scope",
        rule({ principal: 'principal in Sallyport::Group::"root"' }),
        /no group "root"/,
      ],
      [
        "a group in a condition",
        rule({ condition: 'principal in Sallyport::Group::"root"' }),
        /no group "root"/,
      ],
      [
        "a group in a set of entities",
        rule({ condition: 'principal in [Sallyport::Group::"sre", Sallyport::Group::"root"]' }),
        /no group "root"/,
      ],
      [
        "a group by its name",
        rule({ condition: 'principal.groups.contains("root")' }),
        /no group "root"/,
      ],
      [
        "one of several groups",
        rule({ condition: 'principal.groups.containsAny(["sre", "root"])' }),
        /no group "root"/,
      ],
      [
        "several groups, the other way round",
        rule({ condition: '["root"].containsAll(principal.groups)' }),
        /no group "root"/,
      ],
      [
        "a person",
        rule({ principal: 'principal == Sallyport::Person::"nobody"' }),
        /no person or program "nobody"/,
      ],
      [
        "a person in a forbid",
        forbid('principal == Sallyport::Person::"nobody"'),
        /no person or program "nobody"/,
      ],
      [
        "a service by its name",
        rule({ resource: 'resource == Sallyport::Service::"payments-api"' }),
        /the ARN of a service/,
      ],
      [
        "a cluster by its name",
        rule({ resource: 'resource in Sallyport::Cluster::"prod"' }),
        /the ARN of a cluster/,
      ],
      [
        "an account by an alias",
        rule({ condition: 'resource in Sallyport::Account::"prod"' }),
        /an account id/,
      ],
      ["a line that is no JSON", forbid('context.line == "/bin/sh"'), /context.line is never/],
      [
        "a line with a space in its JSON",
        forbid('context.line == "[\\"/bin/ls\\", \\"-l\\"]"'),
        /context.line is never/,
      ],
      [
        "a line that is not, in a set",
        forbid('["ls"].contains(context.line)'),
        /context.line is never "ls"/,
      ],
    ])("%s", (_, policies, detail) => {
      expect(check(policies)).toEqual([{ where: "rule", detail: expect.stringMatching(detail) }]);
    });
  });

  describe("for what Cedar says of it", () => {
    it.each<[string, string, RegExp]>([
      ["text that is no Cedar", "permit (", /^line 6: /],
      ["an attribute nobody has", rule({ condition: "context.nope == 1" }), /nope/],
      [
        "an action nobody has",
        rule({ action: 'action == Sallyport::Action::"sudo"' }),
        /sudo|names one action/,
      ],
      ["a type error", rule({ condition: 'context.argc == "1"' }), /types/],
      ["a tag that may be missing", rule({ condition: 'resource.getTag("team") == "x"' }), /tag/],
      ["a rule that can never apply (a warning)", rule({ condition: "false" }), /impossible/],
      [
        "a character that reorders text (a warning)",
        rule({ condition: 'resource.name == "\\u{202E}"' }),
        /BIDI/,
      ],
      ["a template", rule({ principal: "principal == ?principal" }), /templates/],
    ])("%s", (_, policies, detail) => {
      const defects = check(policies);
      expect(defects.map((d) => d.detail).join("\n")).toMatch(detail);
    });

    it("no rule at all", () => {
      expect(engine.check({ ...demoTexts, policies: "// none" })).toEqual([
        { where: "policies", detail: "there is no rule" },
      ]);
    });
  });

  describe("for its schema", () => {
    it.each<[string, (schema: string) => string, RegExp]>([
      ["that is none", () => "entity", /line 1/],
      [
        "that lacks an action",
        (s) => s.replace("approve, revoke, read, audit", "approve, revoke, read"),
        /audit/,
      ],
      ["that lacks a position", (s) => s.replace(', "31"?: String', ""), /exec: .*31/],
      [
        "that wants what the gateway does not say",
        (s) => s.replace("argc: Long,", "argc: Long, user: String,"),
        /exec: .*context/,
      ],
      [
        "that takes a text for a number",
        (s) => s.replace("argc: Long", "argc: String"),
        /exec|types/,
      ],
      ["that has no tags", (s) => s.replace("} tags String;", "};"), /tag/],
      ["that has no families", (s) => s.replaceAll("Service, Family", "Service"), /Family/],
    ])("%s", (_, change, detail) => {
      const schema = change(demoTexts.schema);
      expect(schema).not.toBe(demoTexts.schema);
      const defects = check("", { schema });
      expect(defects.length).toBeGreaterThan(0);
      for (const { where } of defects) expect(where).toBe("schema");
      expect(defects.map((d) => d.detail).join("\n")).toMatch(detail);
    });
  });

  it("for its directory, of which each defect is told beside those of the rules", () => {
    const directory = demoTexts.directory.replace('"id": "lead"', '"id": "dev"');
    const defects = check(rule({ annotations: '@id("rule")' }), { directory });
    expect(defects.map((d) => d.where)).toEqual(["rule", "rule", "directory"]);
  });

  describe("if it could never be replaced", () => {
    const locked = [{ where: "policies", detail: expect.stringContaining("never be replaced") }];
    it.each([
      ["nobody may activate", REPLACEABLE.slice(REPLACEABLE.indexOf('@id("approve")'))],
      ["nobody may approve it", REPLACEABLE.slice(0, REPLACEABLE.indexOf('@id("approve")'))],
      [
        "only who activates may approve it",
        REPLACEABLE.replaceAll('"sre"', '"operators"').replace("sre:1", "operators:1"),
      ],
      [
        "it is forbidden",
        `${REPLACEABLE} @id("x") forbid (principal, action == Sallyport::Action::"activate", resource);`,
      ],
    ])("%s", (_, policies) => {
      expect(engine.check({ ...demoTexts, policies })).toEqual(locked);
    });
  });
});
