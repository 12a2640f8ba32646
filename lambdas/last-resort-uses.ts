import type { LastResortView } from "../api/last-resort-schemas.ts";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import { sha256Hex } from "../core/digest.ts";
import type { Directory } from "../core/directory.ts";
import { SallyportError } from "../core/errors.ts";
import { readEvent, type StoredEvent } from "../core/event.ts";
import type { EventPlace, RecordReader } from "../core/event-store.ts";
import {
  isCovered,
  ownKey,
  reviewableFrom,
  reviewChain,
  type Use,
  type UsedEvent,
  type UseReview,
  untilOf,
  useKeyOf,
  useReviewDueAt,
  usersOf,
  useStanding,
} from "../core/last-resort-use.ts";
import { reviewMisfit } from "../core/verify-last-resort.ts";
import { callKey } from "../core/watch/watch-keys.ts";
import { asRefusal } from "./refusals.ts";

/**
 * Calls of one use that are read: those by which the role was taken up first, which say who and until when. All others
 * have one session's name and source identity.
 */
const MOST_CALLS = 100;

export interface LoadedUse extends Use {
  /** How many calls are on record beyond those that were read. */
  more: number;
  /** Where the last call of its credentials is on record. */
  newest: EventPlace;
  /** The last of each chain. */
  seen: UseReview["data"]["seen"];
}

/** CloudTrail's ids of calls: what comes in a path is looked for only where it is one. */
const CLOUD_TRAIL_ID = /^[\w-]{1,100}$/;

/** The use that a call is of, by CloudTrail's id of it; undefined where none is on record. */
export async function loadUseOf(events: RecordReader, id: string): Promise<LoadedUse | undefined> {
  const place = CLOUD_TRAIL_ID.test(id) ? await events.watched(callKey(id)) : undefined;
  const call = place === undefined ? undefined : await callAt(events, place);
  if (call === undefined) return undefined;
  const uses = await loadUses(events, useKeyOf(call.data), { given: call });
  return uses.find(({ calls }) => calls.some(({ eventId }) => eventId === call.eventId));
}

/**
 * The uses of one session's calls: one, and besides each call that was told of after that was reviewed. `given` is a
 * call that is on record and that an earlier version put into no index. Throws `record_corrupt` or `sealed` where a
 * review does not belong where it stands; or, `listing`, takes it for none: it hides no use, nor any beside it.
 */
export async function loadUses(
  events: RecordReader,
  key: string,
  { given, listing = false }: { given?: UsedEvent; listing?: boolean } = {},
): Promise<LoadedUse[]> {
  const reviewed = async (use: string): Promise<UseReview | undefined> => {
    try {
      return await reviewOf(events, use);
    } catch (error) {
      const isUnreadable =
        error instanceof SallyportError && ["record_corrupt", "sealed"].includes(error.code);
      if (listing && isUnreadable) return undefined;
      throw error;
    }
  };
  const places = await events.callsOfUse(key);
  const once = readingOnce(events);
  const read = await Promise.all(places.slice(0, MOST_CALLS).map((place) => callAt(once, place)));
  // The index locates; which use a call is of, it says itself.
  const calls = read.flatMap((call) =>
    call !== undefined && useKeyOf(call.data) === key ? [call] : [],
  );
  if (given !== undefined && !calls.some(({ eventId }) => eventId === given.eventId)) {
    calls.push(given);
  }
  const review = await reviewed(key);
  const isOwn = (call: UsedEvent): boolean => review === undefined || isCovered(call, review);
  const late = calls.filter((call) => !isOwn(call));
  const [first, ...rest] = calls.filter(isOwn);
  const last = places.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)).at(-1);
  const newest = last ?? calls[0] ?? { chain: "", seq: 0 };
  const uses: LoadedUse[] = [];
  if (first !== undefined) {
    const seen = await lastSeen(once, [...places, { chain: first.chain, seq: first.seq }]);
    const more = Math.max(0, places.length - MOST_CALLS);
    uses.push({ key, calls: [first, ...rest], review, more, newest, seen });
  }
  for (const call of late) {
    const own = ownKey(call.data.call.cloudTrailId);
    const [loaded, seen] = [await reviewed(own), await lastSeen(once, [call])];
    uses.push({ key: own, calls: [call], review: loaded, more: 0, newest, seen });
  }
  return uses;
}

