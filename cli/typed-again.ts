import type { GlobalOptions } from "./config.ts";

/**
 * A command line to come back with: the same gateway, the same identity. Only options that choose those are
 * repeated, in a form that a POSIX shell takes as it stands.
 */
export function typedAgain(options: GlobalOptions, ...words: string[]): string {
  const { as, state, profile, region, url } = options;
  const chosen = Object.entries({ as, state, profile, region, url }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  return ["sallyport", ...chosen, ...words].map(forShell).join(" ");
}

function forShell(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
