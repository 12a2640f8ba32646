import { SallyportError } from "./errors.ts";
import { readEvent, type StoredEvent } from "./event.ts";

/**
 * The events of an export that a table has lost, in the order in which they were recorded. Each has to go on where the
 * table's chain ends: none is put beside what is there.
 *
 * Throws `record_corrupt` where an event of the export cannot be read, where it says otherwise than the table, and
 * where something between the two is missing.
 */
export function missingEvents(
  present: readonly StoredEvent[],
  taken: readonly StoredEvent[],
): StoredEvent[] {
  const known = new Map(present.map((one) => [placeOf(one), one]));
  const ends = new Map<string, number>();
  for (const { chain, seq } of present) ends.set(chain, Math.max(seq, ends.get(chain) ?? 0));
  const missing = new Map<string, { stored: StoredEvent; at: number }>();
  for (const stored of taken.toSorted((a, b) => a.seq - b.seq)) {
    const place = placeOf(stored);
    const { at } = readEvent(stored);
    const there = known.get(place) ?? missing.get(place)?.stored;
    if (there !== undefined) {
      if (there.leaf !== stored.leaf || there.family !== stored.family) {
        throw new SallyportError(
          "record_corrupt",
          `${place} is another event in the export than in the table`,
          { hint: "it is of another record, or one of the two was changed: compare them first" },
        );
      }
      continue;
    }
    const end = ends.get(stored.chain) ?? 0;
    if (stored.seq !== end + 1) {
      throw new SallyportError(
        "record_corrupt",
        `${place} does not go on from #${end}, where the table ends`,
        { hint: "export the days between as well: `sallyport audit export --from DAY`" },
      );
    }
    ends.set(stored.chain, stored.seq);
    missing.set(place, { stored, at });
  }
  return [...missing.values()]
    .toSorted((a, b) => a.at - b.at || a.stored.seq - b.stored.seq)
    .map(({ stored }) => stored);
}

function placeOf({ chain, seq }: StoredEvent): string {
  return `${chain} #${seq}`;
}