/** To whoever may not see a use it is as absent as one that never was. */
export function noSuchUse(): SallyportError {
  return asRefusal(
    new SallyportError(
      "not_on_record",
      "no such use of the last resort, or none that you may see",
      {
        hint: "`sallyport reviews` lists those that a review is owed of",
      },
    ),
  );
}

/** Reads each event once, however often it is looked at: none ever changes. */
function readingOnce(events: Pick<RecordReader, "event">): Pick<RecordReader, "event"> {
  const read = new Map<string, Promise<StoredEvent | undefined>>();
  return {
    event(place) {
      const key = `${place.chain}/${place.seq}`;
      const found = read.get(key) ?? events.event(place);
      read.set(key, found);
      return found;
    },
  };
}

async function callAt(
  events: Pick<RecordReader, "event">,
  place: EventPlace,
): Promise<UsedEvent | undefined> {
  const stored = await events.event(place);
  if (stored === undefined) return undefined;
  const event = readEvent(stored);
  return event.kind === "last_resort.used" ? event : undefined;
}

async function reviewOf(events: RecordReader, key: string): Promise<UseReview | undefined> {
  const stored: StoredEvent | undefined = await events.tip(reviewChain(key));
  if (stored === undefined) return undefined;
  const event = readEvent(stored);
  const what = reviewMisfit(event);
  if (event.kind === "last_resort.reviewed" && what === undefined) return event;
  throw new SallyportError("record_corrupt", `the review of ${key}: ${what}`);
}

async function lastSeen(
  events: Pick<RecordReader, "event">,
  places: readonly EventPlace[],
): Promise<UseReview["data"]["seen"]> {
  const last = new Map<string, number>();
  for (const { chain, seq } of places) last.set(chain, Math.max(last.get(chain) ?? 0, seq));
  return await Promise.all(
    [...last].map(async ([chain, seq]) => {
      const stored = await events.event({ chain, seq });
      if (stored === undefined) {
        throw new SallyportError("record_corrupt", `event ${chain} #${seq} is not there`);
      }
      return { chain, seq, hash: sha256Hex(stored.leaf) };
    }),
  );
}

/** A use as the API shows it, by the directory now in force and the clock. */
export function useView(use: LoadedUse, directory: Directory, now: EpochMillis): LastResortView {
  const { calls, more } = use;
  const inOrder = calls.toSorted((a, b) => orderOf(a) - orderOf(b));
  // By it everything began, in whatever order AWS told of them.
  const { call, from = null, by = null } = (inOrder.find(isAssumption) ?? calls[0]).data;
  const of = (name: "sessionName" | "sourceIdentity"): string | null =>
    inOrder.map(({ data }) => data.call[name]).find((value) => value !== null) ?? null;
  return {
    id: call.cloudTrailId,
    account: call.place.account,
    users: usersOf(directory, use),
    assumedBy: call.name === "AssumeRole" ? call.caller : null,
    principal: by,
    from,
    sessionName: of("sessionName"),
    sourceIdentity: of("sourceIdentity"),
    since: isoTime(Math.min(...calls.map(({ data }) => data.call.at))),
    until: isoTime(untilOf(use)),
    calls: inOrder.map(({ data }) => ({
      cloudTrailId: data.call.cloudTrailId,
      name: data.call.name,
      at: isoTime(data.call.at),
      region: data.call.place.region,
      from: data.from ?? null,
      about: data.call.about,
      sessionId: data.call.sessionId,
      error: data.call.error,
    })),
    ...(more === 0 ? {} : { moreCalls: more }),
    review: reviewView(use, now),
  };
}

function isAssumption({ data }: UsedEvent): boolean {
  return data.call.name === "AssumeRole";
}

/** CloudTrail tells of whole seconds. */
function orderOf(call: UsedEvent): number {
  return call.data.call.at + (isAssumption(call) ? 0 : 1);
}

function reviewView(use: Use, now: EpochMillis): LastResortView["review"] {
  const dueAt = useReviewDueAt(use);
  const standing = {
    state: useStanding(use, now),
    ...(dueAt === undefined ? {} : { dueAt: isoTime(dueAt) }),
    from: isoTime(reviewableFrom(use)),
  };
  if (use.review === undefined) return standing;
  const { at, data, values } = use.review;
  const { person: by, verdict } = data;
  return {
    ...standing,
    verdict,
    by,
    at: isoTime(at),
    ...(values.comment === undefined ? {} : { comment: values.comment }),
  };
}
