import type { Card, CardTarget } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import type { Place } from "./containers.ts";
import type { ChainTail } from "./event.ts";
import type { EventKind, PreflightFinding, RuleOnRecord } from "./event-kinds.ts";
import type { Facts, Resource } from "./policy-engine.ts";

/** Where a request stands by its events alone; the clock can only take more away (`statusAt`). */
export type Stage =
  | "absent"
  | "pending"
  | "approved"
  | "closed"
  | "refused"
  | "denied"
  | "cancelled"
  | "revoked";

export type Status = Exclude<Stage, "absent"> | "lapsed";

export interface Decision {
  person: string;
  decision: "approve" | "deny";
  at: EpochMillis;
  groups: string[];
  comment?: string;
  /** False once the card changed after it. */
  counts: boolean;
}

export interface Attempt {
  attempt: number;
  /** `opening`: intent on record, outcome not. `unknown`: a command may be running; holds its use. */
  state: "opening" | "opened" | "failed" | "unknown";
  rule: string;
  taskArn: string;
  runtimeId: string;
  container: string;
  at: EpochMillis;
  /** When the session is to end. */
  expiresAt: EpochMillis;
  sessionId?: string;
  delivered?: boolean;
  failure?: string;
}

/** The fold of one request's chain. */
export interface RequestState {
  id: string;
  stage: Stage;
  tail: ChainTail;
  kind: "exec" | "activate";
  requester: { person: string; name: string };
  requesterPrincipal: string;
  askedAt: EpochMillis;
  lapsesAt: EpochMillis;
  /** The activation its card was made under. */
  configuration: { seq: number; hash: string };
  rules: RuleOnRecord[];
  automatic: string[];
  grant?: { rule: string; expiresAt: EpochMillis };
  decisions: Decision[];
  attempts: Attempt[];
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
    preflight: PreflightFinding[];
    transcript: "expected" | "none";
    command?: string;
    argv?: string[];
    facts?: Facts;
  };
  activation?: { texts: { policies: string; schema: string; directory: string; engine: string } };
}

/**
 * The status by the clock: a pending request lapses at `lapsesAt`, an approved one ends at `expiresAt`,
 * as `lapsed` when nothing was opened under it and as `closed` when something was.
 */
export function statusAt(state: RequestState, now: EpochMillis): Status {
  if (state.stage === "absent") throw new TypeError("an absent request has no status");
  if (state.stage === "pending" && now >= state.lapsesAt) return "lapsed";
  if (state.stage === "approved" && state.grant !== undefined && now >= state.grant.expiresAt) {
    return state.attempts.some((a) => a.state === "opened" || a.state === "unknown")
      ? "closed"
      : "lapsed";
  }
  return state.stage;
}
