/**
 * What the test that is running has looked at. A case that asserts only what it was answered would pass while the
 * record says something else: so whatever of the kit reads the record, the wire or the invariants says so here.
 * It counts between the first and the last line of the test itself: what its hooks prepare and clean up is not it.
 */
export type Look = "record" | "wire" | "invariants";

/** A look, and how many assertions had been begun before it: one that no assertion follows has shown nothing. */
export interface Looked {
  at: Look;
  assertions: number;
}

interface Looking {
  looks: Looked[];
  assertions: () => number;
}

// The one who runs a test may have been loaded with modules of its own: what it begins has to be seen by the test's.
const KEY = Symbol.for("sallyport.test.looks");
const shared = globalThis as { [KEY]?: Looking | undefined };

export function looked(at: Look): void {
  shared[KEY]?.looks.push({ at, assertions: shared[KEY].assertions() });
}

/** The test itself begins; `assertions` tells how many it has begun so far. */
export function beginLooking(assertions: () => number): void {
  shared[KEY] = { looks: [], assertions };
}

/** It is over. Answers what it has looked at and asserted something after. */
export function endLooking(): Look[] {
  const { looks, assertions } = shared[KEY] ?? { looks: [], assertions: () => 0 };
  shared[KEY] = undefined;
  const all = assertions();
  return looks.filter((one) => one.assertions < all).map(({ at }) => at);
}

/** The numbers of the cases that a test is one of: by its own name, and those of the groups around it. */
export function casesOfTest(names: readonly string[]): string[] {
  return names.flatMap((name) => /^T\d{2}(?:, T\d{2})*\b/.exec(name)?.[0].split(", ") ?? []);
}

/**
 * Why a test of a case has shown nothing, or undefined. One against a whole gateway, or over a socket, has to look
 * at what it did; over a socket there are also some of functions without any effect, which are told by `pure`.
 */
export function lookMissing(
  names: readonly string[],
  file: string,
  seen: readonly Look[],
  pure: (number: string) => boolean,
): string | undefined {
  const numbers = casesOfTest(names);
  const [, folder] = /\/test\/(e2e|world|wire)\//.exec(file) ?? [];
  if (numbers.length === 0 || folder === undefined || seen.length > 0) return undefined;
  if (folder === "wire" && numbers.every(pure)) return undefined;
  return "a case ends without an assertion after a look at its record, its wire or the invariants";
}
