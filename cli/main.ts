import { Command, CommanderError } from "commander";
import { register as registerAttach } from "./commands/attach.ts";
import { register as registerAudit } from "./commands/audit.ts";
import { register as registerConfigure } from "./commands/configure.ts";
import { register as registerDecide } from "./commands/decide.ts";
import { register as registerExec } from "./commands/exec.ts";
import { register as registerLocal } from "./commands/local.ts";
import { register as registerLs } from "./commands/ls.ts";
import { register as registerPolicy } from "./commands/policy.ts";
import { register as registerRequest } from "./commands/request.ts";
import { register as registerSessions } from "./commands/sessions.ts";
import { register as registerShow } from "./commands/show.ts";
import { register as registerTargets } from "./commands/targets.ts";
import { register as registerWhoami } from "./commands/whoami.ts";
import { register as registerWithdraw } from "./commands/withdraw.ts";
import type { GlobalOptions } from "./config.ts";
import { openContext } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { Failure, usage } from "./failure.ts";
import { createOutput, type Io } from "./output.ts";
import type { Extras, Start } from "./start.ts";

export type { Extras } from "./start.ts";

/**
 * Runs one command line (without the interpreter and the script) and answers its exit status. Never
 * throws: what fails is said on standard error.
 *
 * A command is a module of commands/ that exports `register(program, start)`: it adds itself to the
 * program, and its action hands what it does to `start`, which gives it what it works with.
 */
export async function runCli(argv: string[], io: Io, extras: Extras): Promise<number> {
  let exitCode: ExitCode = exitCodes.ended;
  const program = programOf(io);
  // What comes after the first -- is the command for the container, whatever it looks like.
  const cut = argv.indexOf("--");
  const ours = cut < 0 ? argv : argv.slice(0, cut);
  let isCommandWanted = cut < 0;
  const begin = (): GlobalOptions => {
    if (!isCommandWanted) throw usage("nothing goes after -- here", "sallyport --help");
    return program.opts<GlobalOptions>();
  };
  const start: Start = {
    command() {
      isCommandWanted = true;
      return cut < 0 ? undefined : argv.slice(cut + 1);
    },
    async withGateway(run) {
      const ctx = await openContext(begin(), io, extras.fetch);
      exitCode = (await run(ctx)) ?? exitCodes.ended;
    },
    async alone(run) {
      const globalOptions = begin();
      const output = createOutput(io, { json: globalOptions.json === true });
      exitCode = (await run({ io, output, extras, globalOptions })) ?? exitCodes.ended;
    },
  };
  for (const register of [
    registerExec,
    registerAttach,
    registerRequest,
    registerLs,
    registerShow,
    registerSessions,
    registerDecide,
    registerWithdraw,
    registerTargets,
    registerWhoami,
    registerPolicy,
    registerAudit,
    registerLocal,
    registerConfigure,
  ]) {
    register(program, start);
  }
  try {
    await program.parseAsync(ours, { from: "user" });
    return exitCode;
  } catch (error) {
    const failure = asFailure(error);
    if (failure === undefined) return exitCodes.ended;
    createOutput(io, { json: ours.includes("--json") }).error(failure);
    return failure.exitCode;
  }
}

function programOf(io: Io): Command {
  const program = new Command("sallyport");
  return program
    .description("Audited, approved exec into containers on Amazon ECS")
    .option("--json", "print JSON, and errors as problem documents")
    .option("--as <name>", "one of the local gateway's identities, such as dev")
    .option("--state <dir>", "where the local gateway keeps its state (with --as)")
    .option("--profile <name>", "AWS profile to sign with")
    .option("--region <name>", "region of the gateway")
    .option("--url <url>", "the gateway")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Said by asFailure, escaped: it quotes what was typed.
      writeErr: () => {},
    })
    .showSuggestionAfterError(false)
    .helpCommand(false);
}

/** Undefined where commander ends a line that asked for help: nothing failed. */
function asFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return undefined;
    const bare = error.code === "commander.help";
    return new Failure(bare ? "no command is given" : error.message.replace(/^error: /, ""), {
      exitCode: exitCodes.usage,
      hint:
        error.code === "commander.excessArguments"
          ? "the command for a container goes after --, as in: sallyport exec SERVICE -- ls -l"
          : "sallyport --help",
      cause: error,
    });
  }
  return new Failure(error instanceof Error ? error.message : String(error), { cause: error });
}
