import { escapedPieces } from "./escape.ts";

/** Two columns in a terminal: emoji, and what Unicode calls wide or full-width (its main ranges). */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}/u;

/** How many columns a text takes that holds nothing to be escaped. An estimate: terminals differ. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/**
 * A text in at most so many columns, escaped. What is cut is seen to be cut: the end says how many
 * characters are missing.
 */
export function shortened(text: string, columns: number): string {
  const pieces = escapedPieces(text);
  if (displayWidth(pieces.join("")) <= columns) return pieces.join("");
  for (let kept = Math.min(pieces.length - 1, columns); kept > 0; kept--) {
    const cut = `${pieces.slice(0, kept).join("")}… (+${pieces.length - kept})`;
    if (displayWidth(cut) <= columns) return cut;
  }
  return `… (+${pieces.length})`;
}
