import type { PolicyEngine } from "../core/policy-engine.ts";
import type { ListRebuilding, Recovery } from "../core/recovery.ts";
import type { GlobalOptions } from "./config.ts";
import type { Context, Fetch } from "./context.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Io, Output } from "./output.ts";

/** Where a record is: its table, in the account and region of the credentials. */
export interface RecoveryPlace {
  table: string;
  profile?: string;
  region?: string;
}

/** What the command line cannot make itself, because it is no client's: loaded where it is needed. */
export interface Extras {
  /** Runs the local gateway until it is told to end. */
  runLocal(argv: string[]): Promise<void>;
  policyEngine(): Promise<PolicyEngine>;
  /** The record of a table, to whoever restores it. */
  recovery(place: RecoveryPlace): Promise<Recovery>;
  /** The lists of a table, to whoever makes them anew. */
  lists(place: RecoveryPlace & { views: string }): Promise<ListRebuilding>;
  /** How a person calls this command line; by default `sallyport`. */
  program?: string;
  /** Of this program, for --version. */
  version?: string;
  /** The network; by default Node's. */
  fetch?: Fetch;
}

/** What a command has that calls no gateway. */
export interface Bare {
  io: Io;
  output: Output;
  extras: Extras;
  globalOptions: GlobalOptions;
}

/** How a command's action begins. What it answers is the exit status; nothing is 0. */
export interface Start {
  /**
   * The words after `--`: the command for the container. Undefined where there is no `--`. A command that
   * does not ask for them before it begins is refused where there are some.
   */
  command(): readonly string[] | undefined;
  withGateway(run: (ctx: Context) => Promise<ExitCode | undefined>): Promise<void>;
  alone(run: (bare: Bare) => Promise<ExitCode | undefined>): Promise<void>;
}
