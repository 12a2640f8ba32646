import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, framesOf } from "../../../tools/cast/frames.ts";
import { drawPicture } from "../../../tools/cast/picture.ts";
import { rowMarkup } from "../../../tools/cast/row-markup.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const rowHeight = 18;
const rows = 4;

function framesFrom(outputs: string[]): Frame[] {
  return framesOf(
    { columns: 20, rows, outputs: outputs.map((text, index) => ({ atSeconds: index, text })) },
    {
      fromSeconds: 0,
      toSeconds: Number.POSITIVE_INFINITY,
      longestPauseSeconds: 9,
      mergeSeconds: 0.08,
    },
  );
}

const draw = (outputs: string[], title = "title"): string =>
  drawPicture(framesFrom(outputs), { columns: 20, title });

/** The value a class has at a time, by the keyframes of the picture itself; undefined if it has none. */
function animated(svg: string, name: string, percent: number): string | undefined {
  const body = new RegExp(`@keyframes ${name}\\{((?:[\\d.]+%\\{[^}]*\\})+)\\}`).exec(svg)?.[1];
  let value: string | undefined;
  for (const [, at, declaration] of (body ?? "").matchAll(/([\d.]+)%\{([^}]*)\}/g)) {
    if (Number(at) <= percent) value = declaration;
  }
  return value;
}

/** The rows that a viewer sees at a time, as the set of their SVG with y set back to the row. */
function seen(svg: string, percent: number): string[] {
  const start = /\.sheet\{transform:translateY\((-?\d+)px\)\}/.exec(svg)?.[1] ?? "0";
  const now = /translateY\((-?\d+)px\)/.exec(animated(svg, "sheet", percent) ?? "")?.[1] ?? start;
  const top = -Number(now);
  const sheet = /<g class="sheet">\n([\s\S]*)<g class="cursor">/.exec(svg)?.[1] ?? "";
  const shared = new Map(
    [...sheet.matchAll(/<g id="(r\d+)">(.*?)<\/g>/g)].map(([, id, row]) => [id, row]),
  );
  const visible: string[] = [];
  let hidden = false;
  for (const line of sheet.replace(/<defs>[\s\S]*<\/defs>\n/, "").split("\n")) {
    const group = /^<g class="(k\d+)">/.exec(line)?.[1];
    if (group) hidden = animated(svg, group, percent) === "visibility:hidden";
    const row = line.replace(/^<g class="k\d+">/, "").replace(/<\/g>$/, "");
    const use = /^<use href="#(r\d+)" y="(\d+)"\/>$/.exec(row);
    const y = use
      ? Number(use[2])
      : Math.floor(Number(/ y="(\d+)"/.exec(row)?.[1]) / rowHeight) * rowHeight;
    if (row !== "" && !hidden && y >= top && y < top + rows * rowHeight) {
      const drawn = use ? shared.get(use[1] ?? "") : shiftUp(row, y);
      visible.push(`${(y - top) / rowHeight}: ${drawn}`);
    }
    if (line.endsWith("</g>")) hidden = false;
  }
  return visible.sort();
}

const shiftUp = (row: string, y: number): string =>
  row.replace(/ y="(\d+)"/g, (_all, value: string) => ` y="${Number(value) - y}"`);

const piece = fc.constantFrom(
  ..."a|b c|line\r\n|\r\n|\x1b[31mred\x1b[0m|\x1b[44mblue\x1b[0m|\x1b[2J\x1b[H|\x1b[K|\x1b[A|\x1b[H|\r".split(
    "|",
  ),
  ..."\x1b[2;3r|\x1b[r|\x1b[?1049h|\x1b[?1049l|日本|a long line that is drawn once\r\n|<&>".split(
    "|",
  ),
);

/** Any code unit, lone surrogates among them, and more often those that mean something here. */
const anything = fc.oneof(
  fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  fc.nat(0x9f).map((code) => String.fromCharCode(code)),
  fc.constantFrom(..."\x1b [ ] < > & \" ' ; m \u202e \u2028 \ufffe \ud83d".split(" ")),
);

describe("drawPicture", () => {
  it(`shows at every frame's time what the terminal showed, and nothing else (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), (outputs) => {
        const frames = framesFrom(outputs);
        const svg = drawPicture(frames, { columns: 20, title: "" });
        const seconds = (frames.at(-1)?.atSeconds ?? 0) + 3;
        for (const { atSeconds, lines } of frames) {
          const expected = lines
            .map((line, row) => ({ row, drawn: rowMarkup(line, 0) }))
            .filter(({ drawn }) => drawn !== "")
            .map(({ row, drawn }) => `${row}: ${drawn}`);
          expect(seen(svg, ((atSeconds + 0.5) / seconds) * 100)).toEqual(expected.sort());
        }
      }),
      { seed, numRuns: 60 },
    );
  });

  it(`lets no control character and no markup from a recording into the SVG (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: anything, maxLength: 40 }), { maxLength: 6 }),
        fc.string({ unit: anything }),
        (outputs, title) => {
          const svg = draw(outputs, title);
          expect(svg).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/u);
          const known = /^<\/?(?:svg|title|style|rect|circle|text|g|use|defs)(?: [^<]*)?\/?>$/;
          const tags = svg.match(/<[^>]*>?/g) ?? [];
          expect(tags.filter((tag) => !known.test(tag))).toEqual([]);
          expect(svg).not.toMatch(/&(?!#\d+;)/);
        },
      ),
      { seed },
    );
  });

  it("fetches nothing and runs nothing", () => {
    const svg = draw(["hello <script>alert(1)</script> \x1b]8;;http://example.com\x1b\\link"]);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /<script|https?:|url\(|@import|@font-face| on\w+=/,
    );
  });

  it("animates no line that never changes while it can be seen", () => {
    const scrolling = Array.from({ length: 40 }, (_, index) => `\r\nline ${index}`);
    // The first line is there from the start; the others in the window appear; all further ones scroll in.
    expect(draw(scrolling).match(/@keyframes k/g)?.length).toBe(rows - 2);
  });

  it("sets no animation name by a rule that outweighs the names themselves", () => {
    // The shorthand in `g[class]` would reset every name: nothing would move.
    expect(draw(["a", "b"])).not.toMatch(/g\[class\]\{animation:(?!none)/);
  });

  it("shows the last frame where nothing is animated", () => {
    const svg = draw(["first", "\r\x1b[Klast"]);
    expect(svg).toMatch(/@media\(prefers-reduced-motion:reduce\)\{g\[class\]\{animation:none\}\}/);
    const [, first] = /<g class="(k\d+)"><text[^>]*>first</.exec(svg) ?? [];
    const [, last] = /<g class="(k\d+)"><text[^>]*>last</.exec(svg) ?? [];
    expect(svg).toContain(`.${first}{visibility:hidden;animation-name`);
    expect(svg).toContain(`.${last}{animation-name`);
  });

  it("cuts the rows that were never used", () => {
    expect(draw(["one line"])).toContain('height="68" viewBox');
    expect(draw(["1\r\n2\r\n3"])).toContain('height="104" viewBox');
  });

  it("draws one frame as a still", () => {
    const svg = drawPicture(framesFrom(["a", "b"]).slice(-1), { columns: 20, title: "" });
    expect(svg).not.toContain("@keyframes");
    expect(svg).toContain(">ab</text>");
  });
});
