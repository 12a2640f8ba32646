import type { Command } from "commander";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import type { StoredEvent } from "../../core/event.ts";
import { missingEvents } from "../../core/missing-events.ts";
import type { Recovery } from "../../core/recovery.ts";
import { lookAtRecord, type RestoreLook } from "../../core/restore-plan.ts";
import { counted } from "../counted.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Output } from "../output.ts";
import { askLine, isAttended } from "../prompt.ts";
import { readExport } from "../read-export.ts";
import { recoveryPlace } from "../recovery-place.ts";
import { restoreLines } from "../restore-view.ts";
import { shown } from "../shown.ts";
import type { Bare, Start } from "../start.ts";
import { textOfFile } from "../taken.ts";

/** The chain of the sets that were in force. */
const CONF = "CONF";

interface RestoreOptions {
  table: string;
  fromExport?: string;
  reason: string;
  yes?: boolean;
  dryRun?: boolean;
  evenIfBroken?: boolean;
}

/** What is put back from an export: nothing where there is none. */
interface Taken {
  missing: StoredEvent[];
  texts: ReadonlyMap<string, string>;
}

/**
 * Opens a restored table: shows what it holds, puts back what an export still has, and fences it, so that nothing that
 * was granted before can be used. Nothing is written before somebody has agreed to it.
 */
export function restore(command: Command, start: Start): void {
  command
    .requiredOption("--table <name>", "the restored table, in the account of the credentials")
    .option("--from-export <file>", "put back what this export has and the table has lost")
    .option("--reason <text>", "why, for the record", "the table was restored from a backup")
    .option("--yes", "do not ask")
    .option("--dry-run", "show what there is and would be done, and write nothing")
    .option("--even-if-broken", "though the record does not verify: what is wrong stays as it is")
    .action((options: RestoreOptions) =>
      start.alone(async (bare) => {
        const { output, extras, globalOptions } = bare;
        const recovery = await inWords(() =>
          extras.recovery(recoveryPlace(options.table, globalOptions)),
        );
        const { events, strange } = await readAll(recovery, output);
        const taken = await takenFrom(bare, options.fromExport, events);
        const look = lookAtRecord(
          [...events, ...taken.missing],
          recovery.table.arn,
          recovery.now(),
        );
        const broken = [
          ...strange.map((place) => `${place}: no event`),
          ...look.problems.map(({ chain, seq, what }) => `${chain} #${seq}: ${what}`),
        ];
        const told = {
          look,
          broken,
          putBack: taken.missing.length,
          // By the last of them the gateway goes on: whoever agrees to it has to see them.
          setsPutBack: taken.missing.flatMap(({ chain, seq }) => (chain === CONF ? [seq] : [])),
        };
        if (!output.json) for (const line of restoreLines(recovery, told)) output.print(line);
        const tell = (done: object): undefined => {
          const { table, unlike } = recovery;
          if (output.json) output.value({ table, unlike, ...told, ...done });
          return undefined;
        };
        if (look.kind === "empty") {
          throw new Failure("nothing was ever in force in this table: there is nothing to restore");
        }
        if (look.kind === "in_use") {
          output.info("it is open already, and nothing was done");
          return tell({ done: true, fences: [] });
        }
        if (broken.length > 0 && options.evenIfBroken !== true) {
          tell({ done: false, fences: [] });
          throw new Failure(`the record does not verify: ${counted(broken.length, "problem")}`, {
            hint: "restore to another instant, or open it with --even-if-broken; what is wrong is found by whoever audits",
          });
        }
        if (options.dryRun === true) return tell({ done: false, fences: [] });
        await agreed(bare, options, recovery.table.name);
        const fences = await inWords(async () => {
          const spinner = output.spinner("putting events back");
          await recovery
            .putBack(taken.missing, taken.texts, (done) =>
              spinner.update(shown`put back ${counted(done, "event")}`),
            )
            .finally(() => spinner.stop());
          return await recovery.fence(look, options.reason);
        });
        for (const line of afterwards(look)) output.info(line);
        return tell({ done: true, fences });
      }),
    );
}

async function readAll(
  recovery: Recovery,
  output: Output,
): Promise<{ events: StoredEvent[]; strange: string[] }> {
  const spinner = output.spinner("reading the record");
  return await inWords(() =>
    recovery.read((read) => spinner.update(shown`read ${counted(read, "event")}`)),
  ).finally(() => spinner.stop());
}

async function takenFrom(
  { io }: Bare,
  file: string | undefined,
  present: readonly StoredEvent[],
): Promise<Taken> {
  if (file === undefined) return { missing: [], texts: new Map() };
  const { events, texts, unreadable } = readExport(await textOfFile(io, file));
  if (unreadable.length > 0) {
    throw new Failure(`${file}: ${counted(unreadable.length, "line")} cannot be read`, {
      hint: "`sallyport audit verify FILE` says which",
    });
  }
  return await inWords(async () => ({ missing: missingEvents(present, events), texts }));
}

/** Throws Failure where nobody agrees. */
async function agreed({ io }: Bare, { yes }: RestoreOptions, table: string): Promise<void> {
  if (yes === true) return;
  if (!isAttended(io)) {
    throw new Failure("nobody is here to agree to it, and nothing was done", {
      hint: "look at it with --dry-run, then say --yes",
    });
  }
  const typed = await askLine(io, shown`type the table's name to open it:`);
  if (typed !== table) throw new Failure("that is not its name: nothing was done");
}

function afterwards({ newest, ends }: RestoreLook): string[] {
  const since = newest === undefined ? "" : ` after ${isoTime(newest.at)}`;
  return [
    "the table is open, and what was granted before is void",
    `what happened${since} is not known here: set again the locks of that time, and take again from the directory who left`,
    ...(ends.length === 0
      ? []
      : [
          `the sweeper ends what was running under ${counted(ends.length, "request")}: \`sallyport sessions --only live\` in two minutes`,
        ]),
    "the lists are made anew by `sallyport views rebuild`",
  ];
}

/** What the record says of itself is told as what it is. */
async function inWords<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    throw new Failure(error.message, {
      exitCode: error.code === "record_unavailable" ? exitCodes.unreachable : exitCodes.failed,
      cause: error,
      ...(error.details.hint === undefined ? {} : { hint: error.details.hint }),
    });
  }
}
