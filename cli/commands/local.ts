import type { Command } from "commander";
import type { Start } from "../start.ts";

/** The local gateway reads its own options, of which two have the names of ours. */
export function local(command: Command, start: Start): void {
  command
    .usage("[--port N] [--state DIR] [--json]")
    .argument("[words...]")
    .allowUnknownOption()
    .action((words: string[]) =>
      start.alone(async ({ extras, globalOptions: { json, state } }) => {
        await extras.runLocal([
          ...words,
          ...(state === undefined ? [] : ["--state", state]),
          ...(json === true ? ["--json"] : []),
        ]);
        return undefined;
      }),
    );
}
