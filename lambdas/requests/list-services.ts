import type { z } from "zod";
import { listServicesQuery } from "../../api/query-schemas.ts";
import type { serviceListSchema } from "../../api/response-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { requireActivated } from "../activated.ts";
import { type Asker, servicesIn } from "../askable.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { clusterPlace, clustersNamed } from "./clusters-named.ts";
import { firstServices, type LookedAt } from "./first-services.ts";

/** No further services are begun once so little is left of the time for an answer. */
const RESERVED_MS = 14_000;
/** Most services a page tells of. */
const MOST = 200;

/** A number of a cluster, and the name of the last service of it that was told of. */
const CURSOR = /^(0|[1-9]\d{0,5})(?:\.([A-Za-z0-9_-]{1,255}))?$/;

type List = z.infer<typeof serviceListSchema>;

/**
 * Every service the caller may ask for, by name within its cluster, with in how many of its tasks ECS Exec would
 * work: as many a page as there is time for, and of one cluster. Of services they may not ask for nothing is told,
 * their number neither.
 *
 * ECS is asked slowly, for it counts these calls together with everybody else's in the account. Where it throttles
 * all the same, a page ends with what was seen until then; one without anything is `throttled`.
 */
export async function listServices(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listServicesQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const clusters = clustersNamed(ports.deployment, query.cluster);
  const { at, after } = readCursor(query.cursor);
  const { items, more } = await pageOf(
    ports,
    { policy: ports.policy, configuration, caller },
    { clusterArn: clusters[at], after, until: call.deadline - RESERVED_MS },
  );
  const last = more ? `${at}.${items.at(-1)?.service ?? after}` : undefined;
  const cursor = last ?? (at + 1 < clusters.length ? String(at + 1) : undefined);
  const body: List = {
    items,
    ...(cursor === undefined ? {} : { cursor }),
    asOf: isoTime(ports.clock.now()),
  };
  return { status: 200, body };
}

function readCursor(cursor = "0"): { at: number; after: string } {
  const [, at, after = ""] = CURSOR.exec(cursor) ?? [];
  if (at === undefined) throw new SallyportError("query_invalid", "that cursor is none of ours");
  return { at: Number(at), after };
}

/** What there is time for of one cluster, behind a name. */
async function pageOf(
  { overview, deployment, clock }: RequestsPorts,
  asker: Asker,
  { clusterArn, after, until }: { clusterArn: string | undefined; after: string; until: number },
): Promise<{ items: List["items"]; more: boolean }> {
  const none = { items: [], more: false };
  const where = clusterArn === undefined ? undefined : clusterPlace(deployment, clusterArn);
  if (where === undefined) return none;
  const cluster = await overview.describeCluster(where.place, where.clusterArn);
  if (cluster === undefined) return none;
  const services = (await servicesIn(overview, asker, where))
    .flatMap(({ service, may }) => (may ? [service] : []))
    .filter(({ serviceName }) => serviceName > after)
    .toSorted((a, b) => (a.serviceName < b.serviceName ? -1 : 1));

  const items: List["items"] = [];
  const looked: LookedAt = { overview, place: where.place, cluster, definitions: new Map() };
  const page = services.slice(0, MOST);
  while (items.length < page.length && (items.length === 0 || clock.now() < until)) {
    try {
      items.push(...(await firstServices(looked, page.slice(items.length))));
    } catch (error) {
      const isThrottled = error instanceof SallyportError && error.code === "throttled";
      if (!isThrottled || items.length === 0) throw error;
      break;
    }
  }
  return { items, more: items.length < services.length };
}
