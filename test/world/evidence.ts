import type { EpochMillis } from "../../core/clock.ts";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import type { RefusalRow } from "../../core/refusal-counts.ts";
import type { Answer, Journal, WireCall } from "./journal.ts";
import type { MemorySession } from "./memory-aws.ts";
import { eventsIn } from "./tables.ts";
import type { World } from "./world.ts";

/** All that is known of a run: what is in the tables, what was seen on the way, and what is true in the containers. */
export interface Evidence {
  /** The events table, as it is now. */
  events: StoredEvent[];
  journal: Journal;
  /** Refusals that were counted, as the `state` table has them. */
  counted: (RefusalRow & { minute: string })[];
  /** Log lines, and rows of the lists. */
  elsewhere: string[];
  sessions: MemorySession[];
  /** Ids of sessions whose process runs now. */
  running: string[];
  /** By its ARN, the service that each task is of. */
  serviceOf: { [taskArn: string]: string };
  now: EpochMillis;
  /** The sweeper has been round often enough, unhindered, for everything that is due to be done. */
  settled: boolean;
}

export function evidenceOf(w: World, settled: boolean): Evidence {
  return {
    events: eventsIn(w.tables),
    journal: w.journal,
    counted: [...w.tables.refused].map(([key, row]) => ({
      ...row,
      minute: key.split(" ")[0] ?? "",
    })),
    elsewhere: [...w.logged, JSON.stringify([...w.tables.views.values()])],
    sessions: w.aws.sessions,
    running: w.aws.running().map(({ sessionId }) => sessionId),
    serviceOf: Object.fromEntries(
      w.aws.fleet.tasks.map(({ taskArn, service }) => [taskArn, service ?? ""]),
    ),
    now: w.clock.now(),
    settled,
  };
}

export type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;

/** An event with the place in the journal from which on it was durable. */
export type Placed<E extends Event = Event> = E & { place: number };

/** Events of one request by their numbers, as far as they can be read: what cannot is I9's. */
export interface Chain {
  id: string;
  events: Placed[];
  of<K extends Event["kind"]>(...kinds: K[]): Placed<Of<K>>[];
}

const read = new WeakMap<Evidence, Chain[]>();

/** The chains of all requests. */
export function requestsIn(evidence: Evidence): Chain[] {
  const chains = read.get(evidence) ?? readRequests(evidence);
  read.set(evidence, chains);
  return chains;
}

function readRequests({ events, journal }: Evidence): Chain[] {
  const places = new Map<string, number>();
  for (const [place, entry] of journal.entries()) {
    if (entry.what !== "stored") continue;
    for (const { chain, seq } of entry.events) places.set(`${chain}/${seq}`, place);
  }
  const chains = new Map<string, Placed[]>();
  for (const stored of events.toSorted((a, b) => a.seq - b.seq)) {
    if (!stored.chain.startsWith("REQ#")) continue;
    const event = readable(stored);
    if (event === undefined) continue;
    const place = places.get(`${stored.chain}/${stored.seq}`) ?? Number.POSITIVE_INFINITY;
    chains.set(stored.chain, [...(chains.get(stored.chain) ?? []), { ...event, place }]);
  }
  return [...chains].map(([chain, placed]) => ({
    id: chain.slice("REQ#".length),
    events: placed,
    of: <K extends Event["kind"]>(...kinds: K[]) =>
      placed.filter((event): event is Placed<Of<K>> => (kinds as string[]).includes(event.kind)),
  }));
}

export function readable(stored: StoredEvent): Event | undefined {
  try {
    return readEvent(stored);
  } catch {
    return undefined;
  }
}

/** ExecuteCommands that reached the wire, with the request and attempt they were for. */
export function executions({ journal }: Evidence) {
  return journal.flatMap((entry, place) => {
    if (entry.what !== "wire" || entry.call.operation !== "ExecuteCommand") return [];
    const [, id = "", attempt = "0"] =
      /^req-([^.]+)\.(\d+)$/.exec(entry.call.roleSessionName ?? "") ?? [];
    return [{ place, at: entry.at, call: entry.call, id, attempt: Number(attempt) }];
  });
}

export function wireCalls(
  { journal }: Evidence,
  operation: string,
): (WireCall & { place: number })[] {
  return journal.flatMap((entry, place) =>
    entry.what === "wire" && entry.call.operation === operation ? [{ ...entry.call, place }] : [],
  );
}

export function answers({ journal }: Evidence): (Answer & { place: number; at: EpochMillis })[] {
  return journal.flatMap((entry, place) =>
    entry.what === "answer" ? [{ ...entry.answer, place, at: entry.at }] : [],
  );
}

/** What ends a request for good, before its time is over. */
export const stops = ["request.revoked", "request.cancelled", "decision.denied"] as const;
