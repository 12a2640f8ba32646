import { access, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { collectEvents } from "../collect-events.ts";
import { collectTexts, type TextLine, textsNamed } from "../collect-texts.ts";
import { counted } from "../counted.ts";
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
  "a change to the last event of a chain, or to its nonce: nothing in the file vouches for it",
  "a chain, or the end of one, that was left out of the file",
];

/** What to do with a file that does not verify: it may be evidence. */
const NOT_VERIFIED = [
  "keep the file as it is: it is evidence",
  "compare it with an earlier export of the same days, which shows what was changed",
  "tell whoever operates the gateway, and security",
];

/** Of a file that is none, so many lines are shown: the failure and its hint make five. */
const LINES_OF_NO_EXPORT = 3;

/** The record, taken away and verified without the gateway. */
export function audit(command: Command, start: Start): void {
  command
    .command("export")
    .description(
      "every stored event of some days, all of the chains they belong to, and the rules they name, one JSON line each",
    )
    .option("--from <day>", "first UTC day; by default 30 days before the last")
    .option("--to <day>", "last UTC day; by default today")
    .option("--out <file>", "a new file, in place of standard output")
    .action((options: ExportOptions) =>
      start.withGateway(async (ctx) => {
        const days = daysBetween(options.from, options.to, Date.now());
        const { io, output, api } = ctx;
        const path = options.out === undefined ? undefined : resolve(io.cwd, options.out);
        // Before months of a record are read for nothing; whoever comes in between is met at the writing.
        if (path !== undefined && (await isThere(path))) throw existsAlready(path);
        if (io.stderr.isTTY !== true || output.json) {
          output.info(
            shown`exporting ${counted(days.length, "day")}, ${days[0] ?? ""} to ${days.at(-1) ?? ""}`,
          );
        }
        const spinner = output.spinner("exporting");
        const { events, incomplete, missing } = await collectEvents(api, days, (what, count) =>
          spinner.update(shown`exporting ${what}: ${counted(count, "event")} so far`),
        ).finally(() => spinner.stop());
        const named = await collectTexts(api, textsNamed(events));
        const lines = [...events, ...named.texts];
        if (path === undefined) for (const line of lines) output.value(line);
        else if (events.length > 0) await writeNew(path, lines);
        const chains = new Set(events.map(({ chain }) => chain)).size;
        output.info(shown`${counted(events.length, "event")} of ${counted(chains, "chain")}`);
        if (events.length === 0) {
          const file = path === undefined ? "" : ", and no file is written";
          output.info(
            shown`nothing was recorded on these days${file}: --from and --to choose others`,
          );
        }
        if (named.missing.length > 0) {
          output.info(
            shown`decisions under them cannot be replayed: ${counted(named.missing.length, "text")} of rules or directories are not on record`,
          );
        }
        if (incomplete.length > 0) {
          output.info(
            shown`not whole, and will not verify: ${counted(incomplete.length, "chain")}: ${incomplete.slice(0, 3).join(", ")}`,
          );
        }
        if (missing.length === 0) return undefined;
        throw new Failure(
          `the index of these days names what is not on record, ${counted(missing.length, "event")}: ${missing.slice(0, 3).join(", ")}`,
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
        const { events, texts, unreadable } = readExport(await textOf(resolve(io.cwd, file)));
        const { chains, events: count, problems } = verifyChains(events);
        const missingTexts = textsNamed(events).filter((hash) => !texts.has(hash));
        const wrong = unreadable.length + problems.length + missingTexts.length;
        const isOk = wrong === 0 && count > 0;
        if (output.json) {
          const found = { chains, events: count, problems, unreadable, missingTexts };
          output.value({ ok: isOk, ...found, unseen: UNSEEN });
          return isOk ? exitCodes.ended : exitCodes.failed;
        }
        const isExport = count > 0;
        for (const { line, what, request } of isExport
          ? unreadable
          : unreadable.slice(0, LINES_OF_NO_EXPORT)) {
          const whose = request === undefined ? shown`` : shown` (of request ${request})`;
          output.print(shown`line ${line}${whose}: ${what}`);
        }
        for (const { chain, seq, what } of problems) {
          const whose = chain.startsWith("REQ#")
            ? shown`request ${chain.slice(4)}`
            : shown`chain ${chain}`;
          output.print(shown`${whose}, event ${seq}: ${what}`);
        }
        for (const hash of missingTexts) {
          output.print(shown`text ${hash}: an event names it, and the file does not hold it`);
        }
        if (isOk) {
          output.print(
            shown`${counted(chains, "chain")}, ${counted(count, "event")}: all verify, but for the last event of each chain, which nothing in the file vouches for`,
          );
          for (const line of UNSEEN) output.info(shown`not seen by this: ${line}`);
          return exitCodes.ended;
        }
        if (!isExport) {
          throw new Failure(
            unreadable.length === 0
              ? `${file}: this is no export: it is empty, and nothing is verified`
              : `${file}: this is no export: none of its ${counted(unreadable.length, "line")} is a stored event`,
            { hint: "`sallyport audit export --out FILE` writes one" },
          );
        }
        throw new Failure(
          `not verified: ${problems.length} of ${counted(chains, "chain")}, ${counted(unreadable.length, "line")} that cannot be read, and ${counted(missingTexts.length, "text")} left out`,
          { hint: NOT_VERIFIED },
        );
      }),
    );
}

async function writeNew(path: string, lines: readonly (StoredEvent | TextLine)[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  try {
    // Commands and reasons are in it, in clear.
    await writeFile(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "EEXIST"
      ? existsAlready(path)
      : new Failure(`${path} cannot be written: ${code ?? ""}`, { cause: error });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function existsAlready(path: string): Failure {
  return new Failure(`${path} exists already and is not overwritten`, {
    hint: "name another file with --out, or move that one away",
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${path} cannot be read: ${code ?? ""}`, { cause: error });
  }
}
