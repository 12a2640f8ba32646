import type { Card, CardTarget } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import type { Place } from "./containers.ts";
import { type ChainTail, emptyTail } from "./event.ts";
import type { EventKind } from "./event-kinds.ts";
import type { Extension } from "./extension.ts";
import type { GroupSource } from "./group-source.ts";
import type { PreflightFinding, RuleOnRecord } from "./kinds/asked.ts";
import type { ReviewVerdict } from "./kinds/broke.ts";
import type { EndCause, EndStrength } from "./kinds/swept.ts";
import type { Facts, Resource } from "./policy-engine.ts";
import { gaveWay } from "./replacement.ts";

/** Where a request can stand. */
export const statuses = [
  "pending",
  "approved",
  "closed",
  "refused",
  "denied",
  "lapsed",
  "cancelled",
  "revoked",
] as const;

export type Status = (typeof statuses)[number];

/** The same by its events alone; the clock can only take more away (`statusAt`). */
export type Stage = "absent" | Status;

export interface Decision {
  person: string;
  decision: "approve" | "deny";
  at: EpochMillis;
  /** Of the groups they were in, those that the rules needed. */
  groups: string[];
  /** All of them, as far as they are on record. */
  allGroups?: string[];
  /** Who said so, where it was not the directory. */
  groupsFrom?: Exclude<GroupSource, "directory">;
  comment?: string;
  /** For no longer than this, where they said so. */
  maxMinutes?: number;
  /** False once the card changed after it. */
  counts: boolean;
}

export interface Attempt {
  attempt: number;
  /**
   * `opening`: intent on record, outcome not. `unknown`: a command may be running; holds its use. `ended`: a
   * session that is known to be over. `settled`: whatever it started is over, and its use is free again.
   */
  state: "opening" | "opened" | "failed" | "unknown" | "ended" | "settled";
  rule: string;
  taskArn: string;
  runtimeId: string;
  container: string;
  at: EpochMillis;
  /** The activation it was judged under, and what the rules judged, with its tags as they were. */
  under: number;
  resource: Resource;
  /** When the session is to end. */
  expiresAt: EpochMillis;
  /** When it was to end at first, where its time was extended. */
  extendedFrom?: EpochMillis;
  sessionId?: string;
  delivered?: boolean;
  failure?: string;
  /** ExecuteCommand is not sent at or after this instant. */
  notAfter: EpochMillis;
  /** The chain of its container. */
  slot: string;
  /** Who asked for its end. */
  endAskedBy?: string;
  /** Its task is to be stopped for it. */
  stopTask?: true;
  /** No client had joined it two minutes after it was handed over. */
  isUnclaimed?: true;
  /** When its owner wanted another session in its place. */
  replaceAskedAt?: EpochMillis;
  /** `lock`: by which one, of `locked`. */
  end?: { at: EpochMillis; cause: EndCause; lock?: string; strength: EndStrength };
  /** Its end was tried so often, and is tried again then. */
  unverified?: { tries: number; nextAt: EpochMillis };
}

/** The fold of one request's chain. */
export interface RequestState {
  id: string;
  stage: Stage;
  tail: ChainTail;
  kind: "exec" | "activate";
  requester: { person: string; name: string };
  requesterPrincipal: string;
  /** Every group they were in when they last asked or opened, as far as it is on record. */
  requesterGroups?: readonly string[];
  askedAt: EpochMillis;
  lapsesAt: EpochMillis;
  /** The activation its card was made under. */
  configuration: { seq: number; hash: string };
  rules: RuleOnRecord[];
  automatic: string[];
  /** Set where the glass was broken: by which rule, until when a review is owed, and what it said. */
  breakGlass?: {
    rule: string;
    reviewDueAt: EpochMillis;
    /** The how manieth it was of its person's on that UTC day, of so many that may be. */
    day: string;
    count: number;
    limit: number;
    review?: { person: string; verdict: ReviewVerdict; at: EpochMillis; comment?: string };
  };
  grant?: { rule: string; startsAt: EpochMillis; expiresAt: EpochMillis };
  decisions: Decision[];
  attempts: Attempt[];
  /** Wishes for more time, in the order of their numbers. */
  extensions: Extension[];
  /** Why and by whom it ended, where somebody or something ended it. */
  outcome?: { code: string; detail: string; by?: string; at: EpochMillis };
  reason?: string;
  ticket?: string;
  card?: Card;
  digest?: string;
  body?: string;
  /** Idempotency keys seen on this chain, hashed, with what they did and the hash of the body they came with. */
  keyHashes: { [keyHash: string]: { kind: EventKind; body: string | undefined } };
  /** What the rules judged when it was asked; the gateway itself for an activation. */
  resource: Resource;
  target?: CardTarget;
  exec?: {
    place: Place;
    target: CardTarget;
    durationMinutes: number;
    /** When its grant begins at the earliest. */
    startAt?: EpochMillis;
    preflight: PreflightFinding[];
    transcript: "expected" | "none";
    command?: string;
    argv?: string[];
    facts?: Facts;
  };
  activation?: { texts: { policies: string; schema: string; directory: string; engine: string } };
}

/** The state of a request of which there is no event. */
export function absent(id: string): RequestState {
  return {
    id,
    stage: "absent",
    tail: emptyTail(`REQ#${id}`),
    kind: "exec",
    requester: { person: "", name: "" },
    requesterPrincipal: "",
    askedAt: 0,
    lapsesAt: 0,
    configuration: { seq: 0, hash: "" },
    rules: [],
    automatic: [],
    decisions: [],
    attempts: [],
    extensions: [],
    keyHashes: {},
    resource: { kind: "gateway" },
  };
}

/** Whether something started under it may be running. */
export function goesOn({ attempts }: RequestState): boolean {
  return attempts.some(({ state }) => ["opening", "unknown", "opened"].includes(state));
}

/**
 * The status by the clock: a pending request lapses at `lapsesAt`, an approved one ends at `expiresAt`,
 * as `lapsed` when nothing was opened under it and as `closed` when something was. One whose only use is
 * spent, by a session that is known to be over, is closed before that.
 */
export function statusAt(state: RequestState, now: EpochMillis): Status {
  if (state.stage === "absent") throw new TypeError("an absent request has no status");
  if (state.stage === "pending" && now >= state.lapsesAt) return "lapsed";
  if (state.stage !== "approved") return state.stage;
  const used = state.attempts.filter((a) => a.state !== "failed" && a.state !== "settled");
  if (used.some((a) => a.state === "ended" && !gaveWay(a))) return "closed";
  if (state.grant === undefined || now < state.grant.expiresAt) return "approved";
  return used.some((a) => a.state !== "opening") ? "closed" : "lapsed";
}
