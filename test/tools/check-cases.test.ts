import { describe, expect, it } from "vitest";
import { required } from "../../tools/cases/required.ts";
import { testNames } from "../../tools/cases/test-names.ts";
import { checkCases, numbersOf, registered, skippedCases } from "../../tools/check-cases.ts";

const names = (source: string): string[] => testNames(source).map(({ name }) => name);

describe("testNames", () => {
  it("reads tests and groups, whatever stands between the word and the name", () => {
    expect(
      names(
        [
          'it("one", () => {});',
          "  describe.skipIf(!here())('two', () => {",
          '    it.each([["a", ")"], [/[/"(]/, `${f("x)")}`]])(',
          '      "three",',
          "      async () => {},",
          "    );",
          '    it.each<[string, (text: string) => void]>(table)("four", () => {});',
          "    it(`five ${name} and ${other}`, () => {});",
          '    it("six \\"quoted\\"", () => {});',
          '    it.skip("seven", () => {});',
        ].join("\n"),
      ),
    ).toEqual(["one", "two", "three", "four", "five ", 'six "quoted"', "seven"]);
  });

  it.each([
    ["a test in a comment", '// it("T01 x", () => {});\n * it("T01 x")'],
    ["another call", 'expect(it("T01 x"));\nsubmit("T01 x");\nitem("T01 x");'],
    ["a name that is no literal", "it(name, () => {});"],
    ["a text that never ends", 'it.each([("'],
  ])("reads none of %s", (_, source) => {
    expect(names(source)).toEqual([]);
  });

  it("tells the line of each", () => {
    expect(testNames('\n\nit("one");\n  it(\n    "two",\n')).toEqual([
      { line: 3, name: "one" },
      { line: 4, name: "two" },
    ]);
  });
});

describe("numbersOf", () => {
  it.each([
    ["T14 opens once", ["T14"]],
    ["T14, T15: opens once", ["T14", "T15"]],
    ["opens once (T14)", []],
    ["T140 opens", []],
    ["T14", []],
  ])("of %j are %j", (name, numbers) => {
    expect(numbersOf(name)).toEqual(numbers);
  });
});

describe("checkCases", () => {
  const at = (name: string, file = "test/e2e/x.test.ts") => ({ file, line: 7, name });
  const rules = { required: ["T01", "T02"], withoutEffect: {} };

  it("names the cases without a test, and the tests of no case", () => {
    const cases = registered("# Cases\n\n- **T01** One.\n- **T02** Two.\n\nT09 is none.\n");
    expect(cases).toEqual(["T01", "T02"]);
    const { found, problems } = checkCases(cases, [at("T02, T03: x"), at("x T01")], rules);
    expect(found.get("T02")).toEqual([at("T02, T03: x")]);
    expect(problems).toEqual([
      "test/e2e/x.test.ts:7: no case is called T03",
      "no test's name begins with T01",
    ]);
  });

  it("misses a case that was dropped from the register, with or without its test", () => {
    for (const tests of [[at("T01 x")], [at("T01 x"), at("T02 x")]]) {
      expect(checkCases(["T01"], tests, rules).problems).toContain("docs/cases.md: T02 is gone");
    }
    const more = checkCases(
      ["T01", "T02", "T03"],
      ["T01 x", "T02 x", "T03 x"].map((of) => at(of)),
      rules,
    );
    expect(more.problems).toEqual(["docs/cases.md: T03 is not in tools/cases/required.ts"]);
  });

  it("wants one test of each case where the record or the wire is looked at, or the reason why not", () => {
    const unit = [at("T01 x", "test/core/x.test.ts"), at("T02 x", "test/world/x.test.ts")];
    const cases = rules.required;
    expect(checkCases(cases, unit, rules).problems).toEqual([
      "T01 has no test that looks at the record or the wire: test/core/x.test.ts:7",
    ]);
    const looking = [...unit, at("T01 y", "test/wire/x.test.ts")];
    expect(checkCases(cases, looking, rules).problems).toEqual([]);
    const because = { ...rules, withoutEffect: { T01: "a function", T09: "none" } };
    expect(checkCases(cases, unit, because).problems).toEqual([
      "tools/cases/without-effect.ts: no case is T09",
    ]);
  });

  it("holds the register to the numbers there have always been", () => {
    expect(required).toHaveLength(59);
    expect(required.join(" ")).toMatch(
      /^T01 T02 .* T38 T46 T47 T49 T50 T51 T54 .* T60 T74 T75 T76 T77 T78 T79 T80 T81 T82$/,
    );
  });
});

describe("skippedCases", () => {
  const engine = 'import { engineHere, startEngine } from "../kit/engine.ts";\n';
  const of = (source: string) => skippedCases("test/x.test.ts", source);

  it.each([
    'it.skipIf(true)("T01 x", () => {});',
    'it.runIf(false)("T01 x", () => {});',
    'it.skip("T01 x", () => {});',
    'it.todo("T01 x");',
    'it.fails("T01 x", () => {});',
    'it.only("x", () => {});\nit("T01 y", () => {});',
    'describe.skip("x", () => {\n  it("T01 x", () => {});\n});',
    'it("T01 x", { skip: true }, () => {});',
    'it("T01 x", (context) => context.skip());',
    'describe.skipIf(!engineHere)("x", () => {\n  it("T01 x", () => {});\n});',
    'const never = it["skip"];\nit("T01 x", () => {});',
  ])("refuses %j", (source) => {
    expect(of(source)).toEqual([
      expect.stringMatching(/^test\/x\.test\.ts:1: .* may then not run$/),
    ]);
  });

  it("lets the kit's own word about its engine pass, and files without a case", () => {
    const group = 'describe.skipIf(!engineHere)("x", () => {\n  it("T01 x", () => {});\n});';
    expect(of(engine + group)).toEqual([]);
    expect(of(`${engine}describe.skipIf(engineHere)("T01 x", () => {});`)).toHaveLength(1);
    expect(of('it.skipIf(!here)("x", () => {});')).toEqual([]);
  });
});
