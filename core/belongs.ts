import { cardRule } from "./alternatives.ts";
import type { Json } from "./canonical-json.ts";
import { type Card, cardDigest } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import { digestOf } from "./digest.ts";
import type { Actor, Event } from "./event.ts";
import type { EndCause, RuleOnRecord } from "./event-kinds.ts";
import { checkCommand } from "./facts.ts";
import type { Facts } from "./policy-engine.ts";
import { warningsOf } from "./preflight.ts";
import { type Attempt, type RequestState, statusAt } from "./request-state.ts";
import { taskIdOf } from "./target.ts";

type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;

/**
 * Why an event does not belong with the state it follows, or undefined where it does.
 *
 * Each family of events is written by one function's role, and whoever holds that role can put anything
 * under it that has the right form. So whatever is said twice must be said alike, here and wherever an
 * event is read: a card that shows one command beside another that would run, a decision in the name of
 * somebody who did not call, an intent for another container. Values that are not there are not compared.
 */
export function misfit(state: RequestState, event: Event): string | undefined {
  switch (event.kind) {
    case "request.asked":
      return askedMisfit(event);
    case "request.refused":
    case "activation.asked":
      return first([
        [isBy(event.actor, event.data.requester.person), "the requester is not who called"],
        event.kind === "activation.asked" && cardFits(event.values.card, event.values.digest),
      ]);
    case "request.recarded":
      return recardMisfit(state, event);
    case "decision.approved":
    case "decision.denied":
      return decisionMisfit(state, event);
    case "request.cancelled":
      return first([
        [isBy(event.actor, event.data.person), "the one named is not who called"],
        [event.data.person === state.requester.person, "another than the requester withdrew it"],
      ]);
    case "request.revoked":
      return first([[isBy(event.actor, event.data.person), "the one named is not who called"]]);
    case "exec.intent":
      return intentMisfit(state, event);
    case "session.opened":
      return openedMisfit(state, event);
    case "session.ended":
    case "end.unverified":
    case "end.asked":
      return endMisfit(state, event);
    case "request.expired":
      return expiredMisfit(state, event);
    case "exec.failed":
    case "exec.unknown":
    case "exec.settled":
    case "hold.taken":
    case "hold.returned":
    case "hold.released":
    case "policy.activated":
    case "call.refused":
    case "decision.refused":
    case "open.refused":
    case "record.read":
      return undefined;
  }
}

type Check = [fits: boolean, otherwise: string] | false;

function first(checks: Check[]): string | undefined {
  for (const check of checks) if (check !== false && !check[0]) return check[1];
  return undefined;
}

function isBy(actor: Actor, id: string): boolean {
  if (actor.kind === "unknown" || actor.kind === "gateway") return false;
  return (actor.kind === "program" ? actor.program : actor.person) === id;
}

function same(a: unknown, b: unknown): boolean {
  return digestOf([a as Json]) === digestOf([b as Json]);
}

function cardFits(card: Card | undefined, digest: string | undefined): Check {
  if (card === undefined || digest === undefined) return false;
  return [cardDigest(card) === digest, "the digest is not that of the card"];
}

function automaticFits(automatic: string[], rules: RuleOnRecord[]): Check {
  const byThemselves = rules.filter((rule) => rule.needs.length === 0).map((rule) => rule.id);
  return [
    automatic.every((id) => byThemselves.includes(id)),
    "a rule that needs somebody approves by itself",
  ];
}

function askedMisfit({ actor, at, data, values }: Of<"request.asked">): string | undefined {
  const { command, argv, facts, card, digest, reason, ticket } = values;
  const exec = card?.kind === "exec" ? card : undefined;
  // The platform is not on record: as on Windows, or else as everywhere else, but as one of them in all.
  const isReading = (text: string, judged: Facts): boolean =>
    [false, true].some((windows) => {
      const read = checkCommand(text, { ticket: judged.has_ticket, windows });
      return (
        read.kind === "ok" &&
        same(read.facts, judged) &&
        (argv === undefined || same(read.words, argv))
      );
    });
  return first([
    [isBy(actor, data.requester.person), "the requester is not who called"],
    command !== undefined &&
      facts !== undefined && [
        isReading(command, facts),
        "the words or facts are not those of the command",
      ],
    card !== undefined && [exec !== undefined, "the card is of another kind"],
    cardFits(card, digest),
    exec !== undefined &&
      command !== undefined && [exec.command === command, "the card shows another command"],
    exec !== undefined &&
      argv !== undefined && [same(exec.argv, argv), "the card shows other words"],
    exec !== undefined &&
      facts !== undefined && [
        exec.opensShell === facts.shell && facts.has_ticket === (exec.ticket !== null),
        "the card shows other facts",
      ],
    exec !== undefined &&
      reason !== undefined && [exec.reason === reason, "the card shows another reason"],
    exec !== undefined && [
      ticket === undefined || exec.ticket === ticket,
      "the card shows another ticket",
    ],
    exec !== undefined && [
      same(
        [exec.target, exec.requester, exec.durationMinutes, exec.rules, exec.transcript],
        [
          data.target,
          data.requester,
          data.durationMinutes,
          data.rules.map(cardRule),
          data.transcript,
        ],
      ),
      "the card shows another target, requester, duration or rule",
    ],
    exec !== undefined && [
      same(exec.warnings, warningsOf(data.preflight)),
      "the card shows other warnings",
    ],
    data.resource.kind !== "gateway" && [
      data.resource.clusterArn === data.target.clusterArn &&
        (data.resource.kind === "service" ? data.resource.id : null) === data.target.serviceArn,
      "what was judged is not the target",
    ],
    automaticFits(data.automatic, data.rules),
    [
      data.automatic.length > 0
        ? data.expiresAt !== null && data.expiresAt <= at + data.durationMinutes * 60_000
        : data.expiresAt === null,
      "the grant is longer than what was asked for",
    ],
  ]);
}

