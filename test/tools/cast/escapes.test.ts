import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readActions } from "../../../tools/cast/escapes.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const printed = (text: string): string =>
  readActions(text)
    .actions.map((action) => (action.kind === "print" ? action.text : `<${action.kind}>`))
    .join("");

describe("readActions", () => {
  it.each([
    ["a title", "a\x1b]0;title\x07b", "ab"],
    ["a title that ends with ST", "a\x1b]0;title\x1b\\b", "ab"],
    ["a hyperlink", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["a device control string", "a\x1bPq#0\x1b\\b", "ab"],
    ["a string cut short by a sequence", "a\x1b]0;title\x1b[Ab", "a<sequence>b"],
    ["a character set", "a\x1b(0b", "ab"],
    ["a sequence with intermediates", "a\x1b[2 qb", "ab"],
    ["a malformed sequence", "a\x1b[1\x01b", "ab"],
    ["an escape before an escape", "\x1b\x1b[Ab", "<sequence>b"],
    ["control characters that draw nothing", "a\x00\x01\x07\x7f\x85\x9bb", "ab"],
    ["characters that reorder a line", "a\u202eb\u2066c\u200bd", "abcd"],
    ["what is no character", "a\ud800b\ufffec", "a\ufffdb\ufffdc"],
  ])("reads %s", (_title, text, shown) => {
    expect(printed(text)).toBe(shown);
    expect(readActions(text).rest).toBe("");
  });

  it("knows how many columns a character takes", () => {
    const widths = readActions("a日한😀ｶ─⠋é\u0301").actions.map((action) =>
      action.kind === "print" ? action.width : undefined,
    );
    expect(widths).toEqual([1, 2, 2, 2, 1, 1, 1, 1, 0]);
  });

  it("does not wait for ever for the end of a string", () => {
    const text = `\x1b]0;${"x".repeat(100_000)}`;
    expect(readActions(text).rest).toBe("");
  });

  it(`reads the same however output is cut into pieces (seed ${seed})`, () => {
    const piece = fc.constantFrom(
      "a",
      "\x1b[31m",
      "\x1b]0;t\x07",
      "\x1bM",
      "日",
      "😀",
      "\x1b(B",
      "\r\n",
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(6)), (pieces, cuts) => {
        const text = pieces.join("");
        const actions = [];
        let rest = "";
        let at = 0;
        for (const cut of [...cuts, text.length]) {
          const reading = readActions(rest + text.slice(at, at + cut));
          actions.push(...reading.actions);
          rest = reading.rest;
          at += cut;
        }
        expect(actions).toEqual(readActions(text).actions);
        expect(rest).toBe("");
      }),
      { seed },
    );
  });
});
