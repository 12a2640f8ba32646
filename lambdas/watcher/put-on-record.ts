import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { MetricName } from "../../core/metrics.ts";
import { watchChain, watchKeys } from "../../core/watch/watch-keys.ts";
import { activatedSet } from "../activated.ts";
import { commit, type Step } from "../commit.ts";
import type { WatcherPorts } from "../ports.ts";
import { WATCHER } from "./actor.ts";

const APPEND_MS = 20_000;

/**
 * Puts a finding on record, on the chain of an account and day, and then counts it for its alarm. What is known by the
 * same key is on record already: then nothing is written or counted. `find` is asked again whenever somebody else was
 * first. On return the finding is on record, or was before.
 *
 * An append whose end nobody knows is counted all the same, and thrown: it is delivered again, and an alarm too many is
 * better than none.
 */
export async function putOnRecord(
  ports: WatcherPorts,
  account: string,
  find: () => Promise<EventBody | undefined>,
  alarm: (body: EventBody) => MetricName | undefined,
): Promise<void> {
  let last: EventBody | undefined;
  const count = (): void => {
    const name = last === undefined ? undefined : alarm(last);
    if (name !== undefined) ports.metrics.count(name);
  };
  const isNew = await commit<boolean>(ports, ports.clock.now() + APPEND_MS, () =>
    step(ports, account, async () => {
      last = await find();
      return last;
    }),
  ).catch((error: unknown) => {
    count();
    throw error;
  });
  if (isNew) count();
}

async function step(
  ports: WatcherPorts,
  account: string,
  find: () => Promise<EventBody | undefined>,
): Promise<Step<boolean>> {
  const nothing = { events: [] as [], result: false };
  const body = await find();
  if (body === undefined) return nothing;
  const [first = ""] = watchKeys(body);
  const now = ports.clock.now();
  const chain = watchChain(account, now);
  const [known, tip, configuration] = await Promise.all([
    ports.events.watched(first),
    ports.events.tip(chain),
    activatedSet(ports.events),
  ]);
  if (known !== undefined) return nothing;
  const event: StoredEvent = nextEvent(
    tip === undefined ? emptyTail(chain) : tailAfter(emptyTail(chain), tip),
    body,
    {
      actor: WATCHER,
      configuration: { seq: configuration?.seq ?? 0, hash: configuration?.hash ?? "" },
      now,
      random: ports.random,
    },
  );
  return { events: [event], fences: [], result: true };
}
