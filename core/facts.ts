import { canonicalJson } from "./canonical-json.ts";
import { type SplitFailure, splitCommand } from "./command-words.ts";
import { utf8Length } from "./digest.ts";
import type { Issue } from "./errors.ts";
import { opensShell } from "./opens-shell.ts";
import type { Facts } from "./policy-engine.ts";

/** Longest command, in UTF-8 bytes. */
export const MAX_COMMAND_BYTES = 8192;

/** Rules see so many words by position; `argc` and `line` count them all. The schema names as many. */
export const POSITIONS = 32;

/**
 * What rules may look at. `ticket`: whether the requester gave one; it is their own word, never checked.
 * `windows`: the agent there hands the command over whole, so argv is the one word `[command]` and
 * `shell` is always true. How `shell` is judged, and what it cannot say, stands in core/opens-shell.ts.
 */
export function factsOf(
  words: readonly string[],
  about: { ticket: boolean; windows: boolean },
): Facts {
  const a: { [position: string]: string } = {};
  for (const [i, word] of words.slice(0, POSITIONS).entries()) a[String(i)] = word;
  return {
    argc: words.length,
    a,
    line: canonicalJson([...words]),
    argv0: words[0] ?? "",
    shell: about.windows || opensShell(words),
    has_ticket: about.ticket,
  };
}

export type CheckedCommand =
  | { kind: "ok"; words: string[]; facts: Facts }
  /** `replaced`: it can be read, and the agent would run something else. */
  | { kind: "invalid" | "replaced"; issue: Issue };

/**
 * What the agent replaces before it splits: `{{ssm:NAME}}` by the value of a parameter in AWS Systems
 * Manager, `{{NAME}}` by one of the session document's (amazon-ssm-agent, framework/docparser). The words
 * run would not be the words approved.
 */
const REPLACED_BY_AGENT = /\{\{\s*(?:ssm[\w-]*:|[A-Za-z0-9]+\s*\}\})/;

const FAILURES: { [W in SplitFailure["why"]]: string } = {
  empty: "the command is empty",
  comment_only: "the command is only a comment: a word that begins with # starts one",
  open_quote: "a quote is opened and not closed",
  open_escape: "the command ends in a backslash",
  nul: "the command holds a NUL character",
  lone_surrogate: "the command holds half a surrogate pair, which is no character",
};

/**
 * Whether a command can be asked for at all, and its facts. Refused, with a JSON pointer: what the agent
 * could not execute or would execute as something else, and more than 8,192 bytes of UTF-8.
 */
export function checkCommand(
  command: string,
  about: { ticket: boolean; windows: boolean },
): CheckedCommand {
  const invalid = (detail: string) => ({
    kind: "invalid" as const,
    issue: { pointer: "/command", detail },
  });
  if (command.length > MAX_COMMAND_BYTES || utf8LengthIfSound(command) > MAX_COMMAND_BYTES) {
    return invalid(`the command is longer than ${MAX_COMMAND_BYTES} bytes of UTF-8`);
  }
  if (REPLACED_BY_AGENT.test(command)) {
    const detail = "the agent would replace {{…}} by something else before it runs the command";
    return { ...invalid(detail), kind: "replaced" };
  }
  const split = splitCommand(command);
  if (split.kind === "invalid") {
    const textual = split.why === "nul" || split.why === "lone_surrogate" || split.why === "empty";
    if (textual || !about.windows) {
      const at = "at" in split ? `, at ${split.at}` : "";
      return invalid(`${FAILURES[split.why]}${at}`);
    }
  }
  const words = about.windows || split.kind === "invalid" ? [command] : split.words;
  if (words[0] === "") return invalid("the first word, the program, is empty");
  return { kind: "ok", words, facts: factsOf(words, about) };
}

function utf8LengthIfSound(text: string): number {
  return text.isWellFormed() ? utf8Length(text) : 0;
}
