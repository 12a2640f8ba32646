import type { EpochMillis } from "../clock.ts";
import type { Attempt, RequestState } from "../request-state.ts";
import { readSsmTarget, taskIdOf } from "../target.ts";
import { type Guarded, isByRole, isGuarded, LAST_RESORT, ours } from "./guarded.ts";
import type { History } from "./history.ts";
import { type Asked, claimOf, type SeenCall } from "./seen-call.ts";
import { differing, foreign, type Verdict } from "./verdict.ts";

type AskedCommand = Asked & { name: "ExecuteCommand" };

/** So much may AWS's clock and ours differ. */
const SKEW_MS: EpochMillis = 60_000;

/**
 * Compares an ExecuteCommand with the intent that the name of its session names, in all that both say. Whether the
 * intent has had its one call is for whoever puts the answer on record: that is decided by the record itself.
 */
export function compareExecute(
  guarded: Guarded,
  call: SeenCall & { asked: AskedCommand },
  history: History,
): Verdict {
  const { asked, caller, error, place } = call;
  if (isLastResort(guarded, call)) return { kind: "last_resort" };
  if (!isByRole(guarded, place, caller, [ours(guarded, place.account, "sallyport-exec")])) {
    return foreign(error, isGuarded(guarded, place, asked.cluster));
  }
  const claim = claimOf(caller.sessionName);
  const unknown = (): Verdict => differing(claim, ["request"]) ?? { kind: "none" };
  if (claim === undefined || history.kind === "absent") return unknown();
  if (history.kind === "spoilt") return differing(claim, ["record"]) ?? { kind: "none" };
  const { state } = history;
  const attempt = state.attempts.find((one) => one.attempt === claim.attempt);
  if (attempt === undefined) return differing(claim, ["intent"]) ?? { kind: "none" };
  return differing(claim, differencesOf(call, state, attempt)) ?? { kind: "matched", ...claim };
}

/** A session of the role outside the gateway: whatever it does is its use. */
export function isLastResort(guarded: Guarded, { caller, place }: SeenCall): boolean {
  return caller.arn === ours(guarded, place.account, LAST_RESORT);
}

function differencesOf(
  { asked, at, caller, error, place }: SeenCall & { asked: AskedCommand },
  { requester, exec }: RequestState,
  attempt: Attempt,
) {
  // What AWS refused it often tells nothing of; what it took and does not tell, nobody can vouch for.
  const isOther = (seen: string | null, ...wanted: string[]): boolean =>
    seen === null ? error === null : !wanted.includes(seen);
  const clusterArn = exec?.target.clusterArn ?? "";
  return [
    caller.sourceIdentity !== requester.person && ("person" as const),
    (place.account !== exec?.place.account || place.region !== exec.place.region) &&
      ("place" as const),
    isOther(asked.cluster, clusterArn, clusterArn.split("/").at(-1) ?? "") && ("cluster" as const),
    isOther(asked.task, attempt.taskArn, taskIdOf(attempt.taskArn)) && ("task" as const),
    isOther(asked.container, attempt.container) && ("container" as const),
    // A value that was erased from the record is there no more to be compared.
    exec?.command !== undefined && isOther(asked.command, exec.command) && ("command" as const),
    isOtherSession(asked.sessionId, attempt) && ("session" as const),
    (at < attempt.at - SKEW_MS || at > attempt.notAfter + SKEW_MS) && ("time" as const),
  ];
}

/** While the outcome is not on record, or nobody knew it, any session may be the one. */
function isOtherSession(seen: string | null, { sessionId, state }: Attempt): boolean {
  if (sessionId !== undefined) return seen !== sessionId;
  return state === "failed" && seen !== null;
}

/** StartSession on a container, past ECS: nobody may, and ECS itself does it for each ExecuteCommand. */
export function compareStart(
  guarded: Guarded,
  call: SeenCall & { asked: Asked & { name: "StartSession" } },
): Verdict {
  const { asked, caller, error, place } = call;
  if (asked.target?.startsWith("ecs:") !== true) return { kind: "none" };
  if (caller.service === "ecs.amazonaws.com") return { kind: "none" };
  if (isLastResort(guarded, call)) return { kind: "last_resort" };
  const cluster = readSsmTarget(asked.target)?.clusterName ?? null;
  return foreign(error, isGuarded(guarded, place, cluster));
}

/** ResumeSession of a session of ECS Exec: nobody may, for whoever resumes it is in it. */
export function compareResume(
  guarded: Guarded,
  call: SeenCall & { asked: Asked & { name: "ResumeSession" } },
): Verdict {
  const { asked, error } = call;
  if (asked.sessionId?.startsWith("ecs-execute-command-") !== true) return { kind: "none" };
  return isLastResort(guarded, call) ? { kind: "last_resort" } : foreign(error, true);
}
