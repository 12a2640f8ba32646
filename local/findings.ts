import type { Clock } from "../core/clock.ts";
import { type Event, readEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import type { SweptKinds } from "../core/kinds/swept.ts";
import type { WatchedKinds } from "../core/kinds/watched.ts";
import { watchChain } from "../core/watch/watch-keys.ts";

const MINUTE_MS = 60_000;

type Findings = WatchedKinds & Pick<SweptKinds, "item.touched">;

export interface FindingsOptions {
  events: Pick<EventStore, "load" | "tip">;
  clock: Pick<Clock, "now">;
  account: string;
  /** Told each finding that deployed would have raised an alarm, in a line. */
  tell(line: string): void;
  failed(error: unknown): void;
}

export interface FindingsTold {
  /** Something was counted for an alarm: tells what of it is on record and was not told yet. */
  look(): void;
  stop(): Promise<void>;
}

/** Tells whoever sits before the gateway what deployed an alarm would tell: from the record, and once. */
export async function openFindings(options: FindingsOptions): Promise<FindingsTold> {
  const { events, clock, account } = options;
  const chains = (): string[] => [
    ...new Set([clock.now() - MINUTE_MS, clock.now()].map((at) => watchChain(account, at))),
  ];
  const told = new Map<string, number>();
  for (const chain of chains()) told.set(chain, (await events.tip(chain))?.seq ?? 0);
  const look = async (): Promise<void> => {
    for (const chain of chains()) {
      for (const stored of await events.load(chain, told.get(chain) ?? 0)) {
        told.set(chain, stored.seq);
        const found = inWords(readEvent(stored));
        if (found === undefined) continue;
        // For a terminal: what somebody else chose as a name is to move no cursor.
        const shown = found.replaceAll(/[^\x20-\x7e]/g, "?");
        options.tell(`${shown}: on record as ${chain} #${stored.seq}`);
      }
    }
  };
  let looking: Promise<void> = Promise.resolve();
  return {
    look() {
      looking = looking.then(look).catch(options.failed);
    },
    stop: () => looking,
  };
}

/** What alarms somebody. The command is on no record. */
const words: { [K in keyof Findings]?: (data: Findings[K]["data"]) => string | undefined } = {
  "call.differed": ({ call, differences, guarded }) =>
    guarded ? `${call.name} by ${call.caller} differs (${differences.join(", ")})` : undefined,
  "last_resort.used": ({ call }) => `${call.name} of the last resort by ${call.caller}`,
  "call.missing": ({ sessionId, why }) => `nobody was seen to open ${sessionId} (${why})`,
  "session.unknown": ({ sessionId }) => `${sessionId} goes on, and no request knows it`,
  "decision.unwitnessed": ({ chain, why }) =>
    `a decision on ${chain} that nobody made at the front door (${why})`,
  "record.touched": ({ what, about }) => `the record was touched (${what}, ${about})`,
  "item.touched": () => "an item of the record was changed or removed",
};

function inWords({ kind, data }: Event): string | undefined {
  if (!Object.hasOwn(words, kind)) return undefined;
  return (words[kind as keyof Findings] as (of: typeof data) => string | undefined)(data);
}
