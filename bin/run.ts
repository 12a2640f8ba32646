import { runCli } from "../cli/main.ts";
import type { Extras } from "../cli/start.ts";

/** Runs the command line on this process, and sets how it will exit. */
export async function run(extras: Extras): Promise<void> {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    const why = error.code ?? error.message;
    process.stderr.write(`sallyport: error: standard output cannot be written: ${why}\n`);
    process.exit(1);
  });
  const { stdin, stdout, stderr, env } = process;
  const io = { stdin, stdout, stderr, env, cwd: process.cwd() };
  process.exitCode = await runCli(process.argv.slice(2), io, extras);
}
