import { describe, expect, it } from "vitest";
import { LIMITS, textDefects } from "../../adapters/cedar-text-limits.ts";
import { demoTexts } from "../policies/demo-set.ts";

const rule = (condition: string): string =>
  `@id("a") @approvals("sre:1") @max_duration("1h")
   permit (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;
const accepted = (policies: string): boolean =>
  textDefects({ policies, schema: demoTexts.schema }).length === 0;

const { nesting, operators, rules, characters } = LIMITS.policies;

describe("what the engine is not shown", () => {
  it("passes the demo's texts, and a rule of many parts", () => {
    expect(textDefects(demoTexts)).toEqual([]);
    const lines = Array.from({ length: 2000 }, (_, i) => `"[\\"/bin/x\\",\\"${i}.((!&&\\"]"`);
    expect(
      accepted(rule(`[${lines.join(",")}].contains(context.line) // ((((((((((((((((((`)),
    ).toBe(true);
  });

  it.each([
    ["nesting", rule("(".repeat(nesting) + "true" + ")".repeat(nesting)), /nested deeper than 16/],
    ["operators", rule("true" + " && true".repeat(operators)), /more than 200 operators/],
    ["rules", rule("true").repeat(rules + 1), /more than 1000 rules/],
    ["length", " ".repeat(characters + 1), /longer than/],
    ["half a surrogate pair", rule('context.line == "\uD800"'), /surrogate/],
    ["NUL", rule('context.line == "\0"'), /line 2: U\+0000/],
    ["what reorders text, in a comment", "// a\n// \u202E b", /line 2: U\+202E/],
    ["what does not show", rule('context.line == "a\u200Bb"'), /line 2: U\+200B/],
    ["nesting begun before a semicolon", `${"(".repeat(10)};${"(".repeat(10)}`, /nested deeper/],
    ["nesting behind closing brackets", `${")".repeat(100)}${"(".repeat(17)}`, /nested deeper/],
    ["nesting behind a string with a quote", rule(`"\\"" == ${"(".repeat(16)}`), /nested deeper/],
    ["nesting behind a comment with a quote", `// "\n${"(".repeat(17)}`, /nested deeper/],
  ])("too much of %s", (_, policies, detail) => {
    const defects = textDefects({ policies, schema: demoTexts.schema });
    expect(defects).toEqual([{ where: "policies", detail: expect.stringMatching(detail) }]);
  });

  it("too much of a schema", () => {
    const schemas = [
      `entity X { a: ${"Set<".repeat(20)}String${">".repeat(20)} };`,
      `entity X { a: ${"{a: ".repeat(20)}String${"}".repeat(20)} };`,
      `// ${"x".repeat(LIMITS.schema.characters)}`,
      "entity \uD800;",
    ];
    for (const schema of schemas) {
      expect(textDefects({ policies: "", schema })).toMatchObject([{ where: "schema" }]);
    }
  });

  it("says on which line", () => {
    const policies = `// one\n${rule("true")}\n${rule("(".repeat(20))}`;
    expect(textDefects({ policies, schema: "" })[0]?.detail).toBe("line 5: nested deeper than 16");
  });
});
