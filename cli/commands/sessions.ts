import type { Command } from "commander";
import { type SessionView, sessionListSchema } from "../../api/session-schemas.ts";
import { shortened } from "../display-width.ts";
import { usage } from "../failure.ts";
import { readPages } from "../pages.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { lastPart } from "../target.ts";

interface Options {
  requester?: string;
  only?: string;
}

const STATES = ["live", "ending", "ended"];
const MOST_PAGES = 8;

/** Lists sessions, those of the newest requests first. */
export function sessions(command: Command, start: Start): void {
  command
    .option("--requester <id>", "those of one person; me")
    // Not --state: that is where the local gateway keeps its own.
    .option(
      "--only <live|ending|ended>",
      "those that may go on, that have to end, or that are over",
    )
    .action(({ requester, only }: Options) => {
      if (only !== undefined && !STATES.includes(only)) {
        throw usage(`--only takes ${STATES.join(", ")}, not ${only}`);
      }
      return start.withGateway(async ({ api, output }) => {
        const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
          api.call("GET", "/v1/sessions", {
            query: { requester, state: only, cursor },
            schema: sessionListSchema,
          }),
        );
        const items = pages.flatMap((page) => page.items);
        const asOf = pages.at(-1)?.asOf ?? "";
        if (output.json) {
          output.value({ items, asOf, more });
          return undefined;
        }
        if (items.length > 0) {
          output.table([
            ["SESSION", "STATE", "BY", "WHAT", "APPROVED UNTIL", "REQUEST"],
            ...items.map((item) => row(item)),
          ]);
        } else output.info("no sessions");
        if (more) output.info("there are more; narrow it down with --requester or --only");
        return undefined;
      });
    });
}

function row(session: SessionView): Shown[] {
  const command = { shown: shortened(session.command ?? "", 40) };
  return [
    shown`${session.sessionId}`,
    shown`${session.state}${session.delivered ? "" : ", withheld"}`,
    shown`${session.requester.person}`,
    shown`${place(session)}:${session.container} ${command}`,
    shown`${session.expiresAt}`,
    shown`${session.requestId}`,
  ];
}

/** As `ls` names it. A gateway that does not say which service tells the cluster alone. */
function place({ clusterArn, service, family }: SessionView): string {
  const within = service ?? family;
  return within === undefined
    ? lastPart(clusterArn)
    : `${lastPart(clusterArn)}/${lastPart(within)}`;
}
