import type { Json } from "./canonical-json.ts";
import type { Card, CardTarget } from "./card.ts";
import type { Place } from "./containers.ts";
import type { ErrorCode } from "./errors.ts";
import type { Hold } from "./holds.ts";
import type { Facts, Need, Resource } from "./policy-engine.ts";

/** Who writes it: each family has one Lambda function, pinned by IAM through the attribute's name. */
export const families = ["asked", "decided", "configured", "opened", "swept", "read"] as const;
export type Family = (typeof families)[number];

/** Every kind of event: the family it is stored under, and the chains it may stand on. */
export const eventKinds = {
  "request.asked": { family: "asked", chains: ["REQ"] },
  "request.refused": { family: "asked", chains: ["REQ"] },
  "request.cancelled": { family: "asked", chains: ["REQ"] },
  "activation.asked": { family: "configured", chains: ["REQ"] },
  "decision.approved": { family: "decided", chains: ["REQ"] },
  "decision.denied": { family: "decided", chains: ["REQ"] },
  "request.recarded": { family: "decided", chains: ["REQ"] },
  "request.revoked": { family: "decided", chains: ["REQ"] },
  "exec.intent": { family: "opened", chains: ["REQ"] },
  "session.opened": { family: "opened", chains: ["REQ"] },
  "exec.failed": { family: "opened", chains: ["REQ"] },
  "exec.unknown": { family: "opened", chains: ["REQ"] },
  // Who is in a container, and where a person is.
  "hold.taken": { family: "opened", chains: ["SLOT", "PERSON"] },
  "hold.returned": { family: "opened", chains: ["SLOT", "PERSON"] },
  "hold.released": { family: "swept", chains: ["SLOT", "PERSON"] },
  // What the sweeper ends, finds ended, or cannot end.
  "session.ended": { family: "swept", chains: ["REQ"] },
  "end.unverified": { family: "swept", chains: ["REQ"] },
  "exec.settled": { family: "swept", chains: ["REQ"] },
  "request.expired": { family: "swept", chains: ["REQ"] },
  "end.asked": { family: "decided", chains: ["REQ"] },
  "policy.activated": { family: "configured", chains: ["CONF"] },
  // A call that was read and refused, on a chain of its own: one kind for each function that refuses.
  "call.refused": { family: "asked", chains: ["REFUSED"] },
  "decision.refused": { family: "decided", chains: ["REFUSED"] },
  "open.refused": { family: "opened", chains: ["REFUSED"] },
  "record.read": { family: "read", chains: ["READ"] },
} as const satisfies { [kind: string]: { family: Family; chains: readonly string[] } };

export type EventKind = keyof typeof eventKinds;

/** A rule as it was judged, for the record: enough to see later why it was enough. */
export interface RuleOnRecord {
  id: string;
  textHash: string;
  needs: Need[];
  maxDurationSeconds: number;
  maxSessions: number;
  pin: "none" | "revision" | "image";
}

export interface PreflightFinding {
  check: string;
  status: "passed" | "warning" | "failed" | "not_checked";
  remedy: string;
}

/** The hash of the Idempotency-Key it came with, so that a repeat is known; the body's is among the values. */
export interface Repeatable {
  keyHash: string;
}

/** What a person read by the right of `audit`. */
export type ReadSubject =
  | { kind: "request"; id: string }
  | { kind: "session"; id: string }
  /** A list of requests or sessions in which others' were shown. */
  | { kind: "list"; id: "requests" | "sessions" }
  /** An export of the stored events of one UTC day. */
  | { kind: "events"; id: string };

/** Why a session had to end, or that nobody had to end it. */
export const endCauses = [
  "expired",
  "revoked",
  "cancelled",
  /** Its credentials were not handed over. */
  "withheld",
  /** Somebody whom the rules allow asked for it. */
  "asked",
  /** The requester is no longer in the directory. */
  "right_lost",
  /** Its command exited, or somebody ended it beside the gateway. */
  "by_itself",
] as const;
export type EndCause = (typeof endCauses)[number];

/**
 * How it is known that a session is over. SSM's word that it is Terminated does not prove that the process
 * died; that the task has stopped does.
 */
export const endStrengths = ["ssm-status", "task-stopped"] as const;
export type EndStrength = (typeof endStrengths)[number];

interface RefusedCall {
  data: {
    /** The route's name. */
    route: string;
    /** What the path names: a request or a session, whether or not there is one. */
    about: string | null;
    code: ErrorCode;
  };
  /** `target`: what was asked for, as it was named. */
  values: { detail: string; target?: Json };
}

