import type { Frame } from "./frames.ts";
import {
  background,
  cellWidth,
  escapeXml,
  foreground,
  palette,
  rowHeight,
  rowMarkup,
  x,
} from "./row-markup.ts";

export interface PictureOptions {
  columns: number;
  title: string;
}

/** How long the last frame stands before the picture starts again. */
const lastFrameSeconds = 3;
const titleBar = 36;
const padding = 14;

/** A piece of a line's life: what it shows in frames `from` to `to`, `to` not included. */
interface Stretch {
  line: number;
  from: number;
  to: number;
  /** The row's SVG at y = 0, by which equal rows are found. */
  markup: string;
  draw: (y: number) => string;
}

/**
 * One SVG that plays the frames in a loop, with CSS alone: no script, no font, nothing fetched.
 *
 * All lines ever shown stand below each other on one long sheet, and a window moves down it as the
 * terminal scrolls. So scrolling costs one step, and a line is animated only if it changes while it can
 * be seen. A viewer that plays no animation, or whose user asked for less motion, shows the last frame.
 * One frame makes a still picture.
 */
export function drawPicture(frames: readonly Frame[], options: PictureOptions): string {
  const last = frames.at(-1);
  if (last === undefined) throw new TypeError("a picture needs a frame");
  const seconds = last.atSeconds + lastFrameSeconds;
  const percent = (frame: number): string =>
    frame === 0
      ? "0%"
      : `${Number((((frames[frame]?.atSeconds ?? 0) / seconds) * 100).toFixed(3))}%`;
  const styles: string[] = [];
  const sheet = [
    ...drawLines(stretchesOf(frames), frames.length, percent, styles),
    drawCursor(frames, percent, styles),
  ].join("\n");
  const tops = frames.map(({ top }) => `transform:translateY(${-top * rowHeight}px)`);
  styles.push(`.sheet{${tops.at(-1)}}`, ...steps("sheet", tops, percent));

  const width = Math.ceil(options.columns * cellWidth) + 2 * padding;
  const inner = usedRows(frames) * rowHeight;
  const height = titleBar + inner + padding;
  const title = escapeXml(printable(options.title));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" fill="${foreground}" xml:space="preserve"><title id="title">${title}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-variant-ligatures:none;white-space:pre}
.b{font-weight:700}.d{fill-opacity:.6}.i{font-style:italic}.u{text-decoration:underline}.s{text-decoration:line-through}.u.s{text-decoration:underline line-through}
${palette.map((colour, index) => `.f${index}{fill:${colour}}`).join("")}
g[class]{animation-duration:${Number(seconds.toFixed(3))}s;animation-timing-function:step-end;animation-iteration-count:infinite}
${styles.join("\n")}
@media(prefers-reduced-motion:reduce){g[class]{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${background}" stroke="#30363d"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<text x="${width / 2}" y="23" text-anchor="middle" fill="#8b949e">${title}</text>
<svg x="${padding}" y="${titleBar}" width="${width - 2 * padding}" height="${inner}"><g class="sheet">
${sheet}
</g></svg>
</svg>
`;
}

/** The stretches of every line, blank ones left out. */
function stretchesOf(frames: readonly Frame[]): Stretch[] {
  const open = new Map<number, Stretch>();
  const closed: Stretch[] = [];
  const markups = new WeakMap<object, string>();
  for (const [index, frame] of frames.entries()) {
    for (const [row, cells] of frame.lines.entries()) {
      const line = frame.top + row;
      const markup = markups.get(cells) ?? rowMarkup(cells, 0);
      markups.set(cells, markup);
      const before = open.get(line);
      if (before?.markup === markup) continue;
      if (before) closed.push({ ...before, to: index });
      // Before it comes into the window nobody sees a line: it may as well be there from the start.
      const from = before ? index : 0;
      const draw = (y: number): string => rowMarkup(cells, y);
      open.set(line, { line, from, to: frames.length, markup, draw });
    }
  }
  return [...closed, ...open.values()]
    .filter(({ markup }) => markup !== "")
    .sort((a, b) => a.line - b.line || a.from - b.from);
}

/** Draws the stretches: one group for all that appear and go together, equal rows drawn once. */
function drawLines(
  stretches: readonly Stretch[],
  frames: number,
  percent: (frame: number) => string,
  styles: string[],
): string[] {
  const uses = new Map<string, number>();
  for (const { markup } of stretches) uses.set(markup, (uses.get(markup) ?? 0) + 1);
  const shared = new Map<string, string>();
  for (const [markup, count] of uses) {
    if (count > 1 && markup.length > 60) shared.set(markup, `r${shared.size}`);
  }
  const groups = new Map<string, { from: number; to: number; rows: string[] }>();
  for (const { line, from, to, markup, draw } of stretches) {
    const group = groups.get(`${from}-${to}`) ?? { from, to, rows: [] };
    groups.set(`${from}-${to}`, group);
    const id = shared.get(markup);
    const y = line * rowHeight;
    group.rows.push(id === undefined ? draw(y) : `<use href="#${id}" y="${y}"/>`);
  }
  const drawn = [...shared].map(([markup, id]) => `<g id="${id}">${markup}</g>`);
  const output = drawn.length > 0 ? [`<defs>${drawn.join("\n")}</defs>`] : [];
  let count = 0;
  for (const { from, to, rows } of groups.values()) {
    const inside = rows.join("\n");
    if (from === 0 && to === frames) {
      output.push(inside);
      continue;
    }
    const name = `k${count++}`;
    const hide = "{visibility:hidden}";
    const show = "{visibility:visible}";
    const start = from === 0 ? `0%${show}` : `0%${hide}${percent(from)}${show}`;
    const end = to === frames ? "" : `${percent(to)}${hide}`;
    // Outside the animation a row of the last frame is seen, any other is not.
    const still = to === frames ? "" : "visibility:hidden;";
    styles.push(`.${name}{${still}animation-name:${name}}@keyframes ${name}{${start}${end}}`);
    output.push(`<g class="${name}">${inside}</g>`);
  }
  return output;
}

function drawCursor(
  frames: readonly Frame[],
  percent: (frame: number) => string,
  styles: string[],
): string {
  const places = frames.map(({ cursor, top }) =>
    cursor
      ? `transform:translate(${x(cursor.column)}px,${(top + cursor.row) * rowHeight}px)`
      : "transform:translate(-99px,0px)",
  );
  styles.push(`.cursor{${places.at(-1)}}`, ...steps("cursor", places, percent));
  return `<g class="cursor"><rect width="${cellWidth}" height="${rowHeight}" fill="#c9d1d9" fill-opacity=".5"/></g>`;
}

/** The rule and keyframes that give a class each value from its frame on; none if it never changes. */
function steps(
  name: string,
  values: readonly string[],
  percent: (frame: number) => string,
): string[] {
  const changes = values.flatMap((value, frame) =>
    frame > 0 && values[frame - 1] === value ? [] : [`${percent(frame)}{${value}}`],
  );
  if (changes.length < 2) return [];
  return [`.${name}{animation-name:${name}}@keyframes ${name}{${changes.join("")}}`];
}

/** How many rows the terminal ever used: rows below them are cut off. */
function usedRows(frames: readonly Frame[]): number {
  let used = 1;
  for (const { lines, cursor } of frames) {
    const lastLine = lines.findLastIndex((line) => rowMarkup(line, 0) !== "");
    used = Math.max(used, lastLine + 1, (cursor?.row ?? 0) + 1);
  }
  return used;
}

/** A title comes from outside: what is no printable character is left out. */
function printable(text: string): string {
  const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
  return text.replace(unwanted, " ").replace(/ +/g, " ").trim();
}
