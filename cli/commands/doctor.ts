import type { Command } from "commander";
import { type PreflightView, preflightSchema } from "../../api/response-schemas.ts";
import { withDefaultCluster } from "../default-cluster.ts";
import { doctorAll } from "../doctor-all.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { lacksLines } from "../lacks-view.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { lastPart } from "../target.ts";
import { runnable, type Typed } from "../typed-again.ts";
import { type AskFlags, wishOf, withAskFlags, withStartFlag } from "../wish.ts";

/** Stands where an approver would read why; none does. */
const NOBODY_READS = "sallyport doctor";

interface DoctorFlags extends AskFlags {
  all?: true;
  csv?: true;
}

/**
 * Looks whether ECS Exec would work somewhere, and asks nobody. Exit status 0 where it would, as far as ECS
 * tells; 120 where a check has failed, or the rules would refuse. With `--all` it looks at every service the
 * caller may ask for.
 */
export function doctor(command: Command, start: Start): void {
  withStartFlag(withAskFlags(command))
    .usage(
      "[CLUSTER/]SERVICE[:CONTAINER] | --task ID | --all [--cluster NAME] [--csv]  [options]  [-- COMMAND ARGUMENT...]",
    )
    .option("--all", "every service you may ask for, the worst first")
    .option("--csv", "with --all: print CSV");
  command.action((named: string | undefined, flags: DoctorFlags) => {
    if (flags.all === true) {
      const { all: _, csv, cluster, ...others } = flags;
      const [other] = named === undefined ? Object.keys(others) : ["a target"];
      if (other !== undefined) {
        throw usage(
          `--all looks at every service, and ${named === undefined ? `--${hyphened(other)}` : other} is of one`,
          "--all goes with --cluster, --csv and --json alone",
        );
      }
      return start.withGateway((ctx) => doctorAll(ctx, { cluster, csv: csv === true }));
    }
    if (flags.csv === true)
      throw usage("--csv goes with --all", "--json prints one target's checks");
    const wish = wishOf(named, flags, start.command());
    return start.withGateway(async ({ api, output, settings }): Promise<ExitCode> => {
      const body = { ...wish, reason: wish.reason ?? NOBODY_READS };
      const found = await api
        .call("POST", "/v1/preflight", { schema: preflightSchema, body })
        .catch((error: unknown) => {
          throw withDefaultCluster(error, wish.target);
        });
      if (output.json) output.value(found);
      else {
        output.table([
          ["CHECK", "STATE", "WHAT TO DO"],
          ...found.checks.map((one) => row(one, settings)),
        ]);
        for (const line of lacksLines(found)) output.print(line);
        output.info(verdict(found));
      }
      return found.ready ? exitCodes.ended : exitCodes.refused;
    });
  });
}

/** An option as it is typed. */
function hyphened(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function row({ check, status, remedy }: PreflightView["checks"][number], typed: Typed): Shown[] {
  const state = status === "not_checked" ? shown`not checked` : shown`${status}`;
  return [
    shown`${check}`,
    state,
    status === "passed" ? shown`-` : shown`${runnable(typed, remedy)}`,
  ];
}

function verdict({ ready, problems, card }: PreflightView): Shown {
  const { container, serviceArn, taskArn, family } = card.target;
  const where = shown`${container} of ${lastPart(taskArn ?? serviceArn ?? family)}`;
  return ready
    ? shown`ready: nothing that ECS tells stands in the way of ECS Exec in ${where}`
    : shown`not ready: ECS Exec would fail in ${where}, and asking be refused: ${problems.map(({ check }) => check).join(", ")}`;
}
