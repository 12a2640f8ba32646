import type { Command } from "commander";
import { counted } from "../counted.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { recoveryPlace } from "../recovery-place.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

interface RebuildOptions {
  table: string;
  views: string;
  after?: string;
}

const MOST_SHOWN = 10;

/** The lists hold nothing of their own: they are made anew whenever they are lost, or say more than the record. */
export function views(command: Command, start: Start): void {
  command
    .command("rebuild")
    .description("file every request of the record in the lists again; may be done at any time")
    .requiredOption("--table <name>", "the table of the record")
    .requiredOption("--views <name>", "the table of the lists")
    .option("--after <place>", "where an earlier run got to")
    .action(({ table, views: viewsTable, after }: RebuildOptions) =>
      start.alone(async ({ output, extras, globalOptions }) => {
        const lists = await extras.lists({
          ...recoveryPlace(table, globalOptions),
          views: viewsTable,
        });
        let cursor = after;
        const spinner = output.spinner("reading the record");
        const { filed, failed } = await lists
          .rebuild(after, (count, next) => {
            cursor = next ?? cursor;
            spinner.update(shown`filed ${counted(count, "request")}`);
          })
          .catch((error: unknown) => {
            throw new Failure(error instanceof Error ? error.message : String(error), {
              exitCode: exitCodes.failed,
              cause: error,
              ...(cursor === undefined ? {} : { hint: `go on with --after '${cursor}'` }),
            });
          })
          .finally(() => spinner.stop());
        if (output.json) output.value({ filed, failed });
        else output.print(shown`filed ${counted(filed, "request")}`);
        if (failed.length === 0) return undefined;
        if (!output.json) {
          for (const { chain, what } of failed.slice(0, MOST_SHOWN)) {
            output.info(shown`${chain}: ${what}`);
          }
        }
        throw new Failure(`${counted(failed.length, "request")} could not be filed`, {
          hint: "what does not verify is in no list; `sallyport audit export` and `audit verify` say more",
        });
      }),
    );
}
