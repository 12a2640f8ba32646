import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText, printableJson, withoutControls } from "../../cli/escape.ts";
import { anyText } from "./cards.ts";
import { UNSEEN } from "./command-line.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

describe(`what somebody else wrote, on a screen (seed ${seed})`, () => {
  it.each([
    ["a\u001b[31mb", "a\\u{1b}[31mb"],
    ["\u009b2J", "\\u{9b}2J"],
    ["a\nb\r", "a\\u{a}b\\u{d}"],
    ["\u202eabc", "\\u{202e}abc"],
    ["a\u200bb", "a\\u{200b}b"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\ud800", "\\u{d800}"],
    ["a\u00a0b", "a\\u{a0}b"],
    ["\\u{202e}", "\\u{5c}u{202e}"],
    ["C:\\users", "C:\\users"],
    ["größe 日本", "größe 日本"],
  ])("T46, T47: shows %j as %j", (text, wanted) => {
    expect(escapeText(text)).toBe(wanted);
  });

  it("T46 is one line with nothing a terminal would act on, and another for another text", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(escapeText(a)).not.toMatch(UNSEEN);
        expect(escapeText(a)).not.toContain("\n");
        expect(escapeText(a) === escapeText(b)).toBe(a === b);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it("stays as it is when it is made harmless once more", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(withoutControls(escapeText(text))).toBe(escapeText(text));
        expect(withoutControls(text)).not.toMatch(UNSEEN);
      }),
      { seed },
    );
  });

  it("keeps the value in JSON", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printableJson({ text })).not.toMatch(UNSEEN);
        expect(JSON.parse(printableJson({ text }))).toEqual({ text });
      }),
      { seed },
    );
  });
});
