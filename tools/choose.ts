import { nearestNames } from "../core/nearest-name.ts";

/**
 * Those of a list that somebody named by words on a command line, each by its whole name or, with `parts`, by any
 * part of it; all where no word was given. A word that names none is an error: to run nothing would look like success.
 */
export function choose<T extends { name: string }>(
  from: readonly T[],
  words: readonly string[] | undefined,
  by: "whole" | "parts",
): { chosen: readonly T[] } | { error: string } {
  const meant = (name: string, word: string): boolean =>
    word !== "" && (by === "whole" ? name === word : name.includes(word));
  const names = from.map(({ name }) => name);
  for (const word of words ?? []) {
    if (names.some((name) => meant(name, word))) continue;
    const near = nearestNames(word, names, 3).map((name) => JSON.stringify(name));
    return { error: `nothing is called ${JSON.stringify(word)}; nearest are ${near.join(", ")}` };
  }
  const chosen = from.filter(
    ({ name }) => words === undefined || words.some((word) => meant(name, word)),
  );
  return chosen.length === 0 ? { error: "there is nothing to run" } : { chosen };
}
