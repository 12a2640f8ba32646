import type { ExecCard } from "../core/card.ts";
import { quoteWords, splitCommand } from "../core/command-words.ts";
import { lastPart } from "./target.ts";
import { type Typed, typedAgain } from "./typed-again.ts";

/** What `exec` runs where no command is named. */
const SHELL = "/bin/sh";

/**
 * The command line that asks for the very same again, to be pasted. Undefined where no words of a command
 * line give exactly this command (written for Windows, or by hand) or this target (a family). Whoever broke the
 * glass for it may break it once more, and need not be let ask for it in the ordinary way.
 */
export function askAgain(
  typed: Typed & { region: string },
  card: Pick<
    ExecCard,
    "target" | "command" | "reason" | "ticket" | "durationMinutes" | "breakGlass"
  >,
): string | undefined {
  const { target, command, reason, ticket, durationMinutes } = card;
  const split = splitCommand(command);
  if (split.kind === "invalid" || quoteWords(split.words) !== command) return undefined;
  const place = placeWords(target, typed.region);
  if (place === undefined) return undefined;
  const words = command === SHELL ? [] : ["--", ...split.words];
  return typedAgain(
    typed,
    card.breakGlass === true ? "break-glass" : "exec",
    ...place,
    "--reason",
    reason,
    ...(ticket === null ? [] : ["--ticket", ticket]),
    "--for",
    `${durationMinutes}m`,
    ...words,
  );
}

function placeWords(target: ExecCard["target"], homeRegion: string): string[] | undefined {
  const { clusterArn, container } = target;
  // A short name means the gateway's own region.
  const away = clusterArn.split(":")[3] !== homeRegion;
  const cluster = away ? clusterArn : lastPart(clusterArn);
  if (target.kind === "task" && target.taskArn !== null) {
    return ["--task", lastPart(target.taskArn), "--cluster", cluster, "--container", container];
  }
  if (target.kind !== "service" || target.serviceArn === null) return undefined;
  const service = lastPart(target.serviceArn);
  return away
    ? [`${service}:${container}`, "--cluster", cluster]
    : [`${cluster}/${service}:${container}`];
}
