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
 * matching by augmenting paths), so that without an order, that of the agreements never matters to whether
 * it is enough.
 *
 * Where the rule has an order, agreements are taken as they were given: each fills a place of the first step
 * that is not full, or none, and whoever filled a place of a full step keeps it. So nobody is counted who
 * agreed before their turn, and where somebody of an earlier step no longer counts, nobody after them does
 * until that place is filled again.
 */
export function tally(needs: Need[], agreements: Agreement[]): Tally {
  const persons = new Map<string, Set<string>>();
  for (const { person, groups } of agreements) {
    const known = persons.get(person) ?? new Set();
    for (const group of groups) known.add(group);
    persons.set(person, known);
  }
  const places = needs.flatMap((need) => Array.from({ length: need.count }, () => need));
  const holder: (string | undefined)[] = places.map(() => undefined);

  const seat = (person: string, step: number | undefined, tried: Set<number>): boolean => {
    for (const [place, need] of places.entries()) {
      if (need.step !== step || tried.has(place)) continue;
      if (persons.get(person)?.has(need.group) !== true) continue;
      tried.add(place);
      const sitting = holder[place];
      if (sitting === undefined || seat(sitting, step, tried)) {
        holder[place] = person;
        return true;
      }
    }
    return false;
  };
  const isOrdered = needs.some(({ step }) => step !== undefined);
  for (const person of isOrdered ? persons.keys() : [...persons.keys()].toSorted()) {
    const open = places.flatMap(({ step = 1 }, i) => (holder[i] === undefined ? [step] : []));
    if (open.length === 0) break;
    seat(person, isOrdered ? Math.min(...open) : undefined, new Set());
  }

  const lacks = needs
    .map((need) => {
      const filled = places.filter((place, i) => place === need && holder[i] !== undefined).length;
      return { ...need, count: Math.max(0, need.count - filled) };
    })
    .filter((need) => need.count > 0);
  const counted = holder.filter((person) => person !== undefined).toSorted();
  return { lacks, counted };
}

/** The same needs without their order: what has to be there for them to be met in some order. */
export function unordered(needs: readonly Need[]): Need[] {
  return needs.map(({ group, count }) => ({ group, count }));
}

/** What may be given now: of what is lacking, the needs of the first step. */
export function nextOf<N extends Pick<Need, "step">>(lacks: readonly N[]): N[] {
  const first = Math.min(...lacks.map(({ step = 1 }) => step));
  return lacks.filter(({ step = 1 }) => step === first);
}
