import { storedEventListSchema } from "../api/record-schemas.ts";
import { utcDay } from "../core/clock.ts";
import { readEvent, type StoredEvent } from "../core/event.ts";
import { requestIdPattern, timeOfUlid } from "../core/ids.ts";
import { LOCK } from "../core/locks.ts";
import { REVIEW } from "../core/verify-last-resort.ts";
import type { ApiClient } from "./api-client.ts";
import { collectTexts, textsNamed } from "./collect-texts.ts";
import { daysBefore } from "./export-days.ts";
import { Failure, usage } from "./failure.ts";
import { activationsAt, type Taken } from "./rule-sets.ts";

type Api = Pick<ApiClient, "call">;

const MOST_PAGES_A_DAY = 10_000;
/** Whoever looks for an earlier event gives up so far back; an export has it whole. */
const MOST_DAYS_BACK = 370;
const DAY_MS = 86_400_000;
/** No event is older. */
const FIRST = Date.UTC(2020, 0, 1);

/**
 * What the record holds of one event, or of one request: its chain, the activations it names, and their texts.
 * An event's id tells the day it was made on; of a request's id, which is a hash, that is as good as never so.
 * With an event of the locks' chain comes the one before it, with a review of the last resort what it saw. For auditors. Throws Failure.
 */
export async function takenEvent(api: Api, named: string): Promise<Taken> {
  const id = named.toLowerCase();
  if (!requestIdPattern.test(id)) {
    throw usage(`neither an event nor a request: ${named}`, "both have ids of 26 characters");
  }
  const at = timeOfUlid(id);
  const found = at >= FIRST && at < Date.now() + DAY_MS ? await eventById(api, id, at) : undefined;
  const own =
    found === undefined || found.chain.startsWith("REQ#")
      ? await chainOf(api, found?.chain.slice("REQ#".length) ?? id)
      : [...(await beforeOf(api, found, at)), found];
  const numbers = new Set(own.flatMap((stored) => configurationOf(stored)));
  const activations = await activationsAt(api, [...numbers].map(String));
  const { texts } = await collectTexts(
    api,
    textsNamed(own).filter((hash) => !activations.texts.has(hash)),
  );
  const places = new Map([...own, ...activations.events].map((e) => [`${e.chain} ${e.seq}`, e]));
  return {
    events: [...places.values()],
    texts: new Map([...activations.texts, ...texts.map(({ hash, text }) => [hash, text] as const)]),
  };
}

/**
 * Of the locks' chain, the event before that one: it says what stood then. Days without either are passed over. Of a
 * review of the last resort, what is on the chains of the calls that it saw: each is of one day.
 */
async function beforeOf(api: Api, found: StoredEvent, at: number): Promise<StoredEvent[]> {
  const { chain, seq } = found;
  if (chain.startsWith(REVIEW)) return await seenBy(api, found);
  if (chain !== LOCK || seq === 1) return [];
  const day = utcDay(at);
  for (const each of [day, ...daysBefore(day, MOST_DAYS_BACK)]) {
    const before = await onDay(api, each, (one) => one.chain === chain && one.seq === seq - 1);
    if (before !== undefined) return [before];
  }
  return [];
}

async function seenBy(api: Api, found: StoredEvent): Promise<StoredEvent[]> {
  const review = readEvent(found);
  if (review.kind !== "last_resort.reviewed") return [];
  const events: StoredEvent[] = [];
  for (const { chain } of review.data.seen) {
    const day = chain.split("#")[2] ?? "";
    await onDay(api, day, (one) => {
      if (one.chain === chain) events.push(one as StoredEvent);
      return false;
    });
  }
  return events;
}

async function eventById(api: Api, id: string, at: number): Promise<StoredEvent | undefined> {
  return await onDay(api, utcDay(at), ({ leaf }) => leaf.includes(`"eventId":"${id}"`));
}

async function onDay(
  api: Api,
  day: string,
  isIt: (event: Pick<StoredEvent, "chain" | "seq" | "leaf">) => boolean,
): Promise<StoredEvent | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page === 0 || (cursor !== undefined && page < MOST_PAGES_A_DAY); page++) {
    const list = await api.call("GET", "/v1/events", {
      query: { day, cursor },
      schema: storedEventListSchema,
    });
    const found = list.items.find(isIt);
    if (found !== undefined) return found as StoredEvent;
    cursor = list.cursor;
  }
  return undefined;
}

async function chainOf(api: Api, id: string): Promise<StoredEvent[]> {
  const path = `/v1/requests/${id}/events`;
  const list = await api.call("GET", path, { schema: storedEventListSchema });
  if (list.items.length === 0) throw new Failure(`no event and no request is named ${id}`);
  return list.items as StoredEvent[];
}

/** The number of the activation it was decided under; none before the first. */
function configurationOf(stored: StoredEvent): number[] {
  try {
    const { seq } = readEvent(stored).configuration;
    return seq === 0 ? [] : [seq];
  } catch {
    return [];
  }
}
