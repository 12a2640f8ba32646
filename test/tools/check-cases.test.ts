import { describe, expect, it } from "vitest";
import { testNames } from "../../tools/cases/test-names.ts";
import { checkCases, numbersOf, registered } from "../../tools/check-cases.ts";

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
        ].join("\n"),
      ),
    ).toEqual(["one", "two", "three", "four", "five ", 'six "quoted"']);
  });

  it.each([
    ["a test that is skipped", 'it.skip("T01 x", () => {});'],
    ["one that is to be written", 'it.todo("T01 x");'],
    ["one in a comment", '// it("T01 x", () => {});\n * it("T01 x")'],
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
  const at = (name: string) => ({ file: "test/x.test.ts", line: 7, name });

  it("names the cases without a test, and the tests of no case", () => {
    const cases = registered("# Cases\n\n- **T01** One.\n- **T02** Two.\n\nT09 is none.\n");
    expect(cases).toEqual(["T01", "T02"]);
    const { found, missing, unknown } = checkCases(cases, [at("T02, T03: x"), at("x T01")]);
    expect(missing).toEqual(["T01"]);
    expect(found.get("T02")).toEqual([at("T02, T03: x")]);
    expect(unknown).toEqual(["test/x.test.ts:7: no case is called T03"]);
  });
});
