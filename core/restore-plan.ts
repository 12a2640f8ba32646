import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import { type Event, readEvent, type StoredEvent } from "./event.ts";
import type { EventBody } from "./event-kinds.ts";
import { foldRequest } from "./fold-request.ts";
import { holdsAfter } from "./holds.ts";
import { reviewChain, useKeyOf } from "./last-resort-use.ts";
import { LOCK, standing } from "./locks.ts";
import { goesOn, type RequestState, statusAt } from "./request-state.ts";
import { fencesAfter, type RestoreFence, restoreFences } from "./restored.ts";
import { type ChainProblem, verifyChains } from "./verify-chains.ts";
import { WATCH } from "./verify-watch.ts";

/** What a table holds, to whoever is to restore it. */
export interface RestoreLook {
  /**
   * `empty`: nothing was ever in force there. `in_use`: the record says that it is in this table, which is open.
   * `sealed`: it says that it is in another one.
   */
  kind: "empty" | "in_use" | "sealed";
  /** The table that the record says it is in. */
  recordedTable: string | undefined;
  /** The last number of CONF, and the highest that any event names: more, where the end of CONF was lost. */
  configuration: number;
  highestNamed: number;
  newest: { chain: string; seq: number; at: EpochMillis } | undefined;
  chains: number;
  events: number;
  problems: ChainProblem[];
  fences: RestoreFence[];
  /** What the next fence voids. */
  voids: { pending: number; granted: number; holds: number };
  /** Requests under which something may be running. */
  ends: string[];
  /** What stays. */
  stays: { locks: number; reviewsOwed: number };
}

/** Requests of one fence: with ids of 26 characters it stays under half of what an event may take. */
const MOST_ENDS = 1_000;

/**
 * Looks through a whole record: what stands where, whether it verifies, and what a fence would void now. A chain that
 * cannot be read is among the problems, and voids nothing that could be told.
 */
export function lookAtRecord(
  stored: StoredEvent[],
  tableArn: string,
  now: EpochMillis,
): RestoreLook {
  const { problems, chains, events } = verifyChains(stored, { whole: true });
  const byChain = Map.groupBy(stored, ({ chain }) => chain);
  for (const chain of byChain.values()) chain.sort((a, b) => a.seq - b.seq);
  const conf = byChain.get("CONF") ?? [];
  const fences = restoreFences(conf);
  const tip = read(conf.at(-1));
  const recordedTable = tip !== undefined && "tableArn" in tip.data ? tip.data.tableArn : undefined;
  const look: RestoreLook = {
    kind: tip === undefined ? "empty" : recordedTable === tableArn ? "in_use" : "sealed",
    recordedTable,
    configuration: conf.at(-1)?.seq ?? 0,
    highestNamed: 0,
    newest: undefined,
    chains,
    events,
    problems,
    fences,
    voids: { pending: 0, granted: 0, holds: 0 },
    ends: [],
    stays: { locks: 0, reviewsOwed: 0 },
  };
  for (const one of stored) {
    const event = read(one);
    if (event === undefined) continue;
    look.highestNamed = Math.max(look.highestNamed, event.configuration.seq);
    const { chain, seq, at } = event;
    if (look.newest === undefined || at > look.newest.at) look.newest = { chain, seq, at };
  }
  for (const [chain, its] of byChain) {
    const last = read(its.at(-1));
    if (last === undefined) continue;
    if (chain.startsWith("REQ#")) count(look, request(chain, its, fences), now);
    else if (chain.startsWith("SLOT#")) look.voids.holds += holdsAfter(last).length;
    else if (chain === LOCK && "locks" in last.data && Array.isArray(last.data.locks)) {
      look.stays.locks = standing(last.data.locks, now).length;
    }
  }
  look.stays.reviewsOwed += usesOwed(byChain);
  look.ends.sort();
  return look;
}

/** Uses of the role outside the gateway that nobody has reviewed, as far as they can be read. */
function usesOwed(byChain: Map<string, StoredEvent[]>): number {
  const uses = new Set<string>();
  for (const [chain, stored] of byChain) {
    if (!chain.startsWith(WATCH)) continue;
    for (const event of stored.map(read)) {
      if (event?.kind === "last_resort.used") uses.add(useKeyOf(event.data));
    }
  }
  return [...uses].filter((use) => !byChain.has(reviewChain(use))).length;
}

function count(look: RestoreLook, state: RequestState | undefined, now: EpochMillis): void {
  if (state === undefined || state.stage === "absent") return;
  const status = statusAt(state, now);
  if (status === "pending") look.voids.pending += 1;
  if (status === "approved") look.voids.granted += 1;
  if (goesOn(state)) look.ends.push(state.id);
  if (state.breakGlass !== undefined && state.breakGlass.review === undefined) {
    look.stays.reviewsOwed += 1;
  }
}

/**
 * The next fence on CONF for a restored table, behind its last event; undefined where there is nothing left to do. One
 * stands for each number that an event names and CONF does not have, one for each thousand requests that are to be
 * ended, and one at least. Only the last names the new table, so that nothing opens before all of them are there. Each
 * names the set that was in force: it goes on. `ends` are those that no fence of this restore names yet.
 *
 * Throws `sealed` where the last event is none of this version's.
 */
export function nextFence(
  ends: readonly string[],
  highestNamed: number,
  tip: Event,
  tableArn: string,
  reason: string,
): (EventBody & { kind: "restore.fence" }) | undefined {
  if (tip.kind !== "policy.activated" && tip.kind !== "restore.fence") {
    throw new SallyportError("sealed", `CONF #${tip.seq} holds ${tip.kind}`);
  }
  const { tableArn: recorded, texts, rules } = tip.data;
  if (recorded === tableArn) return undefined;
  const isLast = ends.length <= MOST_ENDS && tip.seq + 1 > highestNamed;
  return {
    kind: "restore.fence",
    data: {
      texts,
      rules,
      tableArn: isLast ? tableArn : recorded,
      restoredFrom: recorded,
      fences: fencesAfter(tip),
      ends: ends.slice(0, MOST_ENDS),
    },
    values: { reason },
  };
}

function request(
  chain: string,
  stored: readonly StoredEvent[],
  fences: readonly RestoreFence[],
): RequestState | undefined {
  try {
    return foldRequest(chain.slice("REQ#".length), stored, fences);
  } catch {
    return undefined;
  }
}

function read(stored: StoredEvent | undefined): Event | undefined {
  if (stored === undefined) return undefined;
  try {
    return readEvent(stored);
  } catch {
    return undefined;
  }
}
