import { plain, type Style } from "./style.ts";

/** One column of a line. A wide character has a cell of width 2 and to its right one of width 0. */
export interface Cell {
  text: string;
  width: 0 | 1 | 2;
  style: Style;
}

/** Lines are never changed, only replaced: a frame may keep those it has seen. */
export type Line = readonly Cell[];

/** Erased cells keep the background in force, as xterm does, and nothing else of the style. */
export function blankLine(columns: number, style: Style): Line {
  const kept: Style = style.background === undefined ? plain : { background: style.background };
  return Array.from({ length: Math.max(0, columns) }, () => ({ text: " ", width: 1, style: kept }));
}

/** The line with `cells` written over it from `column` on; its width does not change. */
export function overwrite(line: Line, column: number, cells: Line): Line {
  const next = [...line.slice(0, column), ...cells, ...line.slice(column + cells.length)];
  return whole(next.slice(0, line.length));
}

/** The line with `cells` in place of all from `column` on, cut or filled to its old width. */
export function replaceFrom(line: Line, column: number, cells: Line, style: Style): Line {
  const room = line.length - column;
  return overwrite(
    line,
    column,
    [...cells, ...blankLine(room - cells.length, style)].slice(0, room),
  );
}

/** Blanks what is left of a wide character when one of its halves is gone. */
function whole(line: Line): Line {
  return line.map((cell, column) => {
    const orphan =
      (cell.width === 0 && line[column - 1]?.width !== 2) ||
      (cell.width === 2 && line[column + 1]?.width !== 0);
    return orphan ? { text: " ", width: 1, style: cell.style } : cell;
  });
}
