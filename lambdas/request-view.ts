import type { RequestView } from "../api/response-schemas.ts";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import { lapsedBecause } from "../core/decided-elsewhere.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type Attempt, type RequestState, type Status, statusAt } from "../core/request-state.ts";
import { reviewStanding } from "../core/review.ts";
import { decisionViews, ruleViews } from "./decision-views.ts";
import { extensionViews } from "./extension-view.ts";

/**
 * A request as the API shows it: the fold of its chain by the clock, with what each alternative lacks and
 * who could give it by the directory now in force.
 */
export function requestView(
  state: RequestState,
  configuration: Configuration,
  now: EpochMillis,
  note?: string,
): RequestView {
  const { directory } = configuration;
  return {
    id: state.id,
    seq: state.tail.seq,
    kind: state.kind,
    status: statusAt(state, now),
    requester: state.requester,
    ...(state.target === undefined ? {} : { target: state.target }),
    ...(state.exec?.command === undefined ? {} : { command: state.exec.command }),
    ...(state.exec?.argv === undefined ? {} : { argv: state.exec.argv }),
    ...(state.exec?.facts === undefined ? {} : { shell: state.exec.facts.shell }),
    reason: state.reason ?? "",
    ticket: state.ticket ?? null,
    ...(state.card === undefined ? {} : { card: state.card }),
    ...(state.digest === undefined ? {} : { digest: state.digest }),
    rules: ruleViews(state.rules, state, directory),
    decisions: decisionViews(state.decisions),
    ...(state.grant === undefined || state.kind === "activate"
      ? {}
      : {
          grant: {
            rule: state.grant.rule,
            ...(state.exec?.startAt === undefined
              ? {}
              : { startsAt: isoTime(state.grant.startsAt) }),
            expiresAt: isoTime(state.grant.expiresAt),
          },
        }),
    ...(state.extensions.length === 0
      ? {}
      : { extensions: extensionViews(state, statusAt(state, now), directory) }),
    ...glassView(state, now),
    sessions: state.attempts.map((attempt) => ({
      attempt: attempt.attempt,
      state: attempt.state,
      taskArn: attempt.taskArn,
      container: attempt.container,
      at: isoTime(attempt.at),
      ...(attempt.sessionId === undefined ? {} : { sessionId: attempt.sessionId }),
      ...(attempt.delivered === undefined ? {} : { delivered: attempt.delivered }),
      ...endView(attempt),
    })),
    liveSessions: state.attempts.filter((a) => a.state === "opened").length,
    preflight: (state.exec?.preflight ?? []).map((f) => ({
      check: f.check,
      status: f.status,
      remedy: f.remedy,
    })),
    askedAt: isoTime(state.askedAt),
    ...(state.stage === "refused" ? {} : { lapsesAt: isoTime(state.lapsesAt) }),
    ...outcomeView(state, statusAt(state, now)),
    ...(note === undefined ? {} : { note }),
  };
}

/** That the glass was broken, and how it stands with the review of that. */
function glassView(
  { breakGlass }: RequestState,
  now: EpochMillis,
): Pick<RequestView, "breakGlass" | "brokenOfDay" | "review"> {
  const standing = reviewStanding({ breakGlass }, now);
  if (breakGlass === undefined || standing === undefined) return {};
  const dueAt = isoTime(breakGlass.reviewDueAt);
  const { review, day, count, limit } = breakGlass;
  const glass = { breakGlass: true, brokenOfDay: { day, count, limit } } as const;
  if (review === undefined) return { ...glass, review: { state: standing, dueAt } };
  const { person: by, verdict, at, comment } = review;
  return {
    ...glass,
    review: {
      state: standing,
      dueAt,
      verdict,
      by,
      at: isoTime(at),
      ...(comment === undefined ? {} : { comment }),
    },
  };
}

/** What stopped it; where nobody did and its time ran out, what was missing. */
function outcomeView(state: RequestState, status: Status): Pick<RequestView, "outcome"> {
  if (state.outcome !== undefined) {
    return { outcome: { ...state.outcome, at: isoTime(state.outcome.at) } };
  }
  if (status !== "lapsed") return {};
  const at = isoTime(state.grant?.expiresAt ?? state.lapsesAt);
  return { outcome: { code: "lapsed", detail: lapsedBecause(state), at } };
}

/** How a session ended, as far as that is on record. */
export function endView({ end }: Attempt) {
  return end === undefined ? {} : { end: { ...end, at: isoTime(end.at) } };
}

/** What a person who stops a request must know: what was under way, and that it is being ended. */
export function beingEnded(state: RequestState): string | undefined {
  const live = state.attempts.filter((a) => a.state === "opened");
  const unsettled = state.attempts.filter((a) => a.state === "opening" || a.state === "unknown");
  const parts: string[] = [];
  if (live.length > 0) {
    parts.push(
      `no further session opens, and what was opened is being ended: ${live
        .map((a) => a.sessionId)
        .join(", ")}; \`sallyport show ${state.id}\` says when it is over and how that is known`,
    );
  }
  if (unsettled.length > 0) {
    parts.push(
      `attempt ${unsettled.map((a) => a.attempt).join(", ")} was under way: its credentials are not handed over from now on, and what it started is found and ended within two minutes`,
    );
  }
  return parts.length === 0 ? undefined : parts.join("; ");
}
