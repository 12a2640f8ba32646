import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson } from "../../core/strict-json.ts";
import { anyCharacter } from "../kit/any-character.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** JSON.parse's answer, or undefined where it throws. */
function lenient(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function pointers(text: string): string[] {
  const result = parseStrictJson(text);
  return result.kind === "value" ? [] : result.issues.map((issue) => issue.pointer);
}

describe("parseStrictJson", () => {
  it(`makes of any JSON value what JSON.parse makes of it (seed ${seed})`, () => {
    const sound = fc
      .string({ unit: anyCharacter })
      .filter((s) => !s.includes("\0") && s !== "__proto__");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(null, true, false),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }),
        fc.maxSafeInteger(),
        sound,
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(sound, tie("value"), { maxKeys: 5 }),
      ),
    }));
    const space = fc.constantFrom(undefined, 1, "\t", "\r\n");
    fc.assert(
      fc.property(value, space, (json, indent) => {
        const text = JSON.stringify(json, null, indent);
        expect(parseStrictJson(text, { depth: 100 })).toEqual({
          kind: "value",
          value: JSON.parse(text) as unknown,
        });
      }),
      { seed, numRuns: 500 },
    );
  });

  it(`accepts no text that JSON.parse refuses, and makes of the others the same (seed ${seed})`, () => {
    const piece = fc.constantFrom(
      ...'{}[],:" \n0123456789-+.eE\\u'.split(""),
      "true",
      "null",
      '"a"',
      "\\u0041",
      "\\n",
      "1.5e3",
      "01",
      "\u2028",
      "é",
      "\t",
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const strict = parseStrictJson(text);
        const other = lenient(text);
        const sound =
          strict.kind === "value"
            ? isDeepStrictEqual(other, { value: strict.value })
            : strict.issues.length > 0;
        if (strict.kind === "value") accepted += 1;
        expect(sound).toBe(true);
      }),
      { seed, numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it.each([
    "",
    " ",
    "{",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    "{'a':1}",
    "[1 2]",
    '{"a" 1}',
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e",
    "NaN",
    "Infinity",
    "undefined",
    "nul",
    "tru e",
    '"a',
    '"\n"',
    '"\\x41"',
    '"\\u12g4"',
    '"\\u123',
    "1 1",
    "{} x",
    "// x\n1",
    "\u00A01",
    "\u20281",
  ])("refuses %j, as JSON.parse does", (text) => {
    expect(parseStrictJson(text).kind).toBe("invalid");
    expect(lenient(text)).toBeUndefined();
  });

  describe("T37 refuses what readers disagree on, and says where", () => {
    it.each([
      ['{"a":1,"a":1}', ["/a"]],
      ['{"a":1,"\\u0061":2}', ["/a"]],
      ['[{"x":{"b":1,"c":2,"b":3}}]', ["/0/x/b"]],
      ['{"a/b":{"~":1,"~":2}}', ["/a~1b/~0"]],
      ['{"":1,"":2}', ["/"]],
    ])("a name that stands twice: %s", (text, at) => {
      expect(pointers(text)).toEqual(at);
    });

    it("T36 the name __proto__, however it is written, and no prototype is touched", () => {
      expect(pointers('{"__proto__":{"admin":true}}')).toEqual(["/__proto__"]);
      expect(pointers('{"a":{"\\u005f_proto__":1}}')).toEqual(["/a/__proto__"]);
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    });

    it.each(["1e309", "-1e309", "9007199254740992", "1e16", "-9007199254740993", "1e-400"])(
      "a number no double tells from its neighbours: %s",
      (number) => {
        expect(pointers(`{"n":[${number}]}`)).toEqual(["/n/0"]);
      },
    );

    it.each(["9007199254740991", "-9007199254740991", "0", "-0", "0.0e5", "0.1", "1e-300", "1E5"])(
      "but not %s",
      (number) => {
        const value: unknown = JSON.parse(number);
        expect(parseStrictJson(number)).toEqual({ kind: "value", value });
      },
    );

    it.each([
      ["an escaped NUL", '{"a":"x\\u0000"}'],
      ["an escaped high surrogate", '{"a":"\\ud800"}'],
      ["an escaped low surrogate", '{"a":"\\udc00x"}'],
      ["two high surrogates", '{"a":"\\ud83d\\ud83d"}'],
      ["a raw surrogate", '{"a":"\ud800"}'],
    ])("%s", (_, text) => {
      expect(pointers(text)).toEqual(["/a"]);
    });

    it("NUL and half a pair in a name", () => {
      expect(pointers('{"b":{"a\\u0000":1}}')).toEqual(["/b"]);
      expect(pointers('{"\\ud800":1}')).toEqual([""]);
    });

    it("a byte order mark", () => {
      expect(pointers("\uFEFF{}")).toEqual([""]);
    });

    it("nesting beyond the limit, and not one level less", () => {
      const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
      expect(parseStrictJson(nested(32)).kind).toBe("value");
      expect(parseStrictJson(nested(33)).kind).toBe("invalid");
      expect(parseStrictJson(`{"a":${nested(31)}}`).kind).toBe("value");
      expect(pointers(`{"a":${nested(32)}}`)).toEqual([`/a${"/0".repeat(31)}`]);
      expect(parseStrictJson("[".repeat(1_000_000)).kind).toBe("invalid");
      expect(parseStrictJson("[[1]]", { depth: 1 }).kind).toBe("invalid");
    });
  });

  it("accepts a pair of surrogates that are escaped, raw or mixed", () => {
    for (const text of ['"\\ud83d\\ude00"', '"😀"', '"\\ud83d\ude00"']) {
      expect(parseStrictJson(text)).toEqual({ kind: "value", value: "😀" });
    }
  });

  it("reports every problem it meets, up to a number", () => {
    expect(pointers('{"a":1e309,"b":["\\u0000",{"c":1,"c":2}]}')).toEqual(["/a", "/b/0", "/b/1/c"]);
    const many = `[${"1e309,".repeat(100)}1]`;
    expect(pointers(many)).toHaveLength(16);
  });

  it("T77 reads the longest bodies there are, which in quadratic time would outlast the test", () => {
    const kinds = [
      `"${"a".repeat(1_000_000)}"`,
      `"${"\\u0041".repeat(150_000)}"`,
      `[${"1,".repeat(250_000)}1]`,
      `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join(",")}}`,
      " ".repeat(1_000_000),
      "9".repeat(1_000_000),
    ].map((text) => parseStrictJson(text).kind);
    expect(kinds).toEqual(["value", "value", "value", "value", "invalid", "invalid"]);
  });
});
