import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { sha256Hex } from "../../core/digest.ts";
import { factsOf } from "../../core/facts.ts";
import type { Configuration, Facts, Question, Resource } from "../../core/policy-engine.ts";
import { configurationOf, demoDirectory, principal, target } from "../policies/demo-set.ts";

const engine = cedarPolicyEngine();
const api = target("service", "demo", "payments-api");
const command = (...words: string[]): Facts => factsOf(words, { ticket: false, windows: false });

/** A permit on exec; the condition is all that matters about it. */
const permit = (id: string, condition: string, approvals = "sre:1"): string =>
  `@id("${id}") @approvals("${approvals}") @max_duration("1h")
   permit (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;
const forbid = (id: string, condition: string): string =>
  `@id("${id}") forbid (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;

function ask(
  policies: string,
  change: Partial<Question> = {},
  configuration: Configuration = configurationOf({ policies }),
) {
  return engine.judge(configuration, {
    principal: principal("dev"),
    action: "exec",
    resource: api,
    facts: command("/bin/ls"),
    ...change,
  });
}

const OVERFLOWS = "context.argc + 9223372036854775807 > 0";

describe("judge", () => {
  it("answers each permit that matches, with what it asks and the hash of its own text", () => {
    const one = permit("one", "true");
    const two = permit("two", "context.argc == 1", "payments-leads:2, sre:1").replace(
      "@max_duration",
      '@pin("image") @request_ttl("1d") @max_sessions("1") @max_duration',
    );
    const verdict = ask(`${one}\n${two}\n${permit("three", "context.argc == 2")}`);
    expect(verdict).toEqual({
      kind: "permit",
      rules: [
        {
          id: "one",
          textHash: sha256Hex(one),
          needs: [{ group: "sre", count: 1 }],
          maxDurationSeconds: 3600,
          maxSessions: 1,
          requestTtlSeconds: 14_400,
          pin: "none",
        },
        {
          id: "two",
          textHash: sha256Hex(two),
          needs: [
            { group: "payments-leads", count: 2 },
            { group: "sre", count: 1 },
          ],
          maxDurationSeconds: 3600,
          maxSessions: 1,
          requestTtlSeconds: 86_400,
          pin: "image",
        },
      ],
    });
  });

  it("denies what no permit says", () => {
    expect(ask(permit("one", "context.argc == 7"))).toEqual({
      kind: "deny",
      why: "no_permit",
      rules: [],
      errors: [],
    });
  });

  it("lets a forbid win, and names it", () => {
    expect(ask(`${permit("one", "true")} ${forbid("never", "context.argc == 1")}`)).toEqual({
      kind: "deny",
      why: "forbid",
      rules: ["never"],
      errors: [],
    });
  });

  describe("T30 any error is a deny", () => {
    it("a forbid that errs, which the engine leaves out", () => {
      const verdict = ask(`${permit("one", "true")} ${forbid("guard", OVERFLOWS)}`);
      expect(verdict).toEqual({
        kind: "deny",
        why: "error",
        rules: ["guard"],
        errors: [expect.stringMatching(/^guard: integer overflow/)],
      });
    });

    it("a permit that errs, beside one that permits", () => {
      const verdict = ask(`${permit("one", "true")} ${permit("two", OVERFLOWS)}`);
      expect(verdict).toMatchObject({ kind: "deny", why: "error", rules: ["two"] });
    });

    it.each([
      ["an empty set", "", /there is no rule/],
      ["a set that cannot be parsed", "permit (", /unexpected end/],
      ["a set beyond the engine's stack", permit("one", `${"(".repeat(400)}true`), /nested deeper/],
      ["a set that is not valid", permit("one", "context.nope == 1"), /nope/],
      ["a set with a warning", permit("one", "false"), /impossible/],
      ["a set with an attribute that may be missing", permit("one", 'context.a["0"] == "x"'), /0/],
      ["a set with a tag that may be missing", permit("one", 'resource.getTag("x") == "y"'), /tag/],
      [
        "a set with an annotation nobody knows",
        permit("one", "true").replace("@approvals", "@aprovals"),
        /@aprovals/,
      ],
    ])("%s", (_, policies, error) => {
      const verdict = ask(policies);
      expect(verdict).toMatchObject({ kind: "deny", why: "error" });
      expect(verdict.kind === "deny" && verdict.errors.join("\n")).toMatch(error);
      const configuration = configurationOf({ policies });
      expect(engine.mayAskThere(configuration, principal("dev"), api)).toBe(false);
    });

    it("a schema that cannot be parsed", () => {
      const configuration = { ...configurationOf(), schema: "entity", hash: "bad schema" };
      const verdict = ask("", {}, configuration);
      expect(verdict).toMatchObject({ kind: "deny", why: "error" });
    });

    it.each<[string, Partial<Question>]>([
      ["a command on the gateway", { resource: { kind: "gateway" } }],
      ["a command where there is none", { action: "read" }],
      ["no command to run", { facts: undefined as unknown as Facts }],
      ["facts of another shape", { facts: { argc: "1" } as unknown as Facts }],
      ["a number too large for the engine", { facts: { ...command("x"), argc: 1e300 } }],
      ["half a surrogate pair", { facts: { ...command("x"), line: "\uD800" } }],
    ])("%s", (_, change) => {
      expect(ask(permit("one", "true"), change)).toMatchObject({ kind: "deny", why: "error" });
    });

    it("is no opening for text that looks like the engine's own", () => {
      const tags = { __entity: "x", __extn: "y", team: '{"__extn":{"fn":"unknown","arg":"x"}}' };
      const resource = { ...api, tags };
      const verdict = ask(
        permit("one", 'resource.getTag("team") like "*unknown*"').replace(
          "when {",
          'when { resource.hasTag("team") &&',
        ),
        { resource },
      );
      expect(verdict.kind).toBe("permit");
    });
  });

  describe("the groups of a rule are filled in from the resource", () => {
    const rule = permit("team", "true", "{team}-leads:1, sre:1");

    it("with its tags", () => {
      expect(ask(rule)).toMatchObject({
        kind: "permit",
        rules: [
          {
            needs: [
              { group: "payments-leads", count: 1 },
              { group: "sre", count: 1 },
            ],
          },
        ],
      });
    });

    it.each([
      ["a missing tag", {}, 'team: the resource has no tag "team"'],
      [
        "a group that is not in the directory",
        { team: "ledger" },
        'team: there is no group "ledger-leads"',
      ],
      [
        "a tag that would smuggle in others",
        { team: "a:1, payments" },
        'team: there is no group "a:1, payments-leads"',
      ],
    ])("or it is denied: %s", (_, tags, error) => {
      const resource = target("service", "demo", "payments-api", tags as { [key: string]: string });
      expect(ask(rule, { resource })).toEqual({
        kind: "deny",
        why: "error",
        rules: ["team"],
        errors: [error],
      });
    });

    it("or it is denied, even beside a rule that could be filled in", () => {
      const resource = target("service", "demo", "payments-api", {});
      expect(ask(`${rule} ${permit("other", "true")}`, { resource })).toEqual({
        kind: "deny",
        why: "error",
        rules: ["other", "team"],
        errors: ['team: the resource has no tag "team"'],
      });
    });

    it("from the directory of this very decision", () => {
      const groups = demoDirectory.groups.filter((group) => group !== "payments-leads");
      const configuration = configurationOf({
        policies: rule,
        directory: { ...demoDirectory, groups },
      });
      expect(ask(rule, {}, configuration)).toMatchObject({ kind: "deny", why: "error" });
      expect(ask(rule)).toMatchObject({ kind: "permit" });
    });
  });

  describe("an automatic rule", () => {
    const automatic = (line: string) =>
      permit("auto", `context.line == ${JSON.stringify(line)}`, "none");

    it("asks nobody", () => {
      expect(ask(automatic('["/bin/ls"]'))).toMatchObject({ rules: [{ id: "auto", needs: [] }] });
    });

    it.each([["/bin/ls", "-l"], ["/bin//ls"], ["/bin/LS"], ["/bin/ls", ""]])(
      "permits its command and not %j",
      (...words) => {
        expect(ask(automatic('["/bin/ls"]'), { facts: command(...words) })).toMatchObject({
          kind: "deny",
          why: "no_permit",
        });
      },
    );

    it("never permits a shell, nor anything in a Windows task", () => {
      for (const facts of [
        command("/bin/sh"),
        factsOf(["/bin/ls"], { ticket: false, windows: true }),
      ]) {
        expect(ask(automatic(facts.line), { facts })).toEqual({
          kind: "deny",
          why: "no_permit",
          rules: ["auto"],
          errors: ["auto: automatic, and the command can become a shell"],
        });
        const both = `${automatic(facts.line)} ${permit("asks", "true")}`;
        expect(ask(both, { facts })).toMatchObject({ kind: "permit", rules: [{ id: "asks" }] });
      }
    });
  });

  it("judges the other actions, which have no command and ask nobody", () => {
    const gateway: Resource = { kind: "gateway" };
    const configuration = configurationOf();
    const judge = (id: string, action: "audit" | "activate") =>
      engine.judge(configuration, { principal: principal(id), action, resource: gateway });
    expect(judge("auditor", "audit")).toMatchObject({
      rules: [{ id: "auditors-audit", needs: [] }],
    });
    expect(judge("operator", "activate")).toMatchObject({
      rules: [
        {
          id: "operators-activate",
          needs: [{ group: "sre", count: 1 }],
          requestTtlSeconds: 86_400,
        },
      ],
    });
    expect(judge("auditor", "activate")).toMatchObject({ kind: "deny" });
  });

  it("T32 tells services of one name apart by account, cluster and case", () => {
    const policies = permit("one", `resource == Sallyport::Service::"${api.id}"`);
    expect(ask(policies)).toMatchObject({ kind: "permit" });
    for (const id of [
      api.id.replace("111122223333", "444455556666"),
      api.id.replace("us-east-1", "eu-west-1"),
      api.id.replace("/demo/", "/demo-2/"),
      `${api.id}-2`,
      api.id.toUpperCase(),
      `${api.id}/`,
      `${api.id}\n`,
      api.name,
    ]) {
      expect(ask(policies, { resource: { ...api, id } })).toMatchObject({ why: "no_permit" });
    }
    expect(ask(policies, { resource: { ...api, kind: "family" } })).toMatchObject({
      why: "no_permit",
    });
  });

  it("finds a service under its cluster and account", () => {
    const within = (parent: string) => ask(permit("one", `resource in Sallyport::${parent}`)).kind;
    expect(within(`Cluster::"${api.clusterArn}"`)).toBe("permit");
    expect(within('Account::"111122223333"')).toBe("permit");
    expect(within(`Cluster::"${api.clusterArn}-2"`)).toBe("deny");
    expect(within('Account::"444455556666"')).toBe("deny");
  });

  it("keeps its sets apart from those of another engine in the process", () => {
    const other = cedarPolicyEngine();
    const question = {
      principal: principal("dev"),
      action: "exec",
      resource: api,
      facts: command("/bin/ls"),
    } as const;
    const yes = configurationOf({ policies: permit("one", "true") });
    const no = configurationOf({ policies: permit("two", "context.argc == 9") });
    const mine = cedarPolicyEngine();
    expect(mine.judge(yes, question).kind).toBe("permit");
    expect(other.judge(no, question).kind).toBe("deny");
    expect(mine.judge(yes, question).kind).toBe("permit");
  });

  it("is not worn out by questions that would make the engine throw", () => {
    const policies = permit("one", "true");
    const unsound = { ...command("x"), line: "\uD800" };
    for (let i = 0; i < 3000; i++) {
      expect(ask(policies, { facts: unsound }).kind).toBe("deny");
    }
    expect(ask(policies).kind).toBe("permit");
  });

  it("goes by the texts, not by what their hash is said to be", () => {
    const hash = "the same";
    const yes = { ...configurationOf({ policies: permit("one", "true") }), hash };
    const no = { ...configurationOf({ policies: permit("one", "context.argc == 9") }), hash };
    for (let i = 0; i < 3; i++) {
      expect(ask("", {}, yes).kind).toBe("permit");
      expect(ask("", {}, no).kind).toBe("deny");
    }
  });

  it("keeps several configurations apart, more than it holds at once, and two engines as well", () => {
    const other = cedarPolicyEngine();
    const sets = Array.from({ length: 7 }, (_, i) =>
      configurationOf({ policies: permit(`rule-${i}`, `context.argc == ${i}`) }),
    );
    for (let round = 0; round < 12; round++) {
      const i = (round * 3) % sets.length;
      const configuration = sets[i];
      if (configuration === undefined) throw new Error("no set");
      for (const one of [engine, other]) {
        for (const argc of [i, i + 1]) {
          const facts = command(...Array.from({ length: argc }, () => "x"));
          const verdict = one.judge(configuration, {
            principal: principal("dev"),
            action: "exec",
            resource: api,
            facts,
          });
          expect(verdict.kind).toBe(argc === i ? "permit" : "deny");
        }
      }
    }
  });

  it("names every rule of a set and the hash of its text, forbids included", () => {
    const [one, two] = [permit("one", "true"), forbid("two", "context.shell")];
    const { schema } = configurationOf();
    expect(engine.rulesOf({ policies: `// a\n${one}\n${two}`, schema })).toEqual([
      { id: "one", textHash: sha256Hex(one) },
      { id: "two", textHash: sha256Hex(two) },
    ]);
    expect(engine.rulesOf({ policies: "permit (", schema })).toEqual([]);
  });

  it("says which engine it is", () => {
    expect(engine.version).toMatch(/^cedar-wasm 4\.\d+\.\d+ \(language 4\.\d+\)$/);
  });
});
