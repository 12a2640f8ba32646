import type { CommandLine, Ran } from "./demo-command.ts";
import type { Stage } from "./demo-stage.ts";
import type { Terminal } from "./demo-terminal.ts";
import type { UserName } from "./identities.ts";

/** What somebody in the demo acts with. */
export interface OnStage {
  commandLine: CommandLine;
  stage: Stage;
}

/** A command on a terminal, of which the stage shows what comes while it is in front, and the rest later. */
export interface Begun {
  terminal: Terminal;
  inFront(shown: boolean): void;
}

/** Starts a command on a terminal of its own, in front. */
export function begins(
  { commandLine, stage }: OnStage,
  who: UserName,
  words: readonly string[],
): Begun {
  stage.command(who, words);
  let held: string | undefined;
  const terminal = commandLine.onTerminal(who, words, (text) => {
    if (held === undefined) stage.raw(text);
    else held += text;
  });
  return {
    terminal,
    inFront(shown) {
      const text = held ?? "";
      held = shown ? undefined : text;
      if (shown) stage.raw(text);
    },
  };
}

/** Waits for its end, which must be with this status. */
export async function ends(
  { stage }: OnStage,
  { terminal }: Begun,
  status: number,
  what: string,
): Promise<void> {
  const ended = await terminal.status();
  stage.status(ended);
  must(ended === status, `${what} ended with ${ended} in place of ${status}`);
}

/**
 * Runs a command without a terminal. The stage shows all that it said, or of its JSON the one member `only`.
 */
export async function runs(
  { commandLine, stage }: OnStage,
  who: UserName,
  words: readonly string[],
  only?: string,
): Promise<Ran> {
  stage.command(who, words);
  const ran = await commandLine.run(who, words);
  const all = `${ran.stdout}${ran.stderr}`;
  stage.raw(only === undefined ? all : `{"${only}":${JSON.stringify(member(ran, only))}, …}\n`);
  stage.status(ran.status);
  return ran;
}

/** The request that a command on a terminal is about, as soon as it says so. */
export async function idOn({ terminal }: Begun): Promise<string> {
  const [id] = await terminal.shows(/\b[0-9a-z]{26}\b/);
  return id;
}

export function mustEnd(ran: Ran, status: number, what: string): void {
  must(
    ran.status === status,
    `${what} ended with ${ran.status} in place of ${status}: ${ran.stdout}${ran.stderr}`,
  );
}

export function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/**
 * A text in the JSON that a command printed, or else in the problem it reported in its last line. Where it
 * has none, "nothing".
 */
export function member({ stdout, stderr }: Ran, name: string): string {
  const json = stdout === "" ? stderr.trimEnd().split("\n").at(-1) : stdout;
  try {
    const value = (JSON.parse(json ?? "") as { [name: string]: unknown })[name];
    return typeof value === "string" ? value : "nothing";
  } catch {
    return "nothing"; // no JSON: whoever expects a value says so
  }
}
