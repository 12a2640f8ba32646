/** A palette index from 0 to 15, or "#rrggbb". */
export type Colour = number | string;

/** How a cell is drawn; a member that is absent is off or the default. */
export interface Style {
  foreground?: Colour;
  background?: Colour;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  reverse?: true;
  concealed?: true;
  struck?: true;
}

export const plain: Style = {};

type Flag = Exclude<keyof Style, "foreground" | "background">;

const on: { [code: number]: Flag } = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "reverse",
  8: "concealed",
  9: "struck",
  21: "underline",
};
const off: { [code: number]: Flag[] } = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["reverse"],
  28: ["concealed"],
  29: ["struck"],
};

/**
 * The style after `CSI <parameters> m`. Codes that are not drawn (blink, fonts, frames) change nothing.
 * Both spellings of extended colours are read: `38;5;n`, `38;2;r;g;b` and `38:5:n`, `38:2:[space]:r:g:b`.
 *
 * Codes: ECMA-48 §8.3.117, ITU-T T.416 §13.1.8.
 */
export function withRendition(style: Style, parameters: string): Style {
  const next: Style = { ...style };
  const words = parameters.split(";");
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const code = Number.parseInt(word, 10) || 0;
    const flag = on[code];
    if (code === 0) for (const key of Object.keys(next)) delete next[key as keyof Style];
    else if (code === 4 && word === "4:0") delete next.underline;
    else if (flag !== undefined) next[flag] = true;
    else if (off[code] !== undefined) for (const key of off[code]) delete next[key];
    else if (code === 38 || code === 48) {
      const inline = word.split(":").slice(1);
      const values = inline.length > 0 ? inline : words.slice(index + 1);
      // Written with colons, a colour may carry a colour space before its three parts.
      if (inline[0] === "2" && inline.length > 4) values.splice(1, 1);
      if (inline.length === 0) index += values[0] === "2" ? 4 : 2;
      const colour = extended(values.map((value) => Number.parseInt(value, 10) || 0));
      if (colour !== undefined) next[code === 38 ? "foreground" : "background"] = colour;
    } else if (code === 39) delete next.foreground;
    else if (code === 49) delete next.background;
    else if (code >= 30 && code <= 37) next.foreground = code - 30;
    else if (code >= 40 && code <= 47) next.background = code - 40;
    else if (code >= 90 && code <= 97) next.foreground = code - 90 + 8;
    else if (code >= 100 && code <= 107) next.background = code - 100 + 8;
  }
  return next;
}

function extended([kind, ...values]: number[]): Colour | undefined {
  const [first = 0, second = 0, third = 0] = values;
  if (kind === 2) return hex(first, second, third);
  if (kind !== 5 || first > 255) return undefined;
  if (first < 16) return first;
  if (first >= 232) {
    const grey = 8 + (first - 232) * 10;
    return hex(grey, grey, grey);
  }
  // xterm's cube: six steps a channel, the first of them black.
  const step = (n: number): number => (n === 0 ? 0 : 55 + n * 40);
  const cube = first - 16;
  return hex(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6));
}

function hex(...channels: number[]): string {
  return `#${channels.map((value) => Math.min(value, 255).toString(16).padStart(2, "0")).join("")}`;
}