function recardMisfit(
  state: RequestState,
  { data, values }: Of<"request.recarded">,
): string | undefined {
  const { card, digest } = values;
  const exec = card?.kind === "exec" ? card : undefined;
  return first([
    cardFits(card, digest),
    automaticFits(data.automatic, data.rules),
    exec !== undefined && [
      same(
        [exec.target, exec.requester, exec.rules],
        [state.target ?? null, state.requester, data.rules.map(cardRule)],
      ),
      "the card shows another target, requester or rule",
    ],
    exec !== undefined &&
      state.exec?.command !== undefined && [
        exec.command === state.exec.command,
        "the card shows another command",
      ],
  ]);
}

function decisionMisfit(
  state: RequestState,
  event: Of<"decision.approved" | "decision.denied">,
): string | undefined {
  const { actor, at, data, values } = event;
  const grant = event.kind === "decision.approved" ? event.data.grant : null;
  const rule = state.rules.find(({ id }) => id === grant?.rule);
  const needed = rule?.needs.reduce((sum, need) => sum + need.count, 0) ?? 0;
  const given = state.decisions.filter((d) => d.counts && d.decision === "approve").length + 1;
  return first([
    [actor.kind === "person" && actor.person === data.person, "the one named is not who called"],
    state.digest !== undefined &&
      values.digest !== undefined && [values.digest === state.digest, "it is of another card"],
    grant !== null && [rule !== undefined, "it grants by a rule that was not asked under"],
    grant !== null && [given >= needed, "it grants before so many have agreed"],
    grant !== null &&
      state.exec !== undefined && [
        grant.expiresAt <= at + state.exec.durationMinutes * 60_000,
        "the grant is longer than what was asked for",
      ],
  ]);
}

function intentMisfit(
  state: RequestState,
  { actor, at, data, values }: Of<"exec.intent">,
): string | undefined {
  const target = state.exec?.target;
  const agreed = state.decisions
    .filter((d) => d.counts && d.decision === "approve")
    .map(({ person }) => person);
  return first([
    [isBy(actor, state.requester.person), "another than the requester opens it"],
    [data.container === target?.container, "it is for another container"],
    target?.taskArn !== null &&
      target?.taskArn !== undefined && [data.taskArn === target.taskArn, "it is for another task"],
    [
      data.approvals.every((person) => agreed.includes(person)),
      "it counts somebody who has not agreed",
    ],
    [
      data.expiresAt === state.grant?.expiresAt &&
        data.notAfter <= data.expiresAt &&
        at < data.expiresAt,
      "it is not within the grant",
    ],
    [
      [data.container, "*"].some((part) => data.slot === `SLOT#${taskIdOf(data.taskArn)}#${part}`),
      "it takes another container's place",
    ],
    [data.roleSessionName === `req-${state.id}.${data.attempt}`, "its role session is another's"],
    state.exec?.facts !== undefined &&
      values.facts !== undefined && [
        same(values.facts, state.exec.facts),
        "it is of another command",
      ],
  ]);
}

function openedMisfit(state: RequestState, { data }: Of<"session.opened">): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [data.delivered === (data.withheld === null), "it is both handed over and withheld"],
    data.delivered && [
      data.containerName === attempt?.container && data.taskArn === attempt.taskArn,
      "another container or task was handed over than was intended",
    ],
  ]);
}

function endMisfit(
  state: RequestState,
  { actor, at, kind, data }: Of<"session.ended" | "end.unverified" | "end.asked">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [attempt?.sessionId === data.sessionId, "it is of another session"],
    kind === "end.asked"
      ? [isBy(actor, data.person), "the one named is not who called"]
      : [causeFits(state, attempt, data.cause, at), "nothing on record was the cause"],
  ]);
}

/** Whether the record itself shows what an end is said to come from. */
function causeFits(
  { stage }: RequestState,
  attempt: Attempt | undefined,
  cause: EndCause,
  at: EpochMillis,
): boolean {
  switch (cause) {
    case "expired":
      return attempt !== undefined && at >= attempt.expiresAt;
    case "revoked":
    case "cancelled":
      return stage === cause;
    case "withheld":
      return attempt?.delivered === false;
    case "asked":
      return attempt?.endAskedBy !== undefined;
    // The directory is on another chain, and what ends by itself needs no cause.
    case "right_lost":
    case "by_itself":
      return true;
  }
}

function expiredMisfit(
  state: RequestState,
  { at, data }: Of<"request.expired">,
): string | undefined {
  return first([[statusAt(state, at) === data.status, "its time was not over"]]);
}
