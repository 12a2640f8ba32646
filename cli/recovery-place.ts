import type { GlobalOptions } from "./config.ts";
import type { RecoveryPlace } from "./start.ts";

/** Where a table is, by what was typed. */
export function recoveryPlace(
  table: string,
  { profile, region }: Pick<GlobalOptions, "profile" | "region">,
): RecoveryPlace {
  return {
    table,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
}
