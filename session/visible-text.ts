const LONGEST_TEXT = 2_000;

/** Controls, formatting (bidirectional, zero-width, tags), line separators, and what fonts leave out. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A text that somebody else wrote (the agent, the service, a library), made safe to show as one line: the
 * session's token is taken out, white space runs are one space, and what a terminal would act on or not
 * show is written as `\u{…}`. At most 2,000 characters of it are kept.
 */
export function visibleText(text: string, secret: string): string {
  const withoutSecret = secret === "" ? text : text.replaceAll(secret, "[token]");
  const line = withoutSecret.replaceAll(/[ \t\r\n]+/g, " ").replaceAll(/^ | $/g, "");
  const kept = line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
  return kept.replaceAll(
    UNSEEN,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
