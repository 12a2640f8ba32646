import type { EpochMillis } from "../../core/clock.ts";
import type { StoredEvent } from "../../core/event.ts";

/** What can be seen of the gateway from outside, in the order it happened. */
export type Entry =
  /** Durable from here on. */
  | { what: "stored"; at: EpochMillis; events: StoredEvent[] }
  /** Reached AWS, whether or not anybody was told what came of it. */
  | { what: "wire"; at: EpochMillis; call: WireCall }
  | { what: "answer"; at: EpochMillis; answer: Answer }
  /** What was done to a port, by whoever makes it fail. */
  | { what: "fault"; at: EpochMillis; op: string; mode: string };

export interface WireCall {
  operation: string;
  /** Of a session: which it was about, or which it started. */
  sessionId?: string;
  taskArn?: string;
  container?: string;
  command?: string;
  /** The name under which the role was assumed: `req-<id>.<attempt>`. */
  roleSessionName?: string;
}

/** What a client was answered, as the bytes it got. */
export interface Answer {
  who: string;
  method: string;
  path: string;
  /** API Gateway's id of the call, as events carry it. */
  call: string;
  /** How long it waited for it, on the clock of that world. */
  tookMs: number;
  /** What was sent, and under which Idempotency-Key. */
  sent: string;
  key: string | undefined;
  status: number;
  text: string;
}

export type Journal = Entry[];
