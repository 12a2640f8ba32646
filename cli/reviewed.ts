import { type LastResortView, lastResortListSchema } from "../api/last-resort-schemas.ts";
import { requestIdPattern } from "../core/ids.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { readPages } from "./pages.ts";
import { requestsEndingIn } from "./requests.ts";

const MOST_PAGES = 50;
/** CloudTrail's ids are UUIDs; no id of a request has a hyphen. */
const CLOUD_TRAIL_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of what a review is owed: a request for which the glass was broken, or a use of the last resort. */
export interface Reviewed {
  kind: "request" | "last_resort";
  id: string;
}

/**
 * What an id, or any unique end of one, stands for: among requests and uses of the last resort alike. A whole id is
 * taken as it is. Throws Failure for an end that stands for nothing, or for several.
 */
export async function reviewedBy(ctx: Pick<Context, "api">, text: string): Promise<Reviewed> {
  const tail = text.toLowerCase();
  if (requestIdPattern.test(tail)) return { kind: "request", id: tail };
  if (CLOUD_TRAIL_ID.test(tail)) return { kind: "last_resort", id: tail };
  const hint = "`sallyport reviews` lists those that a review is owed of";
  if (!/^[\w-]{1,99}$/.test(tail)) throw new Failure(`no id ends in ${text}`, { hint });
  const [requests, uses] = [await requestsEndingIn(ctx, tail), await readUses(ctx)];
  const found: Reviewed[] = [
    ...[...requests.found].map((id): Reviewed => ({ kind: "request", id })),
    ...uses.items
      .filter(({ id }) => id.toLowerCase().endsWith(tail))
      .map(({ id }): Reviewed => ({ kind: "last_resort", id })),
  ];
  if (requests.more || uses.more) {
    throw new Failure(`there are too many to find one by ${text}`, { hint: "give the whole id" });
  }
  const [one, other] = found;
  if (one === undefined) {
    throw new Failure(`nothing that you may see ends in ${text}`, { hint });
  }
  if (other !== undefined) {
    const ids = found.slice(0, 5).map(({ id }) => id);
    throw new Failure(`${found.length} end in ${text}: ${ids.join(", ")}`, {
      hint: "give more of the id",
    });
  }
  return one;
}

/** The uses of the last resort that the caller may see. */
export async function readUses(
  { api }: Pick<Context, "api">,
  review?: "owed" | "overdue",
): Promise<{ items: LastResortView[]; more: boolean }> {
  const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
    api.call("GET", "/v1/last-resort", { query: { review, cursor }, schema: lastResortListSchema }),
  );
  return { items: pages.flatMap(({ items }) => items), more };
}

/** `/v1/last-resort/<id>`, and below it. */
export function usePath(id: string, below = ""): string {
  return `/v1/last-resort/${encodeURIComponent(id)}${below}`;
}
