import type { Need } from "./policy-engine.ts";

/** A person who agreed, with those of the needed groups they are in. */
export interface Agreement {
  person: string;
  groups: string[];
}

/** How a rule's needs stand against the agreements given. */
export interface Tally {
  /** What is still lacking, group by group; empty when the rule is satisfied. */
  lacks: Need[];
  /** Whose agreements were counted. */
  counted: string[];
}

/**
 * Counts distinct persons against needs: one person fills at most one place, whichever groups they are
 * in and however often they agreed. Places are filled as well as they can be (maximum bipartite
 * matching by augmenting paths), so that the order of agreements never matters to whether it is enough.
 */
export function tally(needs: Need[], agreements: Agreement[]): Tally {
  const persons = new Map<string, Set<string>>();
  for (const { person, groups } of agreements) {
    const known = persons.get(person) ?? new Set();
    for (const group of groups) known.add(group);
    persons.set(person, known);
  }
  const places = needs.flatMap((need) => Array.from({ length: need.count }, () => need.group));
  const holder: (string | undefined)[] = places.map(() => undefined);

  const seat = (person: string, tried: Set<number>): boolean => {
    for (const [place, group] of places.entries()) {
      if (tried.has(place) || persons.get(person)?.has(group) !== true) continue;
      tried.add(place);
      const sitting = holder[place];
      if (sitting === undefined || seat(sitting, tried)) {
        holder[place] = person;
        return true;
      }
    }
    return false;
  };
  for (const person of [...persons.keys()].toSorted()) seat(person, new Set());

  const lacks = needs
    .map(({ group, count }) => ({ group, count, filled: 0 }))
    .map((need) => {
      const filled = places.filter((g, i) => g === need.group && holder[i] !== undefined).length;
      return { group: need.group, count: Math.max(0, need.count - filled) };
    })
    .filter((need) => need.count > 0);
  const counted = holder.filter((person) => person !== undefined).toSorted();
  return { lacks, counted };
}
