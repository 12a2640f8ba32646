import type { Command } from "commander";
import type { z } from "zod";
import { targetListSchema } from "../../api/response-schemas.ts";
import { joined, type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";

type Target = z.infer<typeof targetListSchema>["items"][number];

/** One page is one cluster. */
const MOST_PAGES = 100;

export function targets(command: Command, start: Start): void {
  command
    .option("--cluster <name>")
    .option("--service <name>")
    .action((options: { cluster?: string; service?: string }) =>
      start.withGateway(async ({ api, output }) => {
        const items: Target[] = [];
        let cursor: string | undefined;
        let asOf = "";
        for (let page = 0; page < MOST_PAGES; page++) {
          const list = await api.call("GET", "/v1/targets", {
            query: { ...options, cursor },
            schema: targetListSchema,
          });
          items.push(...list.items);
          ({ asOf, cursor } = list);
          if (cursor === undefined) break;
        }
        const more = cursor !== undefined;
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
    shown`${nameOf(clusterArn)}`,
    service === undefined ? shown`(family ${family ?? "?"})` : shown`${nameOf(service)}`,
    shown`${nameOf(taskArn)}`,
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

function nameOf(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}
