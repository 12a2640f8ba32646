import { describe, expect, it } from "vitest";
import { rowMarkup } from "../../../tools/cast/row-markup.ts";
import { openScreen } from "../../../tools/cast/screen.ts";
import { write } from "../../../tools/cast/terminal.ts";

function markup(output: string): string {
  const screen = openScreen(20, 1);
  write(screen, output);
  return rowMarkup(screen.lines[0] ?? [], 0);
}

describe("rowMarkup", () => {
  it.each([
    ["nothing", "", ""],
    ["blanks", "   \x1b[1m  ", ""],
    ["a text", "  ab", '<text x="16.8" y="13" textLength="16.8">ab</text>'],
    ["markup as text", '<&>"', '<text x="0" y="13" textLength="33.6">&#60;&#38;&#62;&#34;</text>'],
    ["a single blank inside", "a b", '<text x="0" y="13" textLength="25.2">a b</text>'],
    [
      "a wide gap as two texts",
      "a   b",
      '<text x="0" y="13" textLength="8.4">a</text><text x="33.6" y="13" textLength="8.4">b</text>',
    ],
    [
      "flags and a colour",
      "\x1b[1;2;31ma",
      '<text x="0" y="13" textLength="8.4" class="b d f1">a</text>',
    ],
    [
      "a colour off the palette",
      "\x1b[38;2;1;2;3ma",
      '<text x="0" y="13" textLength="8.4" fill="#010203">a</text>',
    ],
    [
      "a background, behind blanks too",
      "\x1b[44m a",
      '<rect x="0" y="0" width="16.8" height="18" class="f4"/><text x="8.4" y="13" textLength="8.4">a</text>',
    ],
    [
      "reverse, with both defaults",
      "\x1b[7ma",
      '<rect x="0" y="0" width="8.4" height="18" fill="#e6edf3"/><text x="0" y="13" textLength="8.4" fill="#0d1117">a</text>',
    ],
    [
      "an underline over blanks",
      "\x1b[4ma    b",
      '<text x="0" y="13" textLength="50.4" class="u">a    b</text>',
    ],
    ["a wide character, two columns long", "日", '<text x="0" y="13" textLength="16.8">日</text>'],
    [
      "ASCII and other characters apart",
      "a─b",
      '<text x="0" y="13" textLength="8.4">a</text><text x="8.4" y="13" textLength="8.4">─</text><text x="16.8" y="13" textLength="8.4">b</text>',
    ],
  ])("draws %s", (_title, output, svg) => {
    expect(markup(output)).toBe(svg);
  });

  it("never draws what is concealed", () => {
    expect(markup("\x1b[8msecret")).not.toContain("secret");
  });
});
