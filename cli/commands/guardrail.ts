import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type AroundRow, aroundReport } from "../../core/around.ts";
import { aroundCalls } from "../around-file.ts";
import { csvLine } from "../csv.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

/** What the organization's guardrail would refuse. It reads a file, and calls nobody. */
export function guardrail(command: Command, start: Start): void {
  command
    .command("report")
    .description("who went into containers around the gateway, of an export of what CloudTrail saw")
    .argument("<file>", "records of CloudTrail, or the lines of the log Around")
    .option("--csv", "as CSV")
    .action((file: string, { csv }: { csv?: boolean }) =>
      start.alone(async ({ io, output }) => {
        if (output.json && csv === true) throw usage("--csv and --json are both given");
        const { calls, read } = aroundCalls(await textOf(resolve(io.cwd, file), file), file);
        const rows = aroundReport(calls);
        if (read === 0) output.info(shown`${file} is an empty answer: ${DOUBT}`);
        if (output.json) output.value({ read, rows });
        else if (csv === true) {
          output.print(csvLine(CSV));
          for (const row of rows) output.print({ shown: csvLine(CSV.map((name) => row[name])) });
        } else if (rows.length === 0) output.print("nobody went round the gateway");
        else output.table([HEADING, ...rows.map(lineOf)]);
        return exitCodes.ended;
      }),
    );
}

/** By an empty answer alone, nobody having gone round is not told from nobody having looked. */
const DOUBT =
  "nobody went round, or it is of another log group, region or time, or no trail logs management events there";

const CSV = [
  "who",
  "account",
  "where",
  "operation",
  "calls",
  "refused",
  "first",
  "last",
  "enforced",
] as const satisfies readonly (keyof AroundRow)[];

const HEADING = ["WHO", "ACCOUNT", "WHERE", "BY", "CALLS", "REFUSED", "LAST", "ONCE ENFORCED"];

function lineOf(row: AroundRow) {
  const { who, account, where, operation, calls, refused, last, enforced } = row;
  return [
    shown`${who}`,
    shown`${account}`,
    shown`${where}`,
    shown`${operation}`,
    `${calls}`,
    `${refused}`,
    shown`${last}`,
    enforced === "refused" ? "refused" : "goes on: the last resort",
  ];
}

async function textOf(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(
      code === "ENOENT" ? `there is no file ${named}` : `${named} cannot be read: ${message}`,
      { hint: "name a file of CloudTrail's records or of the log's lines", cause: error },
    );
  }
}
