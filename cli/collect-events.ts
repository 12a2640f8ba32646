import { storedEventListSchema } from "../api/record-schemas.ts";
import type { StoredEvent } from "../core/event.ts";
import type { ApiClient } from "./api-client.ts";
import { daysBefore } from "./export-days.ts";
import { Failure } from "./failure.ts";

/** Events by their text: what a page repeats is taken once, and two that differ are both kept. */
type Found = Map<string, StoredEvent>;
type Api = Pick<ApiClient, "call">;

const MOST_PAGES_A_DAY = 10_000;
/** Whoever looks for the beginning of a chain gives up so far back. */
const MOST_DAYS_BACK = 3_660;

/**
 * Every stored event of some days, and whatever else belongs to the chains among them: a request that
 * began earlier or ended later, and the rules' chain back to its beginning. So what is exported verifies
 * by itself. Ordered by chain and number; two different events in one place are both kept, to be found by
 * whoever verifies. `incomplete` names the chains of which something could not be had, `missing` the events
 * that the days' own index names and the record does not hold.
 */
export async function collectEvents(
  api: Api,
  days: readonly string[],
  progress: (text: string, found: number) => void,
): Promise<{ events: StoredEvent[]; incomplete: string[]; missing: string[] }> {
  const found: Found = new Map();
  const missing = new Set<string>();
  for (const [i, day] of days.entries()) {
    progress(`${day}, day ${i + 1} of ${days.length}`, found.size);
    for (const place of await addDay(api, day, found)) missing.add(place);
  }
  // A page may have been read before something was written that the next one then showed the end of.
  if (broken(found, false).some((chain) => !isRequest(chain))) {
    for (const day of days) await addDay(api, day, found);
  }
  for (const chain of broken(found, true).filter(isRequest)) {
    progress(chain, found.size);
    await addChain(api, chain, found);
  }
  for (const day of daysBefore(days[0] ?? "", MOST_DAYS_BACK)) {
    if (broken(found, true).every(isRequest)) break;
    progress(`back to ${day}`, found.size);
    await addDay(api, day, found, broken(found, true));
  }
  const events = [...found.values()].toSorted((a, b) =>
    a.chain === b.chain ? a.seq - b.seq : a.chain < b.chain ? -1 : 1,
  );
  return { events, incomplete: broken(found, true), missing: [...missing] };
}

/** Of one UTC day; with `chains` those of these chains alone. Answers what the day's index names in vain. */
async function addDay(
  api: Api,
  day: string,
  found: Found,
  chains?: readonly string[],
): Promise<string[]> {
  const missing: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || cursor !== undefined; page++) {
    if (page >= MOST_PAGES_A_DAY) throw new Failure(`${day} has more pages than can be read`);
    const list = await api.call("GET", "/v1/events", {
      query: { day, cursor },
      schema: storedEventListSchema,
    });
    for (const event of list.items) {
      if (chains?.includes(event.chain) !== false) add(found, event as StoredEvent);
    }
    missing.push(...(list.missing ?? []).map(({ chain, seq }) => `${chain} #${seq}`));
    cursor = list.cursor;
  }
  return missing;
}

async function addChain(api: Api, chain: string, found: Found): Promise<void> {
  const path = `/v1/requests/${chain.slice("REQ#".length)}/events`;
  const list = await api.call("GET", path, { schema: storedEventListSchema });
  for (const event of list.items) add(found, event as StoredEvent);
}

function add(found: Found, event: StoredEvent): void {
  found.set(JSON.stringify(event), event);
}

function isRequest(chain: string): boolean {
  return chain.startsWith("REQ#");
}

/** Chains that have a gap, or with `fromOne` that do not begin at 1 or have one. */
function broken(found: Found, fromOne: boolean): string[] {
  const numbers = new Map<string, Set<number>>();
  for (const { chain, seq } of found.values()) {
    numbers.set(chain, (numbers.get(chain) ?? new Set()).add(seq));
  }
  return [...numbers]
    .filter(([, seqs]) => {
      const first = fromOne ? 1 : Math.min(...seqs);
      return Math.max(...seqs) - first + 1 !== seqs.size;
    })
    .map(([chain]) => chain);
}
