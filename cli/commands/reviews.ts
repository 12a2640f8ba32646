import type { Command } from "commander";
import { type LastResortView, lastResortSchema } from "../../api/last-resort-schemas.ts";
import { type RequestView, requestListSchema, requestSchema } from "../../api/response-schemas.ts";
import type { Context } from "../context.ts";
import { shortened } from "../display-width.ts";
import { usage } from "../failure.ts";
import { lastResortLines, useReviewText, useWhere } from "../last-resort-view.ts";
import { readPages } from "../pages.ts";
import { readable } from "../readable.ts";
import { requestLines, requestWhere, reviewText } from "../request-view.ts";
import { getRequest, requestPath } from "../requests.ts";
import { type Reviewed, readUses, reviewedBy, usePath } from "../reviewed.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { typedAgain } from "../typed-again.ts";

const MOST_PAGES = 50;

/** Lists what nobody has reviewed: where the glass was broken, and each use of the last resort. */
export function reviews(command: Command, start: Start): void {
  command.option("--overdue", "those that are late").action((options: { overdue?: true }) =>
    start.withGateway(async (ctx) => {
      const { api, output } = ctx;
      const review = options.overdue === true ? "overdue" : "owed";
      const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
        api.call("GET", "/v1/requests", { query: { review, cursor }, schema: requestListSchema }),
      );
      const uses = await readUses(ctx, review);
      const items = pages.flatMap((page) => page.items);
      const isMore = more || uses.more;
      if (output.json) {
        const asOf = pages.at(-1)?.asOf ?? "";
        output.value({ items, lastResort: uses.items, asOf, more: isMore });
        return undefined;
      }
      const rows = [...items.map(row), ...uses.items.map(useRow)];
      if (rows.length === 0) output.info("no review is owed that you could see");
      else output.table([["ID", "OF", "REVIEW", "BY", "WHAT", "REASON"], ...rows]);
      if (isMore) output.info("there are more");
      return undefined;
    }),
  );
}

function row(request: RequestView): Shown[] {
  return [
    shown`${request.id}`,
    shown`broken glass`,
    reviewText(request),
    shown`${request.requester.person}`,
    requestWhere(request),
    { shown: shortened(request.reason, 60) },
  ];
}

/** Nobody was asked, and so nobody has said why. */
function useRow(use: LastResortView): Shown[] {
  const by = use.users.length === 0 ? (use.sessionName ?? "nobody known") : use.users.join(", ");
  return [
    shown`${use.id}`,
    shown`last resort`,
    useReviewText(use),
    { shown: shortened(by, 30) },
    useWhere(use),
    shown``,
  ];
}

interface Options {
  justified?: true;
  notJustified?: true;
  comment?: string;
}

/** Says whether breaking the glass, or using the last resort, was justified. Says what is on record where nothing is said. */
export function review(command: Command, start: Start): void {
  command
    .argument("[id]", "an id, or any unique end of one")
    .option("--justified", "it was an emergency, and this was called for")
    .option("--not-justified", "it was none, or something else would have done")
    .option("--comment <text>", "what you found: it stays on record")
    .addHelpText("after", "\nWithout a verdict and a comment it says what is on record.")
    .action((text: string | undefined, { justified, notJustified, comment }: Options) => {
      if (text === undefined) {
        throw usage("no id is given", "`sallyport reviews` lists those that a review is owed of");
      }
      if (justified === undefined && notJustified === undefined && comment === undefined) {
        return start.withGateway(async (ctx) => await look(ctx, await reviewedBy(ctx, text)));
      }
      if (justified === notJustified) {
        throw usage("say one of --justified and --not-justified");
      }
      if (comment === undefined) {
        throw usage("no comment is given", "--comment TEXT: it is what the review says");
      }
      readable("--comment", comment);
      const verdict = justified === true ? "justified" : "not_justified";
      return start.withGateway(async (ctx) => {
        await say(ctx, await reviewedBy(ctx, text), { verdict, comment });
        return undefined;
      });
    });
}

async function look(ctx: Context, { kind, id }: Reviewed): Promise<undefined> {
  const { api, output, settings } = ctx;
  const found =
    kind === "request"
      ? await getRequest(ctx, id)
      : await api.call("GET", usePath(id), { schema: lastResortSchema });
  if (output.json) {
    output.value(found);
    return undefined;
  }
  for (const line of "calls" in found ? lastResortLines(found) : requestLines(found)) {
    output.print(line);
  }
  if (found.review !== undefined && found.review.state !== "done") {
    const again = typedAgain(settings, "review", found.id);
    output.info(shown`to review it: ${again} --justified|--not-justified --comment TEXT`);
  }
  return undefined;
}

async function say(
  { api, output }: Context,
  { kind, id }: Reviewed,
  body: { verdict: "justified" | "not_justified"; comment: string },
): Promise<void> {
  if (kind === "request") {
    const path = requestPath(id, "/review");
    const after = await api.call("POST", path, { body, schema: requestSchema });
    if (output.json) output.value(after);
    else output.print(shown`request ${after.id}: ${reviewText(after)}`);
    return;
  }
  const after = await api.call("POST", usePath(id, "/review"), { body, schema: lastResortSchema });
  if (output.json) output.value(after);
  else output.print(shown`last resort ${after.id}: ${useReviewText(after)}`);
}
