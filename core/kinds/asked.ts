import type { Card, CardTarget } from "../card.ts";
import type { Place } from "../containers.ts";
import type { ErrorCode } from "../errors.ts";
import type { Facts, Need, Resource } from "../policy-engine.ts";
import type { Judged, JudgedAsk } from "./judged.ts";

/** A rule as it was judged, for the record: enough to see later why it was enough. */
export interface RuleOnRecord {
  id: string;
  textHash: string;
  needs: Need[];
  maxDurationSeconds: number;
  maxSessions: number;
  pin: "none" | "revision" | "image";
  /** How many different persons must deny; missing where one is enough. */
  denyAfter?: number;
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

/** What the requests function puts on record of a request. */
export interface AskedKinds {
  "request.asked": {
    data: {
      requester: { person: string; name: string };
      place: Place;
      /** What the rules judged, with its tags as they were. */
      resource: Resource;
      target: CardTarget;
      durationMinutes: number;
      /** When its grant begins at the earliest (epoch ms); missing where it does with the last approval. */
      startAt?: number;
      /** Until when decisions may be given (epoch ms). */
      lapsesAt: number;
      rules: RuleOnRecord[];
      /** Ids of rules that approve it by themselves; it counts as approved only while they still do. */
      automatic: string[];
      /** Set with `automatic`: when the grant ends (epoch ms). */
      expiresAt: number | null;
      preflight: PreflightFinding[];
      transcript: "expected" | "none";
      judged: JudgedAsk;
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
      judged: JudgedAsk;
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
    data: { person: string; judged?: Judged; repeat?: Repeatable };
    values: { comment?: string; body?: string };
  };
}
