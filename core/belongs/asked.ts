import { cardRule } from "../alternatives.ts";
import { checkCommand } from "../facts.ts";
import type { Facts } from "../policy-engine.ts";
import { warningsOf } from "../preflight.ts";
import { beginsAt, LATEST_START_MS, startText } from "../start-at.ts";
import { automaticFits, cardFits, first, isBy, type Of, same } from "./checks.ts";

/**
 * Whether words and facts are those of a command. The platform is not on record: they are read as on Windows, or
 * else as everywhere else, but as one of them in all.
 */
export function isReading(command: string, argv: string[] | undefined, facts: Facts): boolean {
  return [false, true].some((windows) => {
    const read = checkCommand(command, { ticket: facts.has_ticket, windows });
    return (
      read.kind === "ok" &&
      same(read.facts, facts) &&
      (argv === undefined || same(read.words, argv))
    );
  });
}

/** Of what was asked for and of what was taken in an emergency: what is said of one wish is one wish. */
export function wishMisfit({
  actor,
  data,
  values,
}: Of<"request.asked" | "glass.broken">): string | undefined {
  const { command, argv, facts, card, digest, reason, ticket } = values;
  const exec = card?.kind === "exec" ? card : undefined;
  return first([
    [isBy(actor, data.requester.person), "the requester is not who called"],
    command !== undefined &&
      facts !== undefined && [
        isReading(command, argv, facts),
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
    exec !== undefined && [
      exec.start === startText("startAt" in data ? data.startAt : undefined),
      "the card shows another start",
    ],
  ]);
}

export function askedMisfit(event: Of<"request.asked">): string | undefined {
  const { at, data } = event;
  const before = wishMisfit(event);
  if (before !== undefined) return before;
  return first([
    [
      data.startAt === undefined || data.startAt <= at + LATEST_START_MS,
      "it starts later than anything may",
    ],
    automaticFits(data.automatic, data.rules),
    [
      data.automatic.length > 0
        ? data.expiresAt !== null &&
          data.expiresAt <= beginsAt(at, data.startAt) + data.durationMinutes * 60_000
        : data.expiresAt === null,
      "the grant is longer than what was asked for",
    ],
  ]);
}
