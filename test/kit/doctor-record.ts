import { canonicalJson, type Json } from "../../core/canonical-json.ts";
import { commitment, sha256Hex } from "../../core/digest.ts";
import type { StoredEvent } from "../../core/event.ts";

/** A leaf and its values, to be changed in place. */
export interface Open {
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a forger would write
  leaf: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- likewise
  values: { [field: string]: any };
}

/**
 * A record as somebody would leave it who changes what an event says and makes all of its chain fit again: the
 * commitments of its values, and in every event behind it the hash of the one before. `change` is asked of each
 * event; what it leaves alone is only linked anew.
 */
export function doctored(
  events: readonly StoredEvent[],
  change: (event: Open, stored: StoredEvent) => void,
): StoredEvent[] {
  const last = new Map<string, string>();
  return events
    .toSorted((a, b) => (a.chain === b.chain ? a.seq - b.seq : a.chain < b.chain ? -1 : 1))
    .map((stored) => {
      const leaf = JSON.parse(stored.leaf) as Open["leaf"];
      const values = Object.fromEntries(
        Object.entries(stored.open).map(([field, { value }]) => [field, JSON.parse(value) as Json]),
      );
      change({ leaf, values }, stored);
      const open: StoredEvent["open"] = {};
      for (const [field, { salt }] of Object.entries(stored.open)) {
        const value = canonicalJson(values[field] as Json);
        open[field] = { salt, value };
        leaf.commits[field] = commitment(salt, value);
      }
      leaf.prev = last.get(stored.chain) ?? leaf.prev;
      const text = canonicalJson(leaf);
      last.set(stored.chain, sha256Hex(text));
      return { ...stored, leaf: text, open };
    });
}
