import type { Command } from "commander";
import type { Start } from "../start.ts";

/** The local gateway reads its own options, of which two have the names of ours. */
export function register(program: Command, start: Start): void {
  program
    .command("local")
    .description("run the gateway on this machine, without any cloud")
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
