import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { storedEventListSchema } from "../../api/response-schemas.ts";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { Context } from "../context.ts";
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

const MOST_PAGES_A_DAY = 10_000;

/** The record, taken away and verified without the gateway. */
export function register(program: Command, start: Start): void {
  const audit = program.command("audit").description("take the record away, and verify it");
  audit
    .command("export")
    .description("every stored event of some days, one JSON line each, chain by chain")
    .option("--from <day>", "first UTC day; by default 30 days before the last")
    .option("--to <day>", "last UTC day; by default today")
    .option("--out <file>", "a new file, in place of standard output")
    .action((options: ExportOptions) =>
      start.withGateway(async (ctx) => {
        const events = await collected(ctx, daysBetween(options.from, options.to, Date.now()));
        const firsts = events.filter(({ chain }, i) => chain !== events[i - 1]?.chain);
        const { io, output } = ctx;
        if (options.out === undefined) for (const event of events) output.value(event);
        else await writeNew(resolve(io.cwd, options.out), events);
        output.info(shown`${events.length} events of ${firsts.length} chains`);
        const cut = firsts.filter(({ seq }) => seq !== 1).length;
        if (cut > 0) {
          output.info(
            shown`${cut} chains begin before these days and will not verify: export from earlier on`,
          );
        }
        return undefined;
      }),
    );
  audit
    .command("verify")
    .description("verify every chain of an export, from the file alone")
    .argument("<file>")
    .action((file: string) =>
      start.alone(async ({ io, output }) => {
        const { events, unreadable } = readExport(await textOf(resolve(io.cwd, file)));
        const { chains, events: count, problems } = verifyChains(events);
        const isOk = unreadable.length === 0 && problems.length === 0 && count > 0;
        if (output.json) {
          output.value({ ok: isOk, chains, events: count, problems, unreadable });
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

/**
 * Ordered by chain and number. What a page repeats is taken once; two different events in one place are
 * both kept, to be found by whoever verifies.
 */
async function collected(
  { api, output }: Context,
  days: readonly string[],
): Promise<StoredEvent[]> {
  const found = new Map<string, StoredEvent>();
  const spinner = output.spinner("exporting");
  try {
    for (const day of days) {
      spinner.update(shown`exporting ${day}: ${found.size} events so far`);
      let cursor: string | undefined;
      let page = 0;
      do {
        if (page++ >= MOST_PAGES_A_DAY) throw new Failure(`${day} has more pages than can be read`);
        const list = await api.call("GET", "/v1/events", {
          query: { day, cursor },
          schema: storedEventListSchema,
        });
        for (const event of list.items) {
          found.set(JSON.stringify(event), event as StoredEvent);
        }
        cursor = list.cursor;
      } while (cursor !== undefined);
    }
  } finally {
    spinner.stop();
  }
  return [...found.values()].toSorted((a, b) =>
    a.chain === b.chain ? a.seq - b.seq : a.chain < b.chain ? -1 : 1,
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
