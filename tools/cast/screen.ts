import { blankLine, type Line, overwrite } from "./line.ts";
import { plain, type Style } from "./style.ts";

export interface Position {
  row: number;
  column: number;
}

/** What a terminal of a fixed size shows. Owned by whoever opened it; changed by the functions here. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  lines: Line[];
  /** How many lines have left at the top since the start; it only grows. A cleared screen has left. */
  top: number;
  cursor: Position;
  cursorVisible: boolean;
  /** The last column is filled: the next character goes to the next line, not over it. */
  wrapPending: boolean;
  style: Style;
  /** The rows that scroll, both included. */
  region: { first: number; last: number };
  saved: Position & { style: Style };
  /** The main screen, while the alternate one is shown. */
  main?: { lines: Line[]; cursor: Position };
  /** The start of a sequence that the next output completes. */
  rest: string;
}

export function openScreen(columns: number, rows: number): Screen {
  return {
    columns,
    rows,
    lines: Array.from({ length: rows }, () => blankLine(columns, plain)),
    top: 0,
    cursor: { row: 0, column: 0 },
    cursorVisible: true,
    wrapPending: false,
    style: plain,
    region: { first: 0, last: rows - 1 },
    saved: { row: 0, column: 0, style: plain },
    rest: "",
  };
}

export function lineAt(screen: Screen, row: number): Line {
  return screen.lines[row] ?? blankLine(screen.columns, plain);
}

/** Moves the cursor, and stops it at the edges. */
export function moveTo(screen: Screen, row: number, column: number): void {
  screen.wrapPending = false;
  screen.cursor = {
    row: Math.min(screen.rows - 1, Math.max(0, row)),
    column: Math.min(screen.columns - 1, Math.max(0, column)),
  };
}

/** Puts a character of width 1 or 2 at the cursor, on the next line if this one is full. */
export function putCharacter(screen: Screen, text: string, width: 1 | 2): void {
  const { columns, style } = screen;
  if (width > columns) return;
  if (screen.wrapPending || screen.cursor.column + width > columns) {
    screen.cursor.column = 0;
    lineFeed(screen);
  }
  const { row, column } = screen.cursor;
  const right = { text: "", width: 0 as const, style };
  screen.lines[row] = overwrite(lineAt(screen, row), column, [
    { text, width, style },
    ...(width === 2 ? [right] : []),
  ]);
  screen.wrapPending = column + width >= columns;
  screen.cursor.column = Math.min(column + width, columns - 1);
}

/** Joins a combining mark to the character before the cursor; at the start of a line there is none. */
export function putMark(screen: Screen, mark: string): void {
  const { row, column } = screen.cursor;
  const line = lineAt(screen, row);
  let before = screen.wrapPending ? column : column - 1;
  if (line[before]?.width === 0) before--;
  const cell = line[before];
  // More marks than any script stacks are an attack on the eye.
  if (cell === undefined || cell.text.length >= 8) return;
  screen.lines[row] = line.map((old) => (old === cell ? { ...cell, text: cell.text + mark } : old));
}

export function lineFeed(screen: Screen): void {
  screen.wrapPending = false;
  if (screen.cursor.row === screen.region.last) scrollUp(screen, screen.region.first, 1);
  else screen.cursor.row = Math.min(screen.rows - 1, screen.cursor.row + 1);
}

/** Takes lines out at row `first` and adds blank ones at the end of the region. */
export function scrollUp(screen: Screen, first: number, count: number): void {
  const { lines, rows, region, columns, style } = screen;
  const times = Math.min(count, region.last - first + 1);
  for (let time = 0; time < times; time++) {
    lines.splice(first, 1);
    lines.splice(region.last, 0, blankLine(columns, style));
  }
  if (first === 0 && region.last === rows - 1) screen.top += times;
}

/** Takes lines out at the end of the region and adds blank ones at row `first`. */
export function scrollDown(screen: Screen, first: number, count: number): void {
  const { lines, region, columns, style } = screen;
  const times = Math.min(count, region.last - first + 1);
  for (let time = 0; time < times; time++) {
    lines.splice(region.last, 1);
    lines.splice(first, 0, blankLine(columns, style));
  }
}

/** Blanks the columns `from` to `to` of a row, `to` not included. */
export function erase(screen: Screen, row: number, from: number, to: number): void {
  screen.wrapPending = false;
  const blank = blankLine(Math.min(to, screen.columns) - from, screen.style);
  screen.lines[row] = overwrite(lineAt(screen, row), from, blank);
}

/** Clears the screen. It goes on below all that was shown before: no line ever means two things. */
export function newPage(screen: Screen): void {
  screen.top += screen.rows;
  screen.lines = screen.lines.map(() => blankLine(screen.columns, screen.style));
  screen.wrapPending = false;
}
