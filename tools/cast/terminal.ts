import { type Action, readActions } from "./escapes.ts";
import { blankLine, replaceFrom } from "./line.ts";
import {
  erase,
  lineAt,
  lineFeed,
  moveTo,
  newPage,
  openScreen,
  putCharacter,
  putMark,
  type Screen,
  scrollDown,
  scrollUp,
} from "./screen.ts";
import { withRendition } from "./style.ts";

/** Puts output on the screen as a VT would. What it does not know, it leaves out. */
export function write(screen: Screen, output: string): void {
  const { actions, rest } = readActions(screen.rest + output);
  screen.rest = rest;
  for (const action of actions) perform(screen, action);
}

function perform(screen: Screen, action: Action): void {
  switch (action.kind) {
    case "print":
      if (action.width === 0) putMark(screen, action.text);
      else putCharacter(screen, action.text, action.width);
      return;
    case "control":
      control(screen, action.code);
      return;
    case "escape":
      escape(screen, action.final);
      return;
    case "sequence":
      if (action.prefix === "?") mode(screen, action.parameters, action.final);
      else if (action.prefix === "") {
        if (action.final === "m") screen.style = withRendition(screen.style, action.parameters);
        else sequence(screen, action.parameters, action.final);
      }
      return;
  }
}

function control(screen: Screen, code: string): void {
  const { row, column } = screen.cursor;
  if (code === "\r") moveTo(screen, row, 0);
  else if (code === "\b") moveTo(screen, row, column - 1);
  else if (code === "\t") moveTo(screen, row, (Math.floor(column / 8) + 1) * 8);
  else lineFeed(screen);
}

function escape(screen: Screen, final: string): void {
  const { cursor, region } = screen;
  if (final === "7") save(screen);
  else if (final === "8") restore(screen);
  else if (final === "D") lineFeed(screen);
  else if (final === "E") {
    moveTo(screen, cursor.row, 0);
    lineFeed(screen);
  } else if (final === "M") {
    if (cursor.row === region.first) scrollDown(screen, region.first, 1);
    else moveTo(screen, cursor.row - 1, cursor.column);
  } else if (final === "c") {
    newPage(screen);
    const { columns, rows, top } = screen;
    delete screen.main;
    Object.assign(screen, openScreen(columns, rows), { top });
  }
}

/** CSI without a prefix. Sequences: ECMA-48 §8.3; `r`, `s` and `u` as xterm has them. */
function sequence(screen: Screen, parameters: string, final: string): void {
  const { cursor, columns, rows, region, style } = screen;
  const { row, column } = cursor;
  const [which = 0, second = 0] = parameters
    .split(";")
    .map((word) => Number.parseInt(word, 10) || 0);
  const count = Math.min(Math.max(1, which), columns + rows);
  // Inside the region that scrolls, the cursor moves up and down no further than its edges.
  const up = Math.max(row - count, row >= region.first ? region.first : 0);
  const down = Math.min(row + count, row <= region.last ? region.last : rows - 1);
  const inRegion = row >= region.first && row <= region.last;
  const after = lineAt(screen, row).slice(column);
  switch (final) {
    case "A":
      return moveTo(screen, up, column);
    case "B":
    case "e":
      return moveTo(screen, down, column);
    case "C":
    case "a":
      return moveTo(screen, row, column + count);
    case "D":
      return moveTo(screen, row, column - count);
    case "E":
      return moveTo(screen, down, 0);
    case "F":
      return moveTo(screen, up, 0);
    case "G":
    case "`":
      return moveTo(screen, row, count - 1);
    case "d":
      return moveTo(screen, count - 1, column);
    case "H":
    case "f":
      return moveTo(screen, count - 1, second - 1);
    case "J":
      return eraseScreen(screen, which);
    case "K":
      return erase(screen, row, which === 0 ? column : 0, which === 1 ? column + 1 : columns);
    case "X":
      return erase(screen, row, column, column + count);
    case "@":
      screen.lines[row] = replaceFrom(
        lineAt(screen, row),
        column,
        [...blankLine(count, style), ...after],
        style,
      );
      return;
    case "P":
      screen.lines[row] = replaceFrom(lineAt(screen, row), column, after.slice(count), style);
      return;
    case "L":
      if (!inRegion) return;
      scrollDown(screen, row, count);
      return moveTo(screen, row, 0);
    case "M":
      if (!inRegion) return;
      scrollUp(screen, row, count);
      return moveTo(screen, row, 0);
    case "S":
      return scrollUp(screen, region.first, count);
    case "T":
      return scrollDown(screen, region.first, count);
    case "s":
      return save(screen);
    case "u":
      return restore(screen);
    case "r":
      return setRegion(screen, count - 1, Math.min(rows, second || rows) - 1);
  }
}

/** DEC private modes: the cursor's visibility and the alternate screen. The others draw nothing. */
function mode(screen: Screen, parameters: string, final: string): void {
  if (final !== "h" && final !== "l") return;
  const set = final === "h";
  for (const word of parameters.split(";")) {
    if (word === "25") screen.cursorVisible = set;
    if (word !== "1049" && word !== "1047" && word !== "47") continue;
    if (set && screen.main === undefined) {
      screen.main = { lines: [...screen.lines], cursor: { ...screen.cursor } };
      newPage(screen);
    } else if (!set && screen.main !== undefined) {
      newPage(screen);
      screen.lines = screen.main.lines;
      moveTo(screen, screen.main.cursor.row, screen.main.cursor.column);
      delete screen.main;
    }
  }
}

function eraseScreen(screen: Screen, which: number): void {
  const { cursor, rows, columns } = screen;
  if (which === 2) newPage(screen);
  if (which === 0) {
    erase(screen, cursor.row, cursor.column, columns);
    for (let row = cursor.row + 1; row < rows; row++) erase(screen, row, 0, columns);
  }
  if (which === 1) {
    for (let row = 0; row < cursor.row; row++) erase(screen, row, 0, columns);
    erase(screen, cursor.row, 0, cursor.column + 1);
  }
}

function setRegion(screen: Screen, first: number, last: number): void {
  if (first >= last) return;
  screen.region = { first, last };
  moveTo(screen, 0, 0);
}

function save(screen: Screen): void {
  screen.saved = { ...screen.cursor, style: screen.style };
}

function restore(screen: Screen): void {
  moveTo(screen, screen.saved.row, screen.saved.column);
  screen.style = screen.saved.style;
}
