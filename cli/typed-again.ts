import type { GlobalOptions } from "./config.ts";

/** What a person typed to get here, as far as it is to be repeated. */
export interface Typed {
  /** How they call this command line: `sallyport`, or the launcher of a checkout. */
  program: string;
  globalOptions: GlobalOptions;
}

/**
 * A command line to go on with: the same gateway, the same identity. Only options that choose those are
 * repeated, in a form that a POSIX shell takes as it stands.
 */
export function typedAgain({ program, globalOptions }: Typed, ...words: string[]): string {
  return [program, ...chosen(globalOptions), ...words].map(forShell).join(" ");
}

/**
 * A text in which every `sallyport …` between backticks calls this program, for the same gateway and as the
 * same identity. Texts of the gateway and our own are written for nobody in particular: whoever runs the
 * launcher of a checkout, or names an identity, cannot paste them as they are. A text that holds such a line
 * already stays: a reason in it may have backticks of its own.
 */
export function runnable(typed: Typed, text: string): string {
  return calledAs(typedAgain(typed), text);
}

/** The same for commands that are a colleague's to type, as themselves. */
export function runnableByAnother(typed: Typed, text: string): string {
  return calledAs(typedByAnother(typed), text);
}

function calledAs(called: string, text: string): string {
  if (text.includes(`${called} `)) return text;
  return text.replaceAll(/`sallyport( [^`]*)?`/g, (_, words = "") => `\`${called}${words}\``);
}

function chosen({ as, state, profile, region, url, tokenFile }: GlobalOptions): string[] {
  const named = { as, state, profile, region, url, "token-file": tokenFile };
  return Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
}

/** How to go on with a request that stands, and how to take it back, each to be pasted. */
export function wayBack(typed: Typed, id: string): string[] {
  return [
    `come back with: ${typedAgain(typed, "attach", id)}`,
    `withdraw it with: ${typedAgain(typed, "cancel", id)}`,
  ];
}

/** What a colleague types, as themselves, for the same gateway. */
export function typedByAnother({ program, globalOptions }: Typed, ...words: string[]): string {
  const { as, state, url } = globalOptions;
  // With a local gateway they have to say who they are.
  const theirs = as === undefined ? undefined : "NAME";
  return typedAgain({ program, globalOptions: { as: theirs, state, url } }, ...words);
}

/** A word that a POSIX shell takes for exactly this word. */
export function forShell(word: string): string {
  // zsh takes =word at the beginning for the path of that command.
  return /^[\w./:@%+,-][\w./:@%+=,-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
