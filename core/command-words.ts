/** Why a command has no words. `at` is where it went wrong, as an index into the text. */
export type SplitFailure =
  | { why: "empty" | "comment_only" }
  | { why: "open_quote" | "open_escape" | "nul" | "lone_surrogate"; at: number };

export type Split = { kind: "words"; words: string[] } | ({ kind: "invalid" } & SplitFailure);

const SPACE = /[ \t\r\n]/;

/**
 * Splits a command as the agent in a Linux container does before it executes it: google/shlex, which
 * knows quotes, backslashes and comments, and neither variables nor operators. Words are separated by
 * space, tab, CR and LF alone. A word that begins with `#` starts a comment, which ends at LF. Inside
 * double quotes a backslash removes itself before any character; inside single quotes it is literal.
 *
 * What the agent could not execute is refused: no word at all, a quote or a backslash left open, NUL
 * (which ends an argument for the kernel), a lone surrogate (which has no UTF-8).
 */
export function splitCommand(command: string): Split {
  const nul = command.indexOf("\0");
  if (nul >= 0) return { kind: "invalid", why: "nul", at: nul };
  const surrogate = loneSurrogate(command);
  if (surrogate >= 0) return { kind: "invalid", why: "lone_surrogate", at: surrogate };

  const words: string[] = [];
  let word = "";
  let state: "between" | "word" | "single" | "double" | "comment" = "between";
  let opened = 0;
  let commented = false;
  for (let i = 0; i < command.length; i++) {
    const char = command.charAt(i);
    switch (state) {
      case "comment":
        if (char === "\n") state = "between";
        continue;
      case "single":
        if (char === "'") state = "word";
        else word += char;
        continue;
      case "double":
        if (char === '"') {
          state = "word";
        } else if (char === "\\") {
          i += 1;
          word += command.charAt(i);
        } else {
          word += char;
        }
        continue;
      case "between":
      case "word":
        if (SPACE.test(char)) {
          if (state === "word") words.push(word);
          word = "";
          state = "between";
        } else if (char === "#" && state === "between") {
          commented = true;
          state = "comment";
        } else if (char === "'" || char === '"') {
          opened = i;
          state = char === "'" ? "single" : "double";
        } else if (char === "\\") {
          i += 1;
          if (i >= command.length) return { kind: "invalid", why: "open_escape", at: i - 1 };
          word += command.charAt(i);
          state = "word";
        } else {
          word += char;
          state = "word";
        }
    }
  }
  if (state === "single" || state === "double") {
    return { kind: "invalid", why: "open_quote", at: opened };
  }
  if (state === "word") words.push(word);
  if (words.length > 0) return { kind: "words", words };
  return { kind: "invalid", why: commented ? "comment_only" : "empty" };
}

/** Characters that mean nothing to the agent's split, a shell or a reader. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The inverse: one command that the agent splits into exactly these words. A word that needs it is put
 * in single quotes, in which nothing is special.
 *
 * Throws TypeError where no command has these words: none at all, or one with NUL or a lone surrogate.
 */
export function quoteWords(words: readonly string[]): string {
  if (words.length === 0) throw new TypeError("a command has at least one word");
  return words
    .map((word) => {
      if (word.includes("\0") || !word.isWellFormed()) {
        throw new TypeError("a word holds no NUL and no lone surrogate");
      }
      return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
    })
    .join(" ");
}

/** Index of the first surrogate without its partner; -1 when the text is well-formed. */
export function loneSurrogate(text: string): number {
  if (text.isWellFormed()) return -1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return i;
    i += 1;
  }
  return -1;
}
