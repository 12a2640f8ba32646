import { first, isBy } from "./belongs/checks.ts";
import { LATEST_REVIEW_SECONDS } from "./break-glass-annotations.ts";
import { sha256Hex } from "./digest.ts";
import { type Event, readEvent, type StoredEvent } from "./event.ts";
import {
  isCovered,
  isSameName,
  ownKey,
  reviewableFrom,
  reviewChain,
  sessionOf,
  type UsedEvent,
  type UseReview,
  useKeyOf,
} from "./last-resort-use.ts";

/** The chains of what was said of uses of the role outside the gateway. */
export const REVIEW = "REVIEW#";

/** Why a use on record cannot be one: its review is owed within a week, as of broken glass. */
export function usedMisfit({ at, data: { reviewDueAt } }: UsedEvent): string | undefined {
  if (reviewDueAt === undefined) return undefined;
  return reviewDueAt > at && reviewDueAt <= at + LATEST_REVIEW_SECONDS * 1_000
    ? undefined
    : "no review is owed within a week";
}

/** Why an event does not belong on a chain of a review, or undefined where it does. */
export function reviewMisfit(event: Event): string | undefined {
  if (event.kind !== "last_resort.reviewed") return "it is no review";
  const { actor, at, chain, seq, data } = event;
  return first([
    [seq === 1, "it was reviewed already"],
    [chain === reviewChain(data.use), "it is the review of another use"],
    [isBy(actor, data.person) && actor.kind === "person", "the one named is not who called"],
    [!data.users.includes(data.person), "nobody reviews what they did themselves"],
    [data.judged.at <= at, "it was put on record before it was decided"],
  ]);
}

/**
 * Why a review does not belong with the calls it is of, or undefined where it does. `calls` are those it says it saw,
 * as far as they are there.
 */
export function reviewedMisfit(
  review: UseReview,
  calls: readonly UsedEvent[],
  hashOf: (call: UsedEvent) => string,
): string | undefined {
  const { data } = review;
  const seen = calls.filter((call) => isCovered(call, review) && isOf(call, data.use));
  const [one, ...more] = seen;
  if (one === undefined) return "nothing is on record that it could be the review of";
  const isLast = data.seen.every(({ chain, seq, hash }) =>
    seen.some((call) => call.chain === chain && call.seq === seq && hashOf(call) === hash),
  );
  const names = seen.flatMap(({ data: { call, by } }) => [
    call.sessionName ?? "",
    call.sourceIdentity ?? "",
    sessionOf(by) ?? "",
  ]);
  return first([
    [isLast, "what it says was seen is not what is on record"],
    [
      // The front door's log names that call alone: of another use, it would witness two.
      seen.some(({ data: { call } }) => call.cloudTrailId === data.id),
      "the call it names is of another use",
    ],
    [
      !names.some((name) => isSameName(name, data.person)),
      "nobody reviews what they did themselves",
    ],
    [
      seen.every(({ at }) => at <= review.at) &&
        review.at >= reviewableFrom({ calls: [one, ...more] }),
      "it was not over, and is reviewed afterwards",
    ],
  ]);
}

/** Whether a call is of a use. */
export function isOf({ data }: UsedEvent, use: string): boolean {
  return useKeyOf(data) === use || ownKey(data.call.cloudTrailId) === use;
}

interface Wrong {
  event: Event;
  what: string;
}

/**
 * How reviews of the last resort stand to its uses: each is of one that is on record, as it is there, and is over. A
 * use that is not among the events, for it was put on record on another day, is not compared, unless they are `whole`.
 */
export function lastResortProblems(
  events: readonly Event[],
  stored: readonly StoredEvent[],
  whole: boolean,
): Wrong[] {
  const reviews = events.filter((event) => event.kind === "last_resort.reviewed");
  if (reviews.length === 0) return [];
  const calls = events.filter((event) => event.kind === "last_resort.used");
  const chains = new Set(events.map(({ chain }) => chain));
  const leaves = new Map(stored.map(({ chain, seq, leaf }) => [`${chain}/${seq}`, leaf]));
  const hashOf = ({ chain, seq }: UsedEvent): string =>
    sha256Hex(leaves.get(`${chain}/${seq}`) ?? "");
  return reviews.flatMap((event) => {
    if (!whole && !event.data.seen.every(({ chain }) => chains.has(chain))) return [];
    const what = reviewedMisfit(event, calls, hashOf);
    return what === undefined ? [] : [{ event, what }];
  });
}

/** The calls among stored events, as far as they can be read. Throws what `readEvent` does. */
export function callsIn(stored: readonly StoredEvent[]): UsedEvent[] {
  return stored.map(readEvent).filter((event) => event.kind === "last_resort.used");
}
