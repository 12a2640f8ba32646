import type { EpochMillis } from "../clock.ts";
import type { Place } from "../containers.ts";
import type { CallOnRecord, UseOnRecord } from "../kinds/watched.ts";

/** Who called, as CloudTrail has it. */
export interface SeenCaller {
  /** ARN of the role whose session it was, or of the user. */
  arn: string | null;
  account: string | null;
  /** The name of the session. */
  sessionName: string | null;
  sourceIdentity: string | null;
  /** The service of AWS that called on somebody's behalf. */
  service: string | null;
}

/** What was asked. A member is null where CloudTrail left it out, as it does where the call was refused. */
export type Asked =
  | {
      name: "AssumeRole";
      roleArn: string | null;
      sessionName: string | null;
      sourceIdentity: string | null;
      tags: { [key: string]: string };
    }
  | {
      name: "ExecuteCommand";
      cluster: string | null;
      task: string | null;
      container: string | null;
      command: string | null;
      /** Of the session it was answered with. */
      sessionId: string | null;
    }
  | { name: "StartSession"; target: string | null; sessionId: string | null }
  | { name: "ResumeSession"; sessionId: string | null };

/** One call that CloudTrail tells of, as far as it is compared. */
export interface SeenCall {
  id: string;
  /** In whole seconds. */
  at: EpochMillis;
  /** Where it was made. */
  place: Place;
  caller: SeenCaller;
  /** AWS's word where it refused. */
  error: string | null;
  asked: Asked;
  origin: Origin;
}

/** Where a call came from, and of which credentials it tells: compared with nothing, kept of the last resort alone. */
export type Origin = Omit<UseOnRecord, "reviewDueAt">;

/** No text of somebody else's choosing takes more of an event. */
const LONGEST = 600;

/** A call as it is put on record. */
export function onRecord({ id, at, place, caller, error, asked }: SeenCall): CallOnRecord {
  return {
    cloudTrailId: id,
    name: asked.name,
    at,
    place,
    caller: cut(caller.arn ?? caller.service ?? caller.account) ?? "unknown",
    sourceIdentity: cut(asked.name === "AssumeRole" ? asked.sourceIdentity : caller.sourceIdentity),
    sessionName: cut(asked.name === "AssumeRole" ? asked.sessionName : caller.sessionName),
    about: cut(aboutOf(asked)),
    sessionId: cut("sessionId" in asked ? asked.sessionId : null),
    error: cut(error),
  };
}

/** The same of where it came from. */
export function originOnRecord({ origin: { session, by, from, until } }: SeenCall): Origin {
  return { session: cut(session), by: cut(by), from: cut(from), until };
}

function cut(text: string | null): string | null {
  return text?.slice(0, LONGEST) ?? null;
}

function aboutOf(asked: Asked): string | null {
  switch (asked.name) {
    case "AssumeRole":
      return asked.roleArn;
    case "ExecuteCommand": {
      const named = [asked.cluster, asked.task, asked.container].filter((part) => part !== null);
      return named.length === 0 ? null : named.join(" ");
    }
    case "StartSession":
      return asked.target;
    case "ResumeSession":
      return asked.sessionId;
  }
}

/** The request and attempt that a session's name names: `req-<id>.<attempt>`. */
export function claimOf(
  sessionName: string | null,
): { request: string; attempt: number } | undefined {
  const [, request = "", attempt] =
    /^req-([0-9a-hjkmnp-tv-z]{26})\.([1-9][0-9]{0,5})$/.exec(sessionName ?? "") ?? [];
  return attempt === undefined ? undefined : { request, attempt: Number(attempt) };
}
