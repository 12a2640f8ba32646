import { type RequestView, requestListSchema, requestSchema } from "../api/response-schemas.ts";
import { requestIdPattern } from "../core/ids.ts";
import type { Context } from "./context.ts";
import { Failure, usage } from "./failure.ts";
import { readPages } from "./pages.ts";

/** Enough for every open request of a team; and a bound on what a gateway can make us read. */
const MOST_PAGES = 50;
const TAIL = /^[0-9a-hjkmnp-tv-z]{1,25}$/;

/**
 * The request that an id, or any unique end of one, stands for. A whole id is taken as it is: whether there
 * is such a request shows when it is used. Throws Failure for an end that stands for none or for several.
 */
export async function resolveId(ctx: Pick<Context, "api">, text: string): Promise<string> {
  const tail = text.toLowerCase();
  if (requestIdPattern.test(tail)) return tail;
  if (!TAIL.test(tail)) {
    const stray = Array.from(tail).find((letter) => !TAIL.test(letter));
    const why =
      stray === undefined ? `it has ${tail.length} characters` : `no id has ${stray} in it`;
    throw usage(
      `not the id of a request: ${text}: ${why}`,
      "an id has 26 characters, digits and letters but i, l, o and u, and its end is enough; `sallyport ls` lists them",
    );
  }
  const { found, more } = await requestsEndingIn(ctx, tail);
  const [id, other] = [...found];
  // With pages left unread the only one found need not be the only one there is.
  if (more) {
    throw new Failure(`there are too many requests to find one by ${text}`, {
      hint: "give the whole id",
    });
  }
  if (id === undefined) {
    throw new Failure(`no request that you may see ends in ${text}`, {
      hint: "`sallyport ls` lists those you may see",
    });
  }
  if (other !== undefined) {
    throw new Failure(
      `${found.size} requests end in ${text}: ${[...found].slice(0, 5).join(", ")}`,
      {
        hint: "give more of the id",
      },
    );
  }
  return id;
}

/** The ids of requests that end so, of those the caller may see; `more` where not all of those were looked at. */
export async function requestsEndingIn(
  ctx: Pick<Context, "api">,
  tail: string,
): Promise<{ found: Set<string>; more: boolean }> {
  const { pages, more } = await readPages(MOST_PAGES, (cursor) =>
    ctx.api.call("GET", "/v1/requests", { query: { cursor }, schema: requestListSchema }),
  );
  const ids = pages.flatMap((page) => page.items.map((item) => item.id));
  return { found: new Set(ids.filter((one) => one.endsWith(tail))), more };
}

/** One request; with `wait`, once it has an event beyond `after`, or `seconds` (at most 20) are over. */
export async function getRequest(
  ctx: Pick<Context, "api">,
  id: string,
  wait?: { seconds: number; after: number; signal?: AbortSignal },
): Promise<RequestView> {
  return await ctx.api.call("GET", requestPath(id), {
    schema: requestSchema,
    ...(wait === undefined
      ? {}
      : {
          query: { waitSeconds: wait.seconds, after: wait.after },
          ...(wait.signal === undefined ? {} : { signal: wait.signal }),
        }),
  });
}

/** `/v1/requests/<id>`, and below it. */
export function requestPath(id: string, below = ""): string {
  return `/v1/requests/${encodeURIComponent(id)}${below}`;
}
