import { splitCommand } from "./command-words.ts";
import { secretByPlace } from "./secret-arguments.ts";
import { passwordAfterColon, type Secret, secretByShape } from "./secret-shapes.ts";

/** How often a word is taken for a command of its own: `sh -c 'sudo sh -c "…"'`. */
const MAX_DEPTH = 3;
/** A shorter word is no command with a secret in it; without this, blanks in quotes would make much work. */
const MIN_COMMAND = 8;
const NAMES_SHELL = /(?<![\w.-])(?:ba|da|a|k|mk|z)?sh(?![\w.-])/;

/**
 * Whether a command seems to carry a secret in clear, and what. A command is shown to approvers, kept on
 * record and written to CloudTrail, so a secret in one is given away before it is used.
 *
 * It goes by shape, so it is no proof either way: a password of no name goes through, and what is only an
 * example may not. What is filled in where the command runs (`$PASSWORD`, `$(cat …)`), a placeholder, a path,
 * a pattern and an empty value are no secrets. The work is linear in the command's length.
 */
export function secretIn(command: string): Secret | undefined {
  return secretWithin(command, NAMES_SHELL.test(command), MAX_DEPTH);
}

/**
 * Whether a text for readers (a reason, a ticket, a comment) seems to carry a secret in clear, and what:
 * what shows by its shape alone. That a word follows `--token` or `mysql` says nothing in prose.
 */
export function secretInText(text: string): Secret | undefined {
  return (
    secretByShape(text, true) ?? (passwordAfterColon(text, true, true) ? "a password" : undefined)
  );
}

/** The whole text is looked at too: CloudTrail is also given the comments, which no word holds. */
function secretWithin(text: string, byShell: boolean, depth: number): Secret | undefined {
  const words = wordsOf(text);
  // An empty word keeps its place, or the next would be taken for its value.
  const line = words.map((word) => word || "''").join("\n");
  for (const looked of [text, line]) {
    const found = secretByShape(looked, byShell);
    if (found !== undefined) return found;
    if (passwordAfterColon(looked, byShell, false)) return "a password";
  }
  if (secretByPlace(words, byShell) || secretByPlace(commentOf(text), byShell)) return "a password";
  if (depth === 0) return undefined;
  for (const word of words) {
    // What holds no blank is one word, and was looked at as such.
    if (word.length < MIN_COMMAND || !/\s/.test(word)) continue;
    const found = secretWithin(word, byShell, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The words as the agent or a shell has them, with a shell's operators apart; of broken texts the pieces. */
function wordsOf(text: string): string[] {
  const split = splitCommand(text.replace(/;|\|+|&&|\n/g, " $& "));
  return split.kind === "words" ? split.words : piecesOf(text);
}

/** The words after what may begin a comment, whose quotes need not be in pairs. */
function commentOf(text: string): string[] {
  const start = text.search(/(?<!\S)#/);
  return start < 0 ? [] : piecesOf(text.slice(start + 1));
}

function piecesOf(text: string): string[] {
  return text.split(/[\s"']+/).filter((piece) => piece !== "");
}
