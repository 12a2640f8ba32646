import type { LastResortView } from "../api/last-resort-schemas.ts";
import { reviewText } from "./request-view.ts";
import { type Shown, shown } from "./shown.ts";
import { lastPart } from "./target.ts";

/** Everything of one use of the last resort that is on record. */
export function lastResortLines(use: LastResortView): Shown[] {
  const { review, calls, moreCalls } = use;
  const minutes = Math.round((Date.parse(use.until) - Date.parse(use.since)) / 60_000);
  return [
    shown`last resort ${use.id}`,
    shown`  review      ${useReviewText(use)}`,
    ...(review.state === "done"
      ? []
      : [shown`  reviewable  from ${review.from} on, when all that AWS tells of it is on record`]),
    shown`  account     ${use.account}`,
    shown`  used by     ${whoText(use)}`,
    shown`  assumed by  ${use.assumedBy ?? "not on record: AWS has told of no AssumeRole"}`,
    ...(use.principal === null ? [] : [shown`  principal   ${use.principal}`]),
    shown`  from        ${use.from ?? "not on record"}`,
    shown`  session     ${use.sessionName ?? "not on record"}${identityText(use)}`,
    shown`  time        from ${use.since} until ${use.until} at the longest (${minutes} minutes)`,
    ...calls.map(callLine),
    ...(moreCalls === undefined ? [] : [shown`and ${moreCalls} calls more: CloudTrail has them`]),
  ];
}

/** How it stands with the review of a use. */
export function useReviewText({ review }: Pick<LastResortView, "review">): Shown {
  const { state, dueAt } = review;
  if (dueAt === undefined && state !== "done") {
    return shown`review owed (by when, the version that recorded it did not say)`;
  }
  return reviewText({ review: { ...review, dueAt: dueAt ?? "" } });
}

/** Whom what AWS told of it names. */
export function whoText({ users }: Pick<LastResortView, "users">): Shown {
  if (users.length === 0)
    return shown`nobody whom the directory knows: nobody is kept from reviewing it`;
  return shown`${users.join(", ")}`;
}

/** Where it was used, in one line. */
export function useWhere({ account, calls }: LastResortView): Shown {
  const commands = calls.filter(({ name }) => name === "ExecuteCommand");
  const where = commands.length === 0 ? "role taken up" : `${commands.length} ExecuteCommand`;
  return shown`${account}: ${where}`;
}

function identityText({ sourceIdentity }: LastResortView): Shown {
  return sourceIdentity === null ? shown`` : shown`, source identity ${sourceIdentity}`;
}

function callLine(call: LastResortView["calls"][number]): Shown {
  const { name, at, region, from, about, sessionId, error, cloudTrailId } = call;
  const what = about === null ? shown`` : shown` on ${about.split(" ").map(lastPart).join(" ")}`;
  const by = from === null ? shown`` : shown` from ${from}`;
  const session = sessionId === null ? shown`` : shown` as ${sessionId}`;
  const refused = error === null ? shown`` : shown`, refused: ${error}`;
  return shown`call ${at} ${name}${what} in ${region}${by}${session}${refused} (CloudTrail ${cloudTrailId})`;
}
