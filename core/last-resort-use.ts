import type { EpochMillis } from "./clock.ts";
import { type Directory, whoIs } from "./directory.ts";
import type { Event } from "./event.ts";
import type { EventBody } from "./event-kinds.ts";
import { namedBy } from "./principal.ts";

export type UsedEvent = Event & { kind: "last_resort.used" };
export type UseReview = Event & { kind: "last_resort.reviewed" };

/**
 * A use of the role outside the gateway: its calls that are on record, those by which the role was taken up first and
 * then the others as they came, and what was said of them.
 */
export interface Use {
  key: string;
  calls: [UsedEvent, ...UsedEvent[]];
  review: UseReview | undefined;
}

/** The role's credentials last no longer: it is made so. */
const LONGEST_MS = 3_600_000;
/** So late may CloudTrail tell of a call. */
export const TOLD_WITHIN_MS = 30 * 60_000;

/** The use that a call is of: that of its credentials or, where they are not on record, it is one by itself. */
export function useKeyOf({
  call,
  session,
}: (EventBody & { kind: "last_resort.used" })["data"]): string {
  return session ?? ownKey(call.cloudTrailId);
}

/** The use that a call is by itself: what was told of after its use was reviewed is reviewed alone. */
export function ownKey(cloudTrailId: string): string {
  return `call:${cloudTrailId}`;
}

/** The chain that the one review of a use stands on. */
export function reviewChain(use: string): string {
  return `REVIEW#${use}`;
}

/** Whether a call was on record when its use was reviewed. */
export function isCovered({ chain, seq }: UsedEvent, { data }: UseReview): boolean {
  return data.seen.some((last) => last.chain === chain && seq <= last.seq);
}

/** Until when its credentials last, at the longest. */
export function untilOf({ calls }: Pick<Use, "calls">): EpochMillis {
  const given = calls.flatMap(({ data }) => data.until ?? []);
  if (given.length > 0) return Math.max(...given);
  return Math.min(...calls.map(({ data }) => data.call.at)) + LONGEST_MS;
}

/** From when on all that AWS tells of it is on record, and it can be reviewed. */
export function reviewableFrom(use: Pick<Use, "calls">): EpochMillis {
  return untilOf(use) + TOLD_WITHIN_MS;
}

/** By when a review is owed; undefined where an earlier version put it on record, and nobody has said. */
export function useReviewDueAt({ calls }: Pick<Use, "calls">): EpochMillis | undefined {
  const due = calls.flatMap(({ data }) => data.reviewDueAt ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** How it stands with the review of a use. */
export function useStanding(use: Use, now: EpochMillis): "owed" | "overdue" | "done" {
  if (use.review !== undefined) return "done";
  const dueAt = useReviewDueAt(use);
  return dueAt !== undefined && now >= dueAt ? "overdue" : "owed";
}

/**
 * The persons whom what AWS told of a use names: whose user or session assumed the role, an owner of the program
 * whose it was, and whoever bears the name of its session, of theirs or its source identity, or has a session of that
 * name. A name that was chosen keeps somebody from reviewing and lets nobody, so all of them count. Empty where nobody
 * of the directory is named, as of a user that is kept for this alone.
 */
export function usersOf(directory: Directory, { calls }: Pick<Use, "calls">): string[] {
  const users = new Set<string>();
  for (const { data } of calls) {
    if (typeof data.by === "string") {
      for (const id of namedIn(directory, data.by)) users.add(id);
    }
    const names = [data.call.sessionName, data.call.sourceIdentity, sessionOf(data.by)].flatMap(
      (name) => name ?? [],
    );
    for (const { id, principals } of directory.persons) {
      const theirs = [id, ...principals.flatMap((ref) => ("roleId" in ref ? [ref.session] : []))];
      if (names.some((name) => theirs.some((one) => isSameName(one, name)))) users.add(id);
    }
  }
  return [...users].toSorted();
}

/** The name of the session that took the role up: of Identity Center it says who, by whichever of its roles they came. */
export function sessionOf(by: string | null | undefined): string | undefined {
  if (typeof by !== "string") return undefined;
  const name = namedBy(by);
  return "issuer" in name ? undefined : name.session;
}

export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whoever set the name of a session is taken at their word: it can only keep somebody from reviewing. */
function namedIn(directory: Directory, principal: string): string[] {
  const name = namedBy(principal);
  const trusted = "issuer" in name ? [] : [{ account: name.account, roleId: name.uniqueId }];
  const who = whoIs(directory, name, trusted);
  if (who.kind === "person") return [who.person.id];
  if (who.kind === "program") return who.program.owners;
  return who.kind === "ambiguous" ? who.ids : [];
}
