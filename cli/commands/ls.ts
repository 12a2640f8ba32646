import type { Command } from "commander";
import { type RequestView, requestListSchema, statusSchema } from "../../api/response-schemas.ts";
import { decidable } from "../decidable.ts";
import { age } from "../durations.ts";
import { dayBegins, dayEnds } from "../export-days.ts";
import { usage } from "../failure.ts";
import { lacksText } from "../lacks-view.ts";
import { readPages } from "../pages.ts";
import { requestWhere } from "../request-view.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";

interface Options {
  status?: string;
  requester?: string;
  approver?: string;
  cluster?: string;
  service?: string;
  ticket?: string;
  mine?: true;
  from?: string;
  to?: string;
  all?: true;
}

const MOST_PAGES = 8;
/** With --all: as many as a person can have use for, and an end all the same. */
const EVERY_PAGE = 2_000;

/** Lists requests: first those that a review is owed of, then all, newest first. */
export function ls(command: Command, start: Start): void {
  command
    .option("--status <status>", "pending, approved, closed, refused, denied, lapsed, …")
    .option("--requester <id>", "those of one person; me")
    .option("--approver <id>", "those a person decided; me: those you may still decide")
    .option("--cluster <name>")
    .option("--service <name>")
    .option("--ticket <text>")
    .option("--mine", "those you asked: --requester me")
    .option("--from <day>", "asked on this UTC day or later")
    .option("--to <day>", "asked on this UTC day or earlier")
    .option("--all", "every page, however many")
    .action((options: Options) => {
      const query = queryOf(options);
      const most = options.all === true ? EVERY_PAGE : MOST_PAGES;
      return start.withGateway(async ({ api, output }) => {
        const { pages, more } = await readPages(most, (cursor) =>
          api.call("GET", "/v1/requests", {
            query: { ...query, cursor },
            schema: requestListSchema,
          }),
        );
        const items = pages.flatMap((page) => page.items);
        const asOf = pages.at(-1)?.asOf ?? "";
        const stale = pages.some((page) => page.stale === true);
        if (output.json) {
          output.value({ items, asOf, stale, more });
          return undefined;
        }
        if (items.length > 0) {
          output.table([
            ["ID", "STATUS", "BY", "WHAT", "LACKS", "ASKED"],
            ...items.map((item) => row(item, Date.parse(asOf))),
          ]);
        } else output.info("no requests");
        if (more)
          output.info("there are more: --all, or narrow it down with --status or --service");
        if (stale) output.info("the list may lag behind what was asked last");
        return undefined;
      });
    });
}

/** The gateway's own query; days become the instants they begin and end at. */
function queryOf(options: Options) {
  const { mine, from, to, requester, status, approver, cluster, service, ticket } = options;
  if (mine === true && requester !== undefined && requester !== "me") {
    throw usage("--mine and --requester name different people");
  }
  const { options: statuses } = statusSchema;
  if (status !== undefined && !statuses.some((one) => one === status)) {
    throw usage(`--status ${status} is none`, `it takes ${statuses.join(", ")}`);
  }
  return {
    status,
    approver,
    cluster,
    service,
    ticket,
    requester: mine === true ? "me" : requester,
    from: from === undefined ? undefined : dayBegins(from, "--from"),
    to: to === undefined ? undefined : dayEnds(to, "--to"),
  };
}

/** What it waits for, or what more time under it does; where the glass was broken, somebody's review. */
function lacking(request: RequestView): Shown {
  const { review } = request;
  if (review !== undefined && review.state !== "done") {
    return shown`GLASS BROKEN, review ${review.state}`;
  }
  const waits = decidable(request);
  if (waits === undefined) return shown`-`;
  return waits.isExtension ? shown`more time: ${lacksText(waits)}` : lacksText(waits);
}

function row(request: RequestView, now: number): Shown[] {
  return [
    shown`${request.id}`,
    shown`${request.status}`,
    shown`${request.requester.person}`,
    requestWhere(request),
    lacking(request),
    shown`${age(now - Date.parse(request.askedAt))} ago`,
  ];
}
