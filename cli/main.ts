import { Command, CommanderError } from "commander";
import { commandList } from "./command-list.ts";
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
 * A command is a line of command-list.ts and a function of commands/ that says its words and options; its
 * action hands what it does to `start`, which gives it what it works with.
 */
export async function runCli(argv: string[], io: Io, extras: Extras): Promise<number> {
  let exitCode: ExitCode = exitCodes.ended;
  const program = programOf(io, extras);
  // What comes after the first -- is the command for the container, whatever it looks like.
  const cut = argv.indexOf("--");
  const ours = cut < 0 ? argv : argv.slice(0, cut);
  let isCommandWanted = cut < 0;
  const begin = (): GlobalOptions => {
    if (!isCommandWanted) throw usage("nothing goes after -- here", helpOf(program, ours));
    return program.opts<GlobalOptions>();
  };
  const typedAs = (globalOptions: GlobalOptions) => ({
    program: extras.program ?? "sallyport",
    globalOptions,
  });
  const start: Start = {
    command() {
      isCommandWanted = true;
      return cut < 0 ? undefined : argv.slice(cut + 1);
    },
    async withGateway(run) {
      const ctx = await openContext(begin(), io, extras);
      exitCode = (await run(ctx)) ?? exitCodes.ended;
    },
    async alone(run) {
      const globalOptions = begin();
      const output = createOutput(io, {
        json: globalOptions.json === true,
        typed: typedAs(globalOptions),
      });
      exitCode = (await run({ io, output, extras, globalOptions })) ?? exitCodes.ended;
    },
  };
  try {
    await define(program, start, program.parseOptions(ours).operands[0]);
    await program.parseAsync(ours, { from: "user" });
    return exitCode;
  } catch (error) {
    const failure = asFailure(error, program, ours);
    if (failure === undefined) return exitCodes.ended;
    const typed = typedAs(program.opts<GlobalOptions>());
    createOutput(io, { json: ours.includes("--json"), typed }).error(failure);
    return failure.exitCode;
  }
}

/** Loading takes longer than all else that help and a mistyped line need: only what is named is loaded. */
async function define(program: Command, start: Start, named: string | undefined): Promise<void> {
  for (const { name, words, description, load } of commandList) {
    const isNamed = name === named;
    const command = program.command(isNamed ? name : `${name} ${words}`).description(description);
    if (isNamed) (await load())(command, start);
  }
}

function programOf(io: Io, { version }: Pick<Extras, "version">): Command {
  const program = new Command("sallyport");
  return program
    .description("Audited, approved exec into containers on Amazon ECS")
    .option("--json", "print JSON, and errors as problem documents")
    .option("--as <name>", "one of the local gateway's identities, such as dev")
    .option("--state <dir>", "where the local gateway keeps its state (with --as)")
    .option("--profile <name>", "AWS profile to sign with")
    .option("--region <name>", "region of the gateway")
    .option("--url <url>", "the gateway")
    .option("--token-file <file>", "call with the token in this file, in place of AWS credentials")
    .version(version ?? "unknown", "--version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Said by asFailure, escaped: it quotes what was typed.
      writeErr: () => {},
    })
    .showSuggestionAfterError(true)
    .helpCommand(false);
}

/** Undefined where commander ends a line that asked for help or the version: nothing failed. */
function asFailure(error: unknown, program: Command, argv: string[]): Failure | undefined {
  if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : mistyped();
  if (!(error instanceof Failure)) {
    return new Failure(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const isBare = error.exitCode === exitCodes.usage && error.hints.length === 0;
  return isBare ? error.withHints(helpOf(program, argv)) : error;

  function mistyped(): Failure {
    const { code, message } = error as CommanderError;
    const [said = "", suggestion] = message.replace(/^error: /, "").split("\n");
    const meant = /^\(Did you mean (.+)\?\)$/.exec(suggestion ?? "")?.[1];
    return new Failure(code === "commander.help" ? "no command is given" : said, {
      exitCode: exitCodes.usage,
      hint: [
        ...(meant === undefined
          ? hintsFor(code, namedIn(program, argv)[0]?.name())
          : [`did you mean ${meant}?`]),
        helpOf(program, argv),
      ],
      cause: error,
    });
  }
}

const ASKERS: readonly string[] = ["exec", "request", "doctor", "break-glass"];
const TAKE_AN_ID: { [command: string]: string } = {
  approve: "`sallyport ls --approver me` lists those that wait for you",
  deny: "`sallyport ls --approver me` lists those that wait for you",
  attach: "`sallyport ls --mine` lists yours",
  cancel: "`sallyport ls --mine` lists yours",
  show: "`sallyport ls` lists those you may see",
  revoke: "`sallyport ls` lists those you may see",
  terminate: "`sallyport sessions --only live` lists those you may see",
  unlock: "`sallyport locks` lists them",
};

/** What a mistake of one kind, by commander's code, most often is in one command. */
function hintsFor(code: string, command = ""): string[] {
  const isForContainer = ["commander.excessArguments", "commander.unknownOption"].includes(code);
  if (isForContainer && ASKERS.includes(command)) {
    return [
      `the command for a container goes after --, as in \`sallyport ${command} SERVICE -- ls -l\``,
    ];
  }
  return code === "commander.missingArgument" ? [TAKE_AN_ID[command] ?? []].flat() : [];
}

/** The help of the command that was meant, as far as it can be told. */
function helpOf(program: Command, argv: string[]): string {
  const names = namedIn(program, argv).map((command) => command.name());
  return ["`sallyport", ...names, "--help`"].join(" ");
}

/** The command that a line names, and its own below it. */
function namedIn(program: Command, argv: string[]): Command[] {
  const named: Command[] = [];
  for (const word of program.parseOptions(argv).operands) {
    const next = (named.at(-1) ?? program).commands.find((command) => command.name() === word);
    if (next === undefined) break;
    named.push(next);
  }
  return named;
}
