import type { Command } from "commander";
import type * as z from "zod";
import { targetListSchema } from "../../api/response-schemas.ts";
import { readPages } from "../pages.ts";
import { joined, type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { lastPart } from "../target.ts";

type Target = z.infer<typeof targetListSchema>["items"][number];

/** One page is one cluster. */
const MOST_PAGES = 100;

export function targets(command: Command, start: Start): void {
  command
    .option("--cluster <name>")
    .option("--service <name>")
    .action((options: { cluster?: string; service?: string }) =>
      start.withGateway(async ({ api, output }) => {
        const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
          api.call("GET", "/v1/targets", {
            query: { ...options, cursor },
            schema: targetListSchema,
          }),
        );
        const items = pages.flatMap((page) => page.items);
        const asOf = pages.at(-1)?.asOf ?? "";
        if (output.json) {
          output.value({ items, asOf, more });
          return undefined;
        }
        if (items.length > 0) {
          output.table([["CLUSTER", "SERVICE", "TASK", "CONTAINERS", "EXEC"], ...items.map(row)]);
        } else output.info("nothing runs there that you may ask for");
        if (more) output.info("there are more clusters; name one with --cluster");
        return undefined;
      }),
    );
}

function row({ clusterArn, service, family, taskArn, containers, exec }: Target): Shown[] {
  return [
    shown`${lastPart(clusterArn)}`,
    service === undefined ? shown`(family ${family ?? "?"})` : shown`${lastPart(service)}`,
    shown`${lastPart(taskArn)}`,
    listed(containers, ","),
    exec.ready ? shown`ready` : shown`no: ${listed(exec.problems, "; ")}`,
  ];
}

function listed(texts: readonly string[], separator: string): Shown {
  return joined(
    texts.map((text) => shown`${text}`),
    separator,
  );
}
