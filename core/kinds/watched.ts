import type { EpochMillis } from "../clock.ts";
import type { Place } from "../containers.ts";

/** In what a call that AWS tells of differs from the record. */
export const differences = [
  /** Nobody may make this call, or another than the one whose it is has made it. */
  "caller",
  /** It was refused, and it is none of ours: somebody tried. */
  "denied",
  /** The name of its session names no request. */
  "request",
  /** That request was never granted. */
  "right",
  /** No attempt of that number was intended. */
  "intent",
  /** The intent has had its one call. */
  "extra",
  "person",
  "place",
  "cluster",
  "task",
  "container",
  "command",
  /** It was answered with another session than the record names, or with one where nothing was opened. */
  "session",
  /** It was sent before its intent or after its last instant. */
  "time",
  /** The chain of its request does not verify. */
  "record",
] as const;

export type Difference = (typeof differences)[number];

export const seenCalls = ["AssumeRole", "ExecuteCommand", "StartSession", "ResumeSession"] as const;

/** A call as CloudTrail told of it. Its command is not kept: CloudTrail has it under the same id. */
export interface CallOnRecord {
  /** CloudTrail's own id of it. */
  cloudTrailId: string;
  name: (typeof seenCalls)[number];
  /** When AWS took it (epoch ms, whole seconds). */
  at: EpochMillis;
  place: Place;
  /** ARN of the role or user, or whatever else CloudTrail named the caller by. */
  caller: string;
  sourceIdentity: string | null;
  /** Of the session that called or, of AssumeRole, that was asked for. */
  sessionName: string | null;
  /** What it was about: the role, cluster and task, target or session. */
  about: string | null;
  /** The session it was answered with. */
  sessionId: string | null;
  /** AWS's word where it refused. */
  error: string | null;
}

type None = { [none: string]: never };

/** What the watcher finds when it compares what AWS saw with what is on record. */
export interface WatchedKinds {
  /** The one ExecuteCommand of an attempt, alike in all that can be compared. */
  "call.matched": { data: { call: CallOnRecord; request: string; attempt: number }; values: None };
  "call.differed": {
    data: {
      call: CallOnRecord;
      differences: Difference[];
      /** The request and attempt it claimed to be for. */
      request: string | null;
      attempt: number | null;
      /** Whether it was about something this gateway guards. What is not is on record, and alarms nobody. */
      guarded: boolean;
    };
    values: None;
  };
  /** A session that is on record as opened, and that no call seen within the window has opened. */
  "call.missing": {
    data: {
      request: string;
      attempt: number;
      sessionId: string;
      /** No call was seen, or the attempt's one was answered with another session. */
      why: "no_call" | "another_session";
    };
    values: None;
  };
  /** A session of ECS Exec that goes on and that no chain knows. */
  "session.unknown": {
    data: { place: Place; sessionId: string; target: string; status: string };
    values: None;
  };
  /** An event of somebody's decision of which the front door's log does not say the same. */
  "decision.unwitnessed": {
    data: {
      chain: string;
      seq: number;
      eventId: string;
      /** API Gateway's id of the call that the event names. */
      call: string | null;
      why: (typeof unwitnessed)[number];
    };
    values: None;
  };
  /** Something was done to the record that the gateway never does, as it shows to whoever reads it or asks CloudTrail. */
  "record.touched": {
    data: {
      what: (typeof touches)[number];
      /** Names the finding, so that it is told once. */
      id: string;
      /** Why it cannot be read, or AWS's word for what was done to the table. */
      action: string;
      /** The event's place, or the table. */
      about: string;
      /** Who, where CloudTrail says so. */
      caller: string | null;
    };
    values: None;
  };
  /** The role outside the gateway was taken up, or used: a review of it is owed from then on. */
  "last_resort.used": { data: { call: CallOnRecord } & Partial<UseOnRecord>; values: None };
}

/** What says which use of the last resort a call is of, and what is owed of it. An earlier version kept none of it. */
export interface UseOnRecord {
  /** AWS's id of the role's credentials: those that AssumeRole gave, and by which each later call is signed. */
  session: string | null;
  /** Of AssumeRole: who was given them, as `principalText` has it. */
  by: string | null;
  /** From which address it was made, as CloudTrail has it. */
  from: string | null;
  /** Of AssumeRole: how long they last (epoch ms). */
  until: EpochMillis | null;
  /** Until when somebody else has to review it (epoch ms). */
  reviewDueAt: EpochMillis;
}

/** No id of a call; no line of that id; a line of another route, of another path, of another caller, or of a refusal. */
export const unwitnessed = ["no_call", "no_line", "route", "caller", "refused"] as const;

/** An event cannot be read; one that an index names is not there; a table. Of an item see `item.touched`. */
export const touches = ["unreadable", "absent", "table"] as const;