interface Kinds {
  "request.asked": {
    data: {
      requester: { person: string; name: string };
      place: Place;
      /** What the rules judged, with its tags as they were. */
      resource: Resource;
      target: CardTarget;
      durationMinutes: number;
      /** Until when decisions may be given (epoch ms). */
      lapsesAt: number;
      rules: RuleOnRecord[];
      /** Ids of rules that approve it by themselves; it counts as approved only while they still do. */
      automatic: string[];
      /** Set with `automatic`: when the grant ends (epoch ms). */
      expiresAt: number | null;
      preflight: PreflightFinding[];
      transcript: "expected" | "none";
      repeat?: Repeatable;
    };
    values: {
      command: string;
      argv: string[];
      facts: Facts;
      reason: string;
      ticket?: string;
      card: Card;
      digest: string;
      body: string;
    };
  };
  "request.refused": {
    data: {
      requester: { person: string; name: string };
      resource: Resource;
      target: CardTarget;
      code: ErrorCode;
      /** Ids of the rules that decided it. */
      rules: string[];
      preflight: PreflightFinding[];
      repeat?: Repeatable;
    };
    values: {
      command: string;
      argv: string[];
      facts: Facts;
      reason: string;
      ticket?: string;
      detail: string;
      body: string;
    };
  };
  "request.cancelled": {
    data: { person: string; repeat?: Repeatable };
    values: { comment?: string; body?: string };
  };
  "activation.asked": {
    data: {
      requester: { person: string; name: string };
      texts: { policies: string; schema: string; directory: string; engine: string };
      lapsesAt: number;
      rules: RuleOnRecord[];
      repeat?: Repeatable;
    };
    values: { reason: string; card: Card; digest: string; body: string };
  };
  "decision.approved": {
    data: {
      person: string;
      /** Those groups of the rules' needs that the person was in when deciding. */
      groups: string[];
      /** Set on the decision that completed a rule: the grant. */
      grant: { rule: string; expiresAt: number } | null;
      repeat?: Repeatable;
    };
    values: { digest: string; comment?: string; body?: string };
  };
  "decision.denied": {
    data: { person: string; groups: string[]; repeat?: Repeatable };
    values: { digest: string; comment?: string; body?: string };
  };
  "request.recarded": {
    data: { rules: RuleOnRecord[]; automatic: string[]; fields: string[] };
    values: { card: Card; digest: string };
  };
  "request.revoked": {
    data: { person: string; repeat?: Repeatable };
    values: { comment?: string; body?: string };
  };
  "exec.intent": {
    data: {
      attempt: number;
      /** The rule that was satisfied, and whose approvals satisfied it; none for an automatic one. */
      rule: string;
      approvals: string[];
      taskArn: string;
      runtimeId: string;
      container: string;
      /** Why this task of the service or family. */
      chosen: string;
      expiresAt: number;
      /** ExecuteCommand is not sent at or after this instant (epoch ms). */
      notAfter: number;
      roleSessionName: string;
      /** The chain of the container, which it takes with the person's in one transaction. */
      slot: string;
    };
    values: { facts: Facts };
  };
  "session.opened": {
    data: {
      attempt: number;
      sessionId: string;
      clusterArn: string;
      taskArn: string;
      containerArn: string;
      containerName: string;
      /** Whether the credentials were handed over; when not, why, and that its end was asked for. */
      delivered: boolean;
      withheld: "request_closed" | "response_mismatch" | null;
    };
    values: { [none: string]: never };
  };
  "exec.failed": {
    data: { attempt: number; code: ErrorCode; aws: string | null };
    values: { detail?: string };
  };
  "exec.unknown": { data: { attempt: number }; values: { detail?: string } };
  "hold.taken": {
    data: {
      requestId: string;
      attempt: number;
      /** Holders whose sessions SSM showed to be over, though that was not on record yet. */
      displaced: Hold[];
      /** Everybody who holds it after this. */
      holds: Hold[];
    };
    values: { [none: string]: never };
  };
  /** ExecuteCommand certainly started nothing. */
  "hold.returned": {
    data: { requestId: string; attempt: number; holds: Hold[] };
    values: { [none: string]: never };
  };
  "hold.released": {
    data: { requestId: string; attempt: number; holds: Hold[] };
    values: { [none: string]: never };
  };
  "session.ended": {
    data: {
      attempt: number;
      sessionId: string;
      cause: EndCause;
      strength: EndStrength;
      /** When SSM says it ended, where it says so (epoch ms). */
      endedAt: number | null;
    };
    values: { [none: string]: never };
  };
  /** Its end was tried, and is not known to have come: it is tried again at `nextAt` (epoch ms). */
  "end.unverified": {
    data: { attempt: number; sessionId: string; cause: EndCause; tries: number; nextAt: number };
    values: { detail: string };
  };
  /** Of an attempt whose outcome nobody knew: all that it may have started is over, and its use is free. */
  "exec.settled": {
    data: {
      attempt: number;
      /** Sessions on its target that no event names: found, ended, verified. */
      ended: string[];
    };
    values: { [none: string]: never };
  };
  /** Its time was over, and nothing under it goes on. */
  "request.expired": {
    data: { status: "lapsed" | "closed" };
    values: { [none: string]: never };
  };
  "end.asked": {
    data: { attempt: number; sessionId: string; person: string; repeat?: Repeatable };
    values: { comment?: string; body?: string };
  };
  "policy.activated": {
    data: {
      texts: { policies: string; schema: string; directory: string; engine: string };
      /** The table this record lives in: a function that finds itself elsewhere is sealed. */
      tableArn: string;
      /** The request whose decisions activated it; null for the first, by a bootstrap person. */
      request: string | null;
      rules: { id: string; textHash: string }[];
    };
    values: { reason: string };
  };
  "call.refused": RefusedCall;
  "decision.refused": RefusedCall;
  "open.refused": RefusedCall;
  "record.read": {
    data: {
      subject: ReadSubject;
      /** Hours since the epoch: a reader's reads of one subject in one hour are one event. */
      hour: number;
    };
    values: { [none: string]: never };
  };
}

/** What happened, by kind: `data` stands in the leaf, of `values` only the commitments do. */
export type EventBody = {
  [K in EventKind]: { kind: K; data: Kinds[K]["data"]; values: Kinds[K]["values"] };
}[EventKind];
