import type { EpochMillis } from "./clock.ts";

/** What API Gateway wrote of one call, before any function of ours saw it. */
export interface AccessLine {
  /** API Gateway's id of the call. */
  call: string;
  /** As API Gateway names it: `POST /v1/requests/{id}/decisions`, behind whichever door. */
  route: string;
  /** As it was called. */
  path: string;
  /** Whoever signed it, or whose token it was, as events name them. */
  principal: string;
  /** What it was answered with; undefined where the line does not say. */
  status?: number;
}

/** The front door's own log of who called: written by API Gateway, and by no function of ours. */
export interface AccessLog {
  /**
   * The lines of these calls that were written from one instant to another. A call may have none, and lines come late:
   * whoever misses one asks again after a while. Throws where the log cannot be read.
   */
  linesOf(calls: readonly string[], from: EpochMillis, to: EpochMillis): Promise<AccessLine[]>;
}
