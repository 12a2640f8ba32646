/** The words of a command line, or why the agent cannot split it. */
export type CommandWords =
  | { kind: "words"; words: string[] }
  | { kind: "open-quote" | "open-escape" };

const SPACE = new Set([" ", "\t", "\r", "\n"]);

/**
 * Splits a command as the SSM agent in a Linux container does: with `github.com/google/shlex`, whose
 * states these are. There is no shell: `|`, `;`, `$` and globs are letters like any other.
 *
 * - Space, tab, carriage return and newline separate words; no other character does.
 * - `'…'` is literal. In `"…"`, and outside quotes, a backslash makes the next character literal,
 *   whichever it is, and is itself dropped.
 * - `#` at the start of a word begins a comment up to the end of the line; inside a word it is a letter.
 *
 * Zero words (blank, or only a comment) is a result, not an error: the agent indexes word 0 and dies,
 * so the caller has to refuse.
 */
export function splitCommand(command: string): CommandWords {
  const words: string[] = [];
  let word = "";
  let state: "start" | "word" | "quoted" | "comment" = "start";
  let quote = "";

  const characters = Array.from(command);
  for (let i = 0; i < characters.length; i++) {
    let char = characters[i] ?? "";
    if (state === "comment") {
      if (char === "\n") state = "start";
      continue;
    }
    if (state === "quoted" && char === quote) {
      state = "word";
      continue;
    }
    if (state === "quoted" && quote === "'") {
      word += char;
      continue;
    }
    if (char === "\\") {
      const next = characters[++i];
      if (next === undefined) return { kind: "open-escape" };
      char = next;
      if (state === "start") state = "word";
      word += char;
      continue;
    }
    if (state === "quoted") {
      word += char;
    } else if (SPACE.has(char)) {
      if (state === "word") words.push(word);
      word = "";
      state = "start";
    } else if (char === '"' || char === "'") {
      quote = char;
      state = "quoted";
    } else if (char === "#" && state === "start") {
      state = "comment";
    } else {
      word += char;
      state = "word";
    }
  }
  if (state === "quoted") return { kind: "open-quote" };
  if (state === "word") words.push(word);
  return { kind: "words", words };
}
