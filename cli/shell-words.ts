import { splitCommand } from "../core/command-words.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { askLine, isAttended } from "./prompt.ts";
import { shown } from "./shown.ts";
import { forShell } from "./typed-again.ts";

/** Words that mean something to a shell, and are an argument like any other to all else. */
const OF_A_SHELL = /^(?:\|\|?|&&?|;|\d?>>?|\d?<<?|&>|\d?>&\d)$/;
/** The same within a line that was quoted whole. */
const LINE_OF_A_SHELL = / (?:\|\|?|&&|>>?|<) |; /;

/**
 * The line for a shell that a command was probably meant to be; undefined where it looks like none. What
 * runs in the container is not run by a shell: `ls '|' head` lists a file of that name.
 */
export function shellLine(command: string): string | undefined {
  const split = splitCommand(command);
  if (split.kind === "invalid") return undefined;
  const { words } = split;
  const [first = ""] = words;
  if (words.length === 1) return LINE_OF_A_SHELL.test(first) ? first : undefined;
  if (!words.some((word) => OF_A_SHELL.test(word))) return undefined;
  return words.map((word) => (OF_A_SHELL.test(word) ? word : forShell(word))).join(" ");
}

/**
 * Warns, before anybody is asked, of a command that looks like a line for a shell; on a terminal asks
 * whether to go on. Throws Failure where the answer is no.
 */
export async function cautionAboutShell(
  { io, output }: Pick<Context, "io" | "output">,
  command: string,
): Promise<void> {
  const line = shellLine(command);
  if (line === undefined || output.json) return;
  output.info(
    shown`it is not run by a shell: ${command} goes to the program as it stands; to have it run by one, ask for sh -c ${forShell(line)}`,
  );
  if (!isAttended(io)) return;
  const answer = await askLine(io, "Ask for it as it stands? [y/N]");
  if (!/^y(?:es)?$/i.test(answer)) throw new Failure("nothing was asked");
}
