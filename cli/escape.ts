/**
 * What a terminal would act on, would not show, or would show as something else: controls (C0, DEL, C1),
 * formatting (bidirectional, zero-width, tag characters), surrogates without a partner, private and
 * unassigned code points, every space and line separator but the plain space, what fonts leave out
 * (variation selectors, fillers), and Braille's blank.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

/** Marks change the character before them; more than this many run over the lines above and below. */
const MOST_MARKS = 3;
const MARK = /\p{M}/u;

/**
 * The one way for a text that somebody else wrote to a person's screen: one line, in which everything that
 * would not show as itself stands as `\u{hex}`. Different texts give different lines: a backslash that
 * could be read as the beginning of such an escape is escaped itself. A combining mark is kept where it
 * has something to combine with.
 */
export function escapeText(text: string): string {
  return escapedPieces(text).join("");
}

/** The same, one piece for each character of the text, so that a line can be cut without cutting an escape. */
export function escapedPieces(text: string): string[] {
  const characters = Array.from(text);
  let marks = MOST_MARKS;
  return characters.map((character, i) => {
    const isMark = MARK.test(character);
    const escaped =
      UNSEEN.test(character) ||
      (isMark && marks >= MOST_MARKS) ||
      (character === "\\" && characters[i + 1] === "u" && characters[i + 2] === "{");
    if (escaped || character === " ") marks = MOST_MARKS;
    else marks = isMark ? marks + 1 : 0;
    return escaped ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}` : character;
  });
}

const UNSEEN_ANYWHERE = new RegExp(UNSEEN.source, "gu");

/**
 * A line of ours made harmless, whatever was forgotten to be escaped in it. What is escaped already stays
 * as it is, so this may be applied any number of times.
 */
export function withoutControls(line: string): string {
  return line.replaceAll(
    UNSEEN_ANYWHERE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * JSON text of a value, on one line, that no terminal acts on: what `escapeText` escapes for people is
 * escaped here as JSON does it, so that every reader still finds the value itself.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(UNSEEN_ANYWHERE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
