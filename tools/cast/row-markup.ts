import type { Cell, Line } from "./line.ts";
import type { Colour } from "./style.ts";

/** The size of one cell, in the picture's units. The font size is 14, and its usual advance 0.6 of that. */
export const cellWidth = 8.4;
export const rowHeight = 18;
const baseline = 13;

/** GitHub's dark palette: the 16 colours, by index. */
export const palette: readonly string[] = [
  ..."#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4".split(" "),
  ..."#6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff".split(" "),
];
export const foreground = "#e6edf3";
export const background = "#0d1117";

/** Cells of one style, side by side. */
interface Run {
  column: number;
  cells: Cell[];
}

/**
 * The SVG of one line whose upper edge is at `y`; empty for a line that shows nothing.
 *
 * Each run is a text of its own with a fixed length, so that columns stay in line whatever font the
 * viewer has.
 */
export function rowMarkup(line: Line, y: number): string {
  const runs = runsOf(line);
  return runs.map((run) => paper(run, y)).join("") + runs.map((run) => ink(run, y)).join("");
}

/** The text, with what XML would read as markup replaced; for content and for quoted attributes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function runsOf(line: Line): Run[] {
  const runs: Run[] = [];
  for (const [column, cell] of line.entries()) {
    const run = runs.at(-1);
    const first = run?.cells[0];
    if (run && first && sameStyle(first, cell) && sameFont(run, cell)) run.cells.push(cell);
    else runs.push({ column, cells: [cell] });
  }
  return runs;
}

/** ASCII and the rest seldom share a font, and so share no run. Blanks go with either. */
function sameFont(run: Run, cell: Cell): boolean {
  const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
  const known = run.cells.find(({ text }) => text.trim() !== "");
  if (known === undefined || cell.text.trim() === "") return true;
  return isAscii(known.text) === isAscii(cell.text);
}

function sameStyle(a: Cell, b: Cell): boolean {
  return a.style === b.style || JSON.stringify(a.style) === JSON.stringify(b.style);
}

function paper({ column, cells }: Run, y: number): string {
  const style = cells[0]?.style ?? {};
  const fill = style.reverse ? (style.foreground ?? foreground) : style.background;
  if (fill === undefined) return "";
  const colour = typeof fill === "number" ? ` class="f${fill}"` : ` fill="${fill}"`;
  return `<rect x="${x(column)}" y="${y}" width="${x(cells.length)}" height="${rowHeight}"${colour}/>`;
}

function ink(run: Run, y: number): string {
  const style = run.cells[0]?.style ?? {};
  if (style.concealed) return "";
  const colour: Colour | undefined = style.reverse
    ? (style.background ?? background)
    : style.foreground;
  const classes = [
    ...(style.bold ? ["b"] : []),
    ...(style.dim ? ["d"] : []),
    ...(style.italic ? ["i"] : []),
    ...(style.underline ? ["u"] : []),
    ...(style.struck ? ["s"] : []),
    ...(typeof colour === "number" ? [`f${colour}`] : []),
  ];
  const attributes =
    (classes.length > 0 ? ` class="${classes.join(" ")}"` : "") +
    (typeof colour === "string" ? ` fill="${colour}"` : "");
  // A line under or through a text is drawn over its blanks too.
  const pieces = style.underline || style.struck ? [run] : withoutGaps(run);
  return pieces
    .map(({ column, cells }) => {
      const text = escapeXml(cells.map((cell) => cell.text).join(""));
      return `<text x="${x(column)}" y="${y + baseline}" textLength="${x(cells.length)}"${attributes}>${text}</text>`;
    })
    .join("");
}

/** The parts of a run between gaps of three blanks or more, without the blanks around them. */
function withoutGaps({ column, cells }: Run): Run[] {
  const parts: Run[] = [];
  let blanks = 0;
  for (const [index, cell] of cells.entries()) {
    if (cell.text === " ") {
      blanks++;
      continue;
    }
    const part = parts.at(-1);
    if (part && blanks < 3) part.cells.push(...cells.slice(index - blanks, index + 1));
    else parts.push({ column: column + index, cells: [cell] });
    blanks = 0;
  }
  return parts;
}

/** A column as a length, without the tail that binary fractions leave. */
export function x(column: number): number {
  return Math.round(column * cellWidth * 10) / 10;
}
