import { serviceListSchema } from "../api/response-schemas.ts";
import type { Context } from "./context.ts";
import { counted } from "./counted.ts";
import { csvLine } from "./csv.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import {
  FLEET_CSV,
  type FleetService,
  fleetCells,
  fleetRow,
  summaryLine,
  summaryOf,
  worstFirst,
} from "./fleet-report.ts";
import { readPages } from "./pages.ts";
import { shown } from "./shown.ts";

/** A page is of one cluster, and of the services there was time for. */
const MOST_PAGES = 2_000;

/**
 * Looks at every service the caller may ask for, and says while it goes how far it has come. Exit status 0 where
 * every running task is ready; 120 where one is not. Throws Failure where a cluster is named and nothing is found
 * there: a name that is misspelt is not a cluster in which all is well.
 */
export async function doctorAll(
  { api, output, io, settings }: Context,
  { cluster, csv }: { cluster: string | undefined; csv: boolean },
): Promise<ExitCode> {
  let seen = 0;
  const isDrawn = io.stderr.isTTY === true && !output.json;
  const spinner = output.spinner("looking at services");
  const { pages, more } = await readPages(MOST_PAGES, async (cursor) => {
    const page = await api.call("GET", "/v1/services", {
      query: { cluster, cursor },
      schema: serviceListSchema,
    });
    seen += page.items.length;
    const sofar = shown`looked at ${counted(seen, "service")} so far`;
    spinner.update(sofar);
    // A terminal shows it in place; whoever keeps standard error has a line for each page.
    if (!isDrawn && page.cursor !== undefined) output.info(sofar);
    return page;
  }).finally(() => spinner.stop());
  const items: FleetService[] = worstFirst(pages.flatMap((page) => page.items));
  if (cluster !== undefined && items.length === 0) {
    throw new Failure(`no service in cluster ${cluster}, or no rule lets you ask there`, {
      hint: "`sallyport targets` lists where you may ask",
    });
  }
  const summary = summaryOf(items);
  if (output.json) {
    output.value({ items, summary, asOf: pages.at(-1)?.asOf ?? "", more });
  } else if (csv) {
    output.print(csvLine(FLEET_CSV));
    for (const item of items) {
      for (const cells of fleetCells(item)) output.print({ shown: csvLine(cells) });
    }
  } else if (items.length > 0) {
    output.table([
      ["CLUSTER", "SERVICE", "READY", "CHECK", "WHAT TO DO"],
      ...items.map((item) => fleetRow(item, settings)),
    ]);
  }
  output.info(items.length > 0 ? summaryLine(summary) : "there is no service you may ask for");
  if (more) output.info("there are more; name a cluster with --cluster");
  return summary.partly + summary.notAtAll > 0 ? exitCodes.refused : exitCodes.ended;
}
