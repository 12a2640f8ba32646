/**
 * The name that was probably meant: the one with the fewest letters inserted, removed or replaced, at
 * most a third of the wanted name's own. Undefined when none is near.
 */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** At most so many of the names, those with the fewest letters to change first: for a reader to choose from. */
export function nearestNames(wanted: string, names: readonly string[], most: number): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: distanceTo(lower, name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Names too far apart in length are as far apart as that: many long ones would take too long to compare. */
function distanceTo(wanted: string, name: string): number {
  const apart = Math.abs(name.length - wanted.length);
  return apart > FAR || wanted.length > LONG ? Math.max(apart, FAR) : editDistance(wanted, name);
}

const FAR = 30;
const LONG = 100;

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
