import type { LockView, RequestView } from "../api/response-schemas.ts";
import { cardCheck } from "./card-check.ts";
import { cardLines } from "./card-view.ts";
import { decisionLine } from "./decision-line.ts";
import { shortened } from "./display-width.ts";
import { extensionStanding } from "./extension-view.ts";
import { denialLines, lacksLines } from "./lacks-view.ts";
import { lockLine } from "./lock-view.ts";
import { type Shown, shown } from "./shown.ts";
import { lastPart } from "./target.ts";

/**
 * Everything of one request that a person may want to know: its card, decisions, sessions. `locks` are those that
 * stop it now, as far as they were asked for.
 */
export function requestLines(request: RequestView, locks: readonly LockView[] = []): Shown[] {
  const check = cardCheck(request);
  return [
    shown`request ${request.id}`,
    shown`  status      ${request.status}${outcomeText(request)}`,
    shown`  asked       ${request.askedAt} by ${request.requester.person}`,
    ...(request.status === "pending" && request.lapsesAt !== undefined
      ? [shown`  lapses      ${request.lapsesAt}`]
      : []),
    ...(request.grant === undefined
      ? []
      : [
          shown`  granted     by rule ${request.grant.rule}, ${fromText(request.grant)}until ${request.grant.expiresAt}`,
        ]),
    ...(request.card === undefined
      ? [shown`card: none, or erased from the record`]
      : [shown`card`, ...cardLines(request.card)]),
    ...(check === undefined ? [] : [shown`  digest      ${check.digest}`]),
    ...(request.review === undefined ? [] : [shown`  break-glass ${reviewText(request)}`]),
    ...request.decisions.map(decisionLine),
    ...(request.status === "pending" ? [...denialLines(request), ...lacksLines(request)] : []),
    ...(request.extensions ?? []).flatMap(extensionStanding),
    ...request.preflight
      .filter((finding) => finding.status !== "passed")
      .map((finding) => shown`preflight ${finding.check}: ${finding.status}: ${finding.remedy}`),
    ...request.sessions.map((session) => sessionLine(session, locks)),
    ...(request.note === undefined ? [] : [shown`note: ${request.note}`]),
  ];
}

/** How it stands with the review of a request for which the glass was broken. */
export function reviewText({ review }: Pick<RequestView, "review">): Shown {
  if (review === undefined) return shown`no review is owed`;
  if (review.state === "owed") return shown`review owed by ${review.dueAt}`;
  if (review.state === "overdue") return shown`REVIEW OVERDUE since ${review.dueAt}`;
  const said = review.verdict === "justified" ? "justified" : "not justified";
  const comment = review.comment === undefined ? shown`` : shown`: "${review.comment}"`;
  return shown`reviewed by ${review.by ?? "?"} at ${review.at ?? "?"}: ${said}${comment}`;
}

/** Where a request runs what, in one line. */
export function requestWhere({ target, card }: Pick<RequestView, "target" | "card">): Shown {
  const where =
    target === undefined
      ? shown`rules`
      : shown`${lastPart(target.clusterArn)}/${lastPart(target.serviceArn ?? target.family)}:${target.container}`;
  const command = card?.kind === "exec" ? { shown: shortened(card.command, 40) } : shown``;
  return shown`${where} ${command}`;
}

function fromText({ startsAt }: NonNullable<RequestView["grant"]>): Shown {
  return startsAt === undefined ? shown`` : shown`from ${startsAt} `;
}

function sessionLine(session: RequestView["sessions"][number], locks: readonly LockView[]): Shown {
  const state = {
    opening: "is being opened, or its outcome was never told",
    opened: session.delivered === false ? "was opened and withheld" : "was opened",
    failed: "did not start",
    unknown: "may have started: nobody knows",
    ended: "was opened",
    settled: "may have started, and nothing of it is left",
  }[session.state];
  const id = session.sessionId === undefined ? shown`` : shown` as ${session.sessionId}`;
  const line = shown`session ${session.attempt} ${state} at ${session.at}${id} in ${session.container} of ${session.taskArn}`;
  const { end } = session;
  if (end === undefined) return line;
  return shown`${line}; over ${endWords(end, locks)}`;
}

/** Since when a session is over, why, and how that is known. */
export function endWords(end: End, locks: readonly LockView[] = []): Shown {
  return shown`since ${end.at}: ${causes[end.cause]}${lockOf(end, locks)} (known by: ${strengths[end.strength]})`;
}

/** Which lock it was; what and why, while it stands. */
function lockOf({ lock: id }: End, locks: readonly LockView[]): Shown {
  if (id === undefined) return shown``;
  const lock = locks.find((one) => one.id === id);
  return lock === undefined ? shown`, by lock ${id}` : shown`, by lock ${id} (${lockLine(lock)})`;
}

export function outcomeText(request: RequestView): Shown {
  return shown`${outcomeWords(request)}`;
}

/** Why, by whom and when, in brackets; empty where there is nothing to say. */
export function outcomeWords({ status, outcome }: RequestView): string {
  if (outcome === undefined) return "";
  const { code, detail, by, at } = outcome;
  const who = by === undefined ? (code === status ? "" : code) : `by ${by} at ${at}`;
  const words = [who, detail].filter((text) => text !== "");
  return words.length === 0 ? "" : ` (${words.join(": ")})`;
}

type End = NonNullable<RequestView["sessions"][number]["end"]>;

const causes: { [cause in End["cause"]]: string } = {
  expired: "its time was over",
  revoked: "it was revoked",
  cancelled: "its request was withdrawn",
  withheld: "it was not handed over",
  asked: "somebody asked for its end",
  unclaimed: "nobody joined it within two minutes",
  replaced: "it was lost, and another was opened in its place",
  right_lost: "the rules or the directory no longer let its requester be in it",
  locked: "its requester or target was locked",
  restored: "the record was restored from a backup, and what was granted is void",
  by_itself: "its command exited, or it was ended beside the gateway",
};

const strengths: { [strength in End["strength"]]: string } = {
  "ssm-status": "SSM's word, which does not prove that the process is gone",
  "task-stopped": "its task has stopped",
};
