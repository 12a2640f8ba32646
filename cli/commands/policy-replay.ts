import type { Command } from "commander";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import { takenRecord } from "../../core/replay/record.ts";
import { type Replayed, replayAll } from "../../core/replay/replay-all.ts";
import { openContext } from "../context.ts";
import { counted } from "../counted.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { takenEvent } from "../one-event.ts";
import type { Taken } from "../rule-sets.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { takenFromFile, withProgress } from "../taken.ts";

interface Options {
  from?: string;
  all?: string;
}

/** Decisions made again from the record alone. */
export function registerPolicyReplay(policy: Command, start: Start): void {
  policy
    .command("replay")
    .description(
      "make a decision again from the record alone, and say whether it comes out the same",
    )
    .argument("[event]", "an event's id, or a request's for all of its decisions")
    .option("--from <file>", "take it from this export, and ask no gateway")
    .option("--all <file>", "every decision of this export")
    .action((named: string | undefined, options: Options) =>
      start.alone(async (bare) => {
        const { io, output, extras, globalOptions } = bare;
        if ((named === undefined) === (options.all === undefined)) {
          throw usage("one of EVENT and --all FILE is given");
        }
        if (options.all !== undefined && options.from !== undefined) {
          throw usage("--all takes its file itself, without --from");
        }
        const file = options.all ?? options.from;
        const taken: Taken & { unreadable?: number } =
          file === undefined
            ? await takenEvent((await openContext(globalOptions, io, extras)).api, named ?? "")
            : await takenFromFile(io, file);
        const events = named === undefined ? taken.events : eventsNamed(taken.events, named);
        const engine = await extras.policyEngine();
        const replayed: Replayed[] = [];
        const record = takenRecord(taken.events, taken.texts);
        await withProgress(output, "replaying", replayAll(engine, record, events), (one) =>
          replayed.push(one),
        );
        if (replayed.length === 0) {
          throw new Failure(
            named === undefined ? "no decision is among these events" : `${named} is no decision`,
            {
              hint: "`policy replay` takes what somebody asked, decided, opened, ended or activated",
            },
          );
        }
        const unreadable = taken.unreadable ?? 0;
        const isSame = replayed.every(({ replay }) => replay.kind === "same") && unreadable === 0;
        if (output.json) {
          output.value({
            same: isSame,
            engine: engine.version,
            unreadable,
            decisions: replayed.map(({ replay, ...event }) => ({ ...event, ...replay })),
          });
        } else {
          for (const one of replayed) for (const line of linesOf(one)) output.print(line);
          const others = replayed.filter(({ replay }) => replay.kind !== "same").length;
          output.print(
            shown`${counted(replayed.length, "decision")}: ${replayed.length - others} the same, ${others} not, by ${engine.version}`,
          );
          if (unreadable > 0) {
            output.print(
              shown`${counted(unreadable, "line")} cannot be read: \`sallyport audit verify\` names them`,
            );
          }
        }
        return isSame ? exitCodes.ended : exitCodes.failed;
      }),
    );
}

function eventsNamed(events: readonly StoredEvent[], named: string): StoredEvent[] {
  const id = named.toLowerCase();
  const found = events.filter((stored) => stored.chain === `REQ#${id}` || eventIdOf(stored) === id);
  if (found.length > 0) return found;
  throw new Failure(`no event and no request there is named ${named}`, {
    hint: "an event's id stands in its leaf as `eventId`",
  });
}

function eventIdOf(stored: StoredEvent): string | undefined {
  try {
    return readEvent(stored).eventId;
  } catch {
    return undefined;
  }
}

function linesOf({ chain, seq, kind, replay }: Replayed): Shown[] {
  const what = shown`${chain} #${seq} ${kind ?? "cannot be read"}`;
  if (replay.kind === "same") return [shown`same     ${what}`];
  if (replay.kind === "not_replayed") {
    return [shown`not made ${what}`, shown`         ${replay.why}`];
  }
  return [
    shown`differs  ${what}`,
    ...replay.differences.map(
      (one) =>
        shown`         ${one.what}: recorded ${textOf(one.recorded)}, replayed ${textOf(one.replayed)}`,
    ),
  ];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
