import type { Caller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { EndStrength } from "./kinds/swept.ts";
import type { Attempt, RequestState } from "./request-state.ts";

/*
 * A client that lost its session cannot have it back, so its use of the grant passes on to another one: asked
 * for on record, the session ended and seen to be over, and only then another intent. Once for a use, and only
 * where the command is a shell: any other might do what it did a second time.
 */

/** The session an intent follows, and how its end is known. */
export interface Replaced {
  attempt: number;
  sessionId: string;
  strength: EndStrength;
  endedAt: EpochMillis | null;
}

/**
 * The attempt whose session this caller may replace, by the record alone. Throws `not_permitted`,
 * `session_not_found` or `not_replaceable`.
 */
export function replaceable(
  state: RequestState,
  caller: Pick<Caller, "id">,
  sessionId: string,
): Attempt & { sessionId: string } {
  if (caller.id !== state.requester.person) {
    throw new SallyportError("not_permitted", "only the requester replaces their session", {
      hint: "to look into the same container, ask for a session of your own: `sallyport exec`",
    });
  }
  const attempt = state.attempts.find((one) => one.sessionId === sessionId);
  if (attempt === undefined) {
    throw new SallyportError("session_not_found", "this request has no such session", {
      hint: `\`sallyport show ${state.id}\` names its sessions`,
    });
  }
  const refused = (why: string): SallyportError =>
    new SallyportError("not_replaceable", why, { hint: "ask again with `sallyport exec`" });
  if (state.exec?.facts?.shell !== true) {
    throw refused("only a shell is opened a second time: what this command did, it might do again");
  }
  if (hasToEnd(attempt)) {
    throw refused("that session has to end, and nothing comes in its place");
  }
  if (attempt.end !== undefined && attempt.end.cause !== "replaced") throw overAlready();
  if (attempt.replaceAskedAt !== undefined) return { ...attempt, sessionId };
  if (state.attempts.some((one) => one.replaceAskedAt !== undefined)) {
    throw refused("this approval's session was replaced once already");
  }
  if (attempt.state !== "opened" || attempt.delivered !== true) throw overAlready();
  return { ...attempt, sessionId };
}

/** It ended before anybody wanted another in its place: that was the use. */
export function overAlready(): SallyportError {
  return new SallyportError("not_replaceable", "that session is over: it was not lost, but used", {
    hint: "ask again with `sallyport exec`",
  });
}

/**
 * Whether a session made room for another: its use is free again. One that ended for another reason, though
 * somebody had wanted it replaced, was the use.
 */
export function gaveWay(attempt: Attempt): boolean {
  return attempt.replaceAskedAt !== undefined && attempt.end?.cause === "replaced";
}

/** Whether a session is to end for a reason of its own: then nothing comes in its place. */
function hasToEnd({ endAskedBy, isUnclaimed }: Attempt): boolean {
  return endAskedBy !== undefined || isUnclaimed === true;
}

/** The request as it is with the replaced session over; as it was where that had to end for another reason. */
export function handedOver(
  state: RequestState,
  replaced: Replaced | undefined,
  at: EpochMillis,
): RequestState {
  if (replaced === undefined) return state;
  const { strength, endedAt } = replaced;
  const makesRoom = (one: Attempt): boolean =>
    one.attempt === replaced.attempt && one.state === "opened" && !hasToEnd(one);
  return {
    ...state,
    attempts: state.attempts.map((one) =>
      makesRoom(one)
        ? { ...one, state: "ended", end: { at: endedAt ?? at, cause: "replaced", strength } }
        : one,
    ),
  };
}
