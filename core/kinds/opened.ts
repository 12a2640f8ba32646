import type { ErrorCode } from "../errors.ts";
import type { Hold } from "../holds.ts";
import type { Facts, Resource } from "../policy-engine.ts";
import type { Replaced } from "../replacement.ts";
import type { Judged } from "./judged.ts";

/** What the exec function intends, and what came of it. */
export interface OpenedKinds {
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
      /** The session it follows under the same use, which is known to be over. */
      replaces?: Replaced;
      /** The last event of LOCK it was judged under: its transaction is fenced on that. */
      locks: number;
      /** What the rules judged, with its tags as they were at the open, and what runs there. */
      judged: Judged & { resource: Resource; revision: string; image: string | null };
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
      withheld: "request_closed" | "locked" | "response_mismatch" | null;
    };
    values: { [none: string]: never };
  };
  "exec.failed": {
    data: { attempt: number; code: ErrorCode; aws: string | null };
    values: { detail?: string };
  };
  "exec.unknown": { data: { attempt: number }; values: { detail?: string } };
  /** By its owner: the session is ended, and once that is seen, another is opened under the same use. */
  "replace.asked": {
    data: { attempt: number; sessionId: string; person: string; judged?: Judged };
    values: { [none: string]: never };
  };
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
  /** ExecuteCommand certainly started nothing, or what it started is over and was replaced elsewhere. */
  "hold.returned": {
    data: { requestId: string; attempt: number; holds: Hold[] };
    values: { [none: string]: never };
  };
}
