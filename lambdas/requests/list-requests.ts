import { listRequestsQuery } from "../../api/query-schemas.ts";
import { lacking } from "../../core/alternatives.ts";
import type { Caller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { pendingExtension } from "../../core/extension.ts";
import { mayRead } from "../../core/may-read.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { nextOf } from "../../core/quorum.ts";
import { type RequestState, type Stage, statusAt } from "../../core/request-state.ts";
import type { Fenced } from "../../core/restored.ts";
import { reviewStanding } from "../../core/review.ts";
import type { ViewIndex } from "../../core/views.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { requestView } from "../request-view.ts";
import { daysOf, rangeOf, walkViews } from "./walk-views.ts";

const PAGE = 25;
const ALWAYS = "1970-01-01T00:00:00Z";
const AT_LEAST_MS = 2_000;

type Query = ReturnType<typeof listRequestsQuery.parse>;

/**
 * Lists the requests that the caller may see: first those that a review is owed of, then all, newest first. Rows of
 * the views only locate them: each item is folded from its chain, and every filter judges that. `atLeast=id:seq`
 * waits up to two seconds until the views have caught up with what the caller knows, else the answer says `stale`.
 */
export async function listRequests(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listRequestsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const now = ports.clock.now();
  // However long ago: a review is owed until it is given.
  const range = rangeOf(
    query.review === undefined ? query : { ...query, from: query.from ?? ALWAYS },
    now,
  );
  const stale =
    query.atLeast !== undefined && !(await caughtUp(ports, configuration, caller, query.atLeast));

  const others = query.review === undefined ? indexesFor(query, caller, range) : [];
  const indexes: ViewIndex[] = mayOweReview(query) ? [{ by: "review" }, ...others] : others;
  const items: ReturnType<typeof requestView>[] = [];
  const next = await walkViews(call, ports, configuration, caller, {
    list: "requests",
    indexes,
    range,
    cursor: query.cursor,
    enough: () => items.length >= PAGE,
    take(state) {
      if (!matches(state, query, caller, configuration, now)) return 0;
      const item = requestView(state, configuration, now);
      items.push(item);
      return JSON.stringify(item).length;
    },
  });
  return {
    status: 200,
    body: {
      items,
      ...(next === undefined ? {} : { cursor: next }),
      asOf: isoTime(now),
      ...(stale ? { stale: true } : {}),
    },
  };
}

/** Of a request that the caller may not see, the views never catch up, as with one that does not exist. */
async function caughtUp(
  ports: RequestsPorts,
  configuration: Configuration & Fenced,
  caller: Caller,
  atLeast: string,
): Promise<boolean> {
  const [id = "", seq = "0"] = atLeast.split(":");
  const until = ports.clock.now() + AT_LEAST_MS;
  const { state } = await loadRequest(ports.events, id, configuration);
  const isVisible = mayRead(ports.policy, configuration, state, caller);
  for (;;) {
    if ((await ports.views.seqOf(id)) >= Number(seq) && isVisible) return true;
    if (ports.clock.now() + 40 >= until) return false;
    await ports.clock.sleep(40);
  }
}

/** Whether a review may be owed of any that the filters match: nobody is asked about what was broken open. */
function mayOweReview({ status, approver }: Query): boolean {
  return approver !== "me" && !["pending", "refused", "denied"].includes(status ?? "");
}

/** Where to look, in order: the narrowest index that holds everything the filters can match. */
function indexesFor(
  query: Query,
  caller: Caller,
  range: { from: number; to: number },
): ViewIndex[] {
  if (query.requester !== undefined) {
    return [{ by: "requester", requester: query.requester === "me" ? caller.id : query.requester }];
  }
  if (query.service?.startsWith("arn:") === true)
    return [{ by: "resource", resource: query.service }];
  const stages =
    query.approver === "me" ? (["pending", "approved"] as Stage[]) : stagesOf(query.status);
  if (stages !== undefined) return stages.map((stage) => ({ by: "stage", stage }));
  return daysOf(range);
}

/** The stages under which a status is filed: the clock turns some into others without an event. */
function stagesOf(status: Query["status"]): Stage[] | undefined {
  if (status === undefined) return undefined;
  if (status === "lapsed") return ["pending", "approved"];
  return status === "closed" ? ["closed", "approved"] : [status];
}

function matches(
  state: RequestState,
  query: Query,
  caller: Caller,
  configuration: Configuration,
  now: number,
): boolean {
  const review = reviewStanding({ breakGlass: state.breakGlass }, now);
  if (query.review === "owed" && review !== "owed" && review !== "overdue") return false;
  if (query.review === "overdue" && review !== "overdue") return false;
  const requester = query.requester === "me" ? caller.id : query.requester;
  if (requester !== undefined && state.requester.person !== requester) return false;
  if (query.status !== undefined && statusAt(state, now) !== query.status) return false;
  if (query.approver === "me") {
    const status = statusAt(state, now);
    const waits = status === "approved" ? pendingExtension(state) : state;
    if (waits === undefined || (status !== "pending" && waits === state)) return false;
    const asked = { requester: state.requester, decisions: waits.decisions };
    const directory = withGroupsOf(caller, configuration.directory);
    const could = waits.rules.some((rule) =>
      nextOf(lacking(asked, rule.needs, directory)).some((need) =>
        need.persons.includes(caller.id),
      ),
    );
    if (!could) return false;
  } else if (
    query.approver !== undefined &&
    !state.decisions.some((d) => d.person === query.approver)
  ) {
    return false;
  }
  const { resource } = state;
  const cluster = resource.kind === "gateway" ? [] : [resource.clusterArn, resource.clusterName];
  if (query.cluster !== undefined && !cluster.includes(query.cluster)) return false;
  const service = resource.kind === "gateway" ? [] : [resource.id, resource.name];
  if (query.service !== undefined && !service.includes(query.service)) return false;
  return query.ticket === undefined || state.ticket === query.ticket;
}

/** The directory with the caller in the groups they came with: those of others it may leave to another source. */
function withGroupsOf({ id, groups }: Caller, directory: Configuration["directory"]) {
  const persons = directory.persons.map((one) => (one.id === id ? { ...one, groups } : one));
  return { ...directory, persons };
}
