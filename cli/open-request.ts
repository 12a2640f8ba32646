import { type RequestView, requestListSchema, targetListSchema } from "../api/response-schemas.ts";
import type { ApiClient } from "./api-client.ts";
import { startOf } from "./as-asked.ts";
import { readPages } from "./pages.ts";
import { isNamedBy, lastPart, type Target } from "./target.ts";
import type { Wish } from "./wish.ts";

type Sought = Pick<Wish, "target" | "command" | "durationMinutes" | "startAt">;

const MOST_PAGES = 20;

/**
 * The caller's own request that stands open for the very same thing: pending, or approved and not opened.
 * Where the wish names less than a card does (a cluster by its short name, no container), the gateway is
 * asked what it means; when that does not settle it, there is none.
 */
export async function openRequestFor(
  api: Pick<ApiClient, "call">,
  wish: Sought,
): Promise<RequestView | undefined> {
  const found: RequestView[] = [];
  for (const status of ["pending", "approved"] as const) {
    const { pages } = await readPages(MOST_PAGES, (cursor) =>
      api.call("GET", "/v1/requests", {
        query: { requester: "me", status, cursor },
        schema: requestListSchema,
      }),
    );
    found.push(...pages.flatMap((page) => page.items.filter((request) => mayBe(request, wish))));
  }
  const newestFirst = found.toSorted((a, b) => (a.askedAt < b.askedAt ? 1 : -1));
  const { target } = wish;
  // A task's id is its own everywhere; with the container's name nothing is left open.
  if (newestFirst.length === 0 || (target.task !== undefined && target.container !== undefined)) {
    return newestFirst[0];
  }
  const meant = await meaningOf(api, target);
  return newestFirst.find(
    ({ target: asked }) =>
      asked !== undefined &&
      asked.container === meant.container &&
      meant.clusterArns.includes(asked.clusterArn),
  );
}

/** What the gateway would take a target for, by the tasks that run there now. */
async function meaningOf(
  api: Pick<ApiClient, "call">,
  target: Target,
): Promise<{ clusterArns: string[]; container: string | undefined }> {
  const query = { cluster: target.cluster ?? "default", service: target.service };
  const { items } = await api.call("GET", "/v1/targets", { query, schema: targetListSchema });
  const running = items.filter(
    ({ taskArn }) => target.task === undefined || lastPart(taskArn) === lastPart(target.task),
  );
  const containers = new Set(running.flatMap((task) => task.containers));
  return {
    clusterArns: running.map(({ clusterArn }) => clusterArn),
    container: target.container ?? (containers.size === 1 ? [...containers][0] : undefined),
  };
}

/** Whether a request is the same wish, as far as that can be seen without asking. */
function mayBe(
  request: RequestView,
  { target, command, durationMinutes, startAt }: Sought,
): boolean {
  const { card } = request;
  if (card?.kind !== "exec" || card.command !== command) return false;
  if (card.start !== startOf(startAt)) return false;
  if (request.sessions.some(({ state }) => state !== "failed")) return false;
  // Omitted is 30, or less where no rule allows that much.
  const minutes = card.durationMinutes;
  if (durationMinutes === undefined ? minutes > 30 : minutes !== durationMinutes) return false;
  return isNamedBy(target, card.target);
}
