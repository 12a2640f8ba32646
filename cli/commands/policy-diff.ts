import type { Command } from "commander";
import {
  type Change,
  changeOf,
  changes,
  type Outcome,
  outcomeUnder,
  type RecordedWish,
  wishOf,
} from "../../core/replay/outcome.ts";
import { openContext } from "../context.ts";
import { counted } from "../counted.ts";
import { csvLine } from "../csv.ts";
import { exitCodes } from "../exit-codes.ts";
import { daysBetween } from "../export-days.ts";
import { usage } from "../failure.ts";
import { type Activations, ruleSet } from "../rule-sets.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { takenFromDays, takenFromFile, withProgress } from "../taken.ts";

interface Options {
  from?: string;
  days?: string;
  csv?: boolean;
}

interface Changed {
  wish: RecordedWish;
  change: Change;
  before: Outcome;
  after: Outcome;
}

const DAY_MS = 86_400_000;
const DAYS = 30;

/** Which of the requests on record would come out otherwise under other rules. */
export function registerPolicyDiff(policy: Command, start: Start): void {
  policy
    .command("diff")
    .description("which requests on record would come out otherwise under NEW than under OLD")
    .argument("<old>", "a folder of rules, seq:N of an activation, or active")
    .argument("<new>", "likewise")
    .option("--from <file>", "the requests and activations of this export, and ask no gateway")
    .option("--days <n>", `the requests of the last n days; ${DAYS} where it is left out`)
    .option("--csv", "one line for each request that changes, as CSV")
    .action((old: string, next: string, options: Options) =>
      start.alone(async (bare) => {
        const { io, output, extras, globalOptions } = bare;
        if (output.json && options.csv === true) throw usage("--csv and --json are both given");
        if (options.from !== undefined && options.days !== undefined) {
          throw usage("--from and --days are both given");
        }
        const days = daysOf(options.days);
        const api =
          options.from === undefined
            ? (await openContext(globalOptions, io, extras)).api
            : undefined;
        const taken =
          api === undefined
            ? await takenFromFile(io, options.from ?? "")
            : await takenFromDays(api, output, daysBetween(firstOf(days), undefined, Date.now()));
        const activations: Activations =
          api === undefined ? { kind: "export", taken } : { kind: "gateway", api };
        const [before, after] = [
          await ruleSet(bare, old, activations),
          await ruleSet(bare, next, activations),
        ];
        const engine = await extras.policyEngine();
        const earliest = api === undefined ? 0 : Date.parse(firstOf(days));
        const wishes = taken.events.flatMap((event) => wishOf(event) ?? []);
        const asked = wishes.filter(({ at }) => at >= earliest);
        const changed: Changed[] = [];
        // All by one set, and then all by the other: preparing a set takes longer than asking it.
        const outcomes: Outcome[] = [];
        await withProgress(output, shown`asking ${old}`.shown, asked, (wish) =>
          outcomes.push(outcomeUnder(engine, before, wish)),
        );
        let at = 0;
        await withProgress(output, shown`asking ${next}`.shown, asked, (wish) => {
          const was = outcomes[at++] as Outcome;
          const is = outcomeUnder(engine, after, wish);
          const change = changeOf(was, is);
          if (change !== undefined) changed.push({ wish, change, before: was, after: is });
        });
        changed.sort((a, b) => a.wish.at - b.wish.at);
        const summary = Object.fromEntries(
          changes.flatMap((change) => {
            const count = changed.filter((one) => one.change === change).length;
            return count === 0 ? [] : [[change, count] as const];
          }),
        );
        if (output.json) {
          output.value({ requests: asked.length, changed: changed.map(viewOf), summary });
        } else if (options.csv === true) {
          output.print(csvLine(["request", "at", "who", "command", "change", "before", "after"]));
          for (const one of changed) output.print({ shown: csvLine(cellsOf(one)) });
        } else {
          if (changed.length > 0) {
            output.table([
              ["REQUEST", "WHO", "COMMAND", "CHANGE", "BEFORE", "AFTER"],
              ...changed.map((one) => {
                const [id = "", , ...rest] = cellsOf(one);
                return [id, ...rest].map((cell) => shown`${cell}`);
              }),
            ]);
          }
          const counts = Object.entries(summary).map(([change, n]) => `${n} ${change}`);
          output.print(
            shown`${counted(asked.length, "request")} on record: ${changed.length === 0 ? "none changes" : counts.join(", ")}`,
          );
        }
        return exitCodes.ended;
      }),
    );
}

function daysOf(text: string | undefined): number {
  const days = text === undefined ? DAYS : Number(text);
  if (!Number.isInteger(days) || days < 1) throw usage(`--days is no number of days: ${text}`);
  return days;
}

function firstOf(days: number): string {
  return new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}

function viewOf({ wish, change, before, after }: Changed): object {
  const { chain, at, who, action, facts } = wish;
  return {
    request: chain.slice("REQ#".length),
    at: new Date(at).toISOString(),
    who,
    action,
    ...(facts === undefined ? {} : { line: facts.line }),
    change,
    before,
    after,
  };
}

function cellsOf({ wish, change, before, after }: Changed): string[] {
  return [
    wish.chain.slice("REQ#".length),
    new Date(wish.at).toISOString(),
    wish.who,
    wish.facts?.line ?? wish.action,
    change,
    textOf(before),
    textOf(after),
  ];
}

function textOf(outcome: Outcome): string {
  if (outcome.kind === "refused") return ["refused", outcome.why, ...outcome.rules].join(" ");
  return outcome.rules
    .map(({ id, needs }) =>
      needs.length === 0
        ? `${id} (nobody)`
        : `${id} (${needs.map((n) => `${n.group}:${n.count}`).join(", ")})`,
    )
    .join(" or ");
}
