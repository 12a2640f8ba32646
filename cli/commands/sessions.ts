import type { Command } from "commander";
import { type SessionView, sessionListSchema } from "../../api/response-schemas.ts";
import { shortened } from "../display-width.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";

interface Options {
  requester?: string;
  state?: string;
}

const MOST_PAGES = 8;

/** Lists sessions, those of the newest requests first. */
export function sessions(command: Command, start: Start): void {
  command
    .option("--requester <id>", "those of one person; me")
    .option("--state <state>", "live, ending or ended")
    .action((options: Options) =>
      start.withGateway(async ({ api, output }) => {
        const items: SessionView[] = [];
        let cursor: string | undefined;
        let asOf = "";
        for (let page = 0; page < MOST_PAGES; page++) {
          const list = await api.call("GET", "/v1/sessions", {
            query: { ...options, cursor },
            schema: sessionListSchema,
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
          output.table([
            ["SESSION", "STATE", "BY", "WHAT", "ENDS", "REQUEST"],
            ...items.map((item) => row(item)),
          ]);
        } else output.info("no sessions");
        if (more) output.info("there are more; narrow it down with --requester or --state");
        return undefined;
      }),
    );
}

function row(session: SessionView): Shown[] {
  const command = { shown: shortened(session.command ?? "", 40) };
  return [
    shown`${session.sessionId}`,
    shown`${session.state}${session.delivered ? "" : ", withheld"}`,
    shown`${session.requester.person}`,
    shown`${nameOf(session.clusterArn)}:${session.container} ${command}`,
    shown`${session.expiresAt}`,
    shown`${session.requestId}`,
  ];
}

function nameOf(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}
