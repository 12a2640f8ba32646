/**
 * What the test that is running has looked at. A case that asserts only what it was answered would pass while the
 * record says something else: so whatever of the kit reads the record, the wire or the invariants says so here.
 */
export type Look = "record" | "wire" | "invariants";

let looks: Look[] = [];

export function looked(at: Look): void {
  looks.push(at);
}

export function forgetLooks(): void {
  looks = [];
}

export function looksSoFar(): readonly Look[] {
  return looks;
}

/** Whether a test is one of a case: its own name, or that of a group around it, begins with a number. */
export function isCase(names: readonly string[]): boolean {
  return names.some((name) => /^T\d{2}\b/.test(name));
}

/** Why a test of a case has shown nothing, or undefined. One against a whole gateway has to look at what it did. */
export function lookMissing(
  names: readonly string[],
  file: string,
  seen: readonly Look[],
): string | undefined {
  if (!isCase(names) || !/\/test\/(?:e2e|world)\//.test(file) || seen.length > 0) return undefined;
  return "a case against a gateway ends without a look at its record, its wire or the invariants";
}
