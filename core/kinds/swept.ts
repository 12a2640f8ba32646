import type { EpochMillis } from "../clock.ts";
import type { ErrorCode } from "../errors.ts";
import type { Hold } from "../holds.ts";
import type { Judged } from "./judged.ts";

/** Why a session had to end, or that nobody had to end it. */
export const endCauses = [
  "expired",
  "revoked",
  "cancelled",
  /** Its credentials were not handed over. */
  "withheld",
  /** Somebody whom the rules allow asked for it. */
  "asked",
  /** Its owner had lost it, and wanted another in its place. */
  "replaced",
  /** It was handed over, and no client joined it within two minutes. */
  "unclaimed",
  /** The requester could not open it any more, by the rules and the directory as they are now. */
  "right_lost",
  /** Its requester, a group of theirs, or its target was locked. */
  "locked",
  /** The record was restored from a backup, and what had been granted is void. */
  "restored",
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

/** Whose calls are counted together: a person's or a program's, or those of a principal of nobody. */
export interface CountedCaller {
  kind: "person" | "program" | "unknown";
  /** The directory's id, or `<account>:<unique id>` of a principal. */
  id: string;
}

/** Refusals of one caller in one minute, as far as they are no events of their own. */
export interface RefusalsCounted {
  /** Its first instant (epoch ms). */
  minute: EpochMillis;
  who: CountedCaller;
  counts: { route: string; code: ErrorCode; times: number }[];
}

/** The stream's words for what is done to an item that is there. */
export const itemTouches = ["MODIFY", "REMOVE"] as const;

/** What the sweeper ends, finds ended, or cannot end, and what it hears of the record. */
export interface SweptKinds {
  /** Two minutes after it was handed over no client had joined it; `status` is SSM's word for that. */
  "session.unclaimed": {
    data: { attempt: number; sessionId: string; status: string };
    values: { [none: string]: never };
  };
  "session.ended": {
    data: {
      attempt: number;
      sessionId: string;
      cause: EndCause;
      /** Of `locked`: which lock. */
      lock?: string;
      /** Of `right_lost`: by what its requester's right was judged, their groups as they were. */
      judged?: Judged;
      strength: EndStrength;
      /** When SSM says it ended, where it says so (epoch ms). */
      endedAt: number | null;
    };
    values: { [none: string]: never };
  };
  /** Its end was tried, and is not known to have come: it is tried again at `nextAt` (epoch ms). */
  "end.unverified": {
    data: {
      attempt: number;
      sessionId: string;
      cause: EndCause;
      lock?: string;
      judged?: Judged;
      tries: number;
      nextAt: number;
    };
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
  "refusals.counted": { data: RefusalsCounted; values: { [none: string]: never } };
  /** An item of the record was changed or removed, which the gateway never does. */
  "item.touched": {
    data: {
      /** The stream's number of it, by which it is told once. */
      id: string;
      action: (typeof itemTouches)[number];
      /** The item's keys. */
      about: string;
    };
    values: { [none: string]: never };
  };
  "hold.released": {
    data: { requestId: string; attempt: number; holds: Hold[] };
    values: { [none: string]: never };
  };
}
