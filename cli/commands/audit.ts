import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { collectEvents } from "../collect-events.ts";
import { exitCodes } from "../exit-codes.ts";
import { daysBetween } from "../export-days.ts";
import { Failure } from "../failure.ts";
import { readExport } from "../read-export.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

interface ExportOptions {
  from?: string;
  to?: string;
  out?: string;
}

/** What a file of chains cannot show by itself, however honest it is. */
const UNSEEN = [
  "a change to the last event of a chain, or to its nonce: nothing after it vouches for it",
  "a chain, or the end of one, that was left out of the file",
];

/** The record, taken away and verified without the gateway. */
export function audit(command: Command, start: Start): void {
  command
    .command("export")
    .description(
      "every stored event of some days, and all of the chains they belong to, one JSON line each",
    )
    .option("--from <day>", "first UTC day; by default 30 days before the last")
    .option("--to <day>", "last UTC day; by default today")
    .option("--out <file>", "a new file, in place of standard output")
    .action((options: ExportOptions) =>
      start.withGateway(async (ctx) => {
        const days = daysBetween(options.from, options.to, Date.now());
        const { io, output, api } = ctx;
        const spinner = output.spinner("exporting");
        const { events, incomplete, missing } = await collectEvents(api, days, (what, count) =>
          spinner.update(shown`exporting ${what}: ${count} events so far`),
        ).finally(() => spinner.stop());
        if (options.out === undefined) for (const event of events) output.value(event);
        else await writeNew(resolve(io.cwd, options.out), events);
        const chains = new Set(events.map(({ chain }) => chain)).size;
        output.info(shown`${events.length} events of ${chains} chains`);
        if (events.length === 0)
          output.info("nothing was recorded on these days: --from and --to choose others");
        if (incomplete.length > 0) {
          output.info(
            shown`${incomplete.length} chains are not whole and will not verify: ${incomplete.slice(0, 3).join(", ")}`,
          );
        }
        if (missing.length === 0) return undefined;
        throw new Failure(
          `the index of these days names ${missing.length} events that are not on record: ${missing.slice(0, 3).join(", ")}`,
          {
            hint: "somebody wrote to the table beside the gateway; what is on record was exported",
          },
        );
      }),
    );
  command
    .command("verify")
    .description("verify every chain of an export, from the file alone")
    .argument("<file>")
    .action((file: string) =>
      start.alone(async ({ io, output }) => {
        const { events, unreadable } = readExport(await textOf(resolve(io.cwd, file)));
        const { chains, events: count, problems } = verifyChains(events);
        const isOk = unreadable.length === 0 && problems.length === 0 && count > 0;
        if (output.json) {
          output.value({ ok: isOk, chains, events: count, problems, unreadable, unseen: UNSEEN });
          return isOk ? exitCodes.ended : exitCodes.failed;
        }
        for (const { line, what, request } of unreadable) {
          const whose = request === undefined ? shown`` : shown` (of request ${request})`;
          output.print(shown`line ${line}${whose}: ${what}`);
        }
        for (const { chain, seq, what } of problems) {
          const whose = chain.startsWith("REQ#")
            ? shown`request ${chain.slice(4)}`
            : shown`chain ${chain}`;
          output.print(shown`${whose}, event ${seq}: ${what}`);
        }
        if (isOk) {
          output.print(shown`${chains} chains, ${count} events: all verify`);
          for (const line of UNSEEN) output.info(shown`not seen by this: ${line}`);
          return exitCodes.ended;
        }
        throw new Failure(
          count === 0 && unreadable.length === 0
            ? "there is no event in it: nothing is verified"
            : `${problems.length} of ${chains} chains and ${unreadable.length} lines do not verify`,
        );
      }),
    );
}

async function writeNew(path: string, events: readonly StoredEvent[]): Promise<void> {
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
  try {
    // Commands and reasons are in it, in clear.
    await writeFile(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "EEXIST"
      ? new Failure(`${path} exists already and is not overwritten`, { cause: error })
      : new Failure(`${path} cannot be written: ${code ?? ""}`, { cause: error });
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${path} cannot be read: ${code ?? ""}`, { cause: error });
  }
}
