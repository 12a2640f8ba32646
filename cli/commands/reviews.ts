import type { Command } from "commander";
import { type RequestView, requestListSchema, requestSchema } from "../../api/response-schemas.ts";
import { shortened } from "../display-width.ts";
import { usage } from "../failure.ts";
import { readPages } from "../pages.ts";
import { readable } from "../readable.ts";
import { requestWhere, reviewText } from "../request-view.ts";
import { requestPath, resolveId } from "../requests.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";

const MOST_PAGES = 50;

/** Lists what the glass was broken for and nobody has reviewed. */
export function reviews(command: Command, start: Start): void {
  command.option("--overdue", "those that are late").action((options: { overdue?: true }) =>
    start.withGateway(async ({ api, output }) => {
      const review = options.overdue === true ? "overdue" : "owed";
      const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
        api.call("GET", "/v1/requests", { query: { review, cursor }, schema: requestListSchema }),
      );
      const items = pages.flatMap((page) => page.items);
      if (output.json) {
        output.value({ items, asOf: pages.at(-1)?.asOf ?? "", more });
        return undefined;
      }
      if (items.length === 0) output.info("no review is owed that you could see");
      else output.table([["ID", "REVIEW", "BY", "WHAT", "REASON"], ...items.map(row)]);
      if (more) output.info("there are more");
      return undefined;
    }),
  );
}

function row(request: RequestView): Shown[] {
  return [
    shown`${request.id}`,
    reviewText(request),
    shown`${request.requester.person}`,
    requestWhere(request),
    { shown: shortened(request.reason, 60) },
  ];
}

interface Options {
  justified?: true;
  notJustified?: true;
  comment?: string;
}

/** Says of a request for which the glass was broken whether it was justified. */
export function review(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--justified", "it was an emergency, and this was called for")
    .option("--not-justified", "it was none, or something else would have done")
    .option("--comment <text>", "what you found: it stays on record")
    .action((text: string, { justified, notJustified, comment }: Options) => {
      if (justified === notJustified) {
        throw usage("say one of --justified and --not-justified");
      }
      if (comment === undefined) {
        throw usage("no comment is given", "--comment TEXT: it is what the review says");
      }
      readable("--comment", comment);
      const verdict = justified === true ? "justified" : "not_justified";
      return start.withGateway(async (ctx) => {
        const { api, output } = ctx;
        const id = await resolveId(ctx, text);
        const after = await api.call("POST", requestPath(id, "/review"), {
          body: { verdict, comment },
          schema: requestSchema,
        });
        if (output.json) output.value(after);
        else output.print(shown`request ${after.id}: ${reviewText(after)}`);
        return undefined;
      });
    });
}
