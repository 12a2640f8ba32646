import type { EpochMillis } from "../core/clock.ts";
import { type Actor, emptyTail, nextEvent, type StoredEvent, tailAfter } from "../core/event.ts";
import type { EventBody } from "../core/event-kinds.ts";
import type { MetricName, Metrics } from "../core/metrics.ts";
import { watchChain, watchKeys } from "../core/watch/watch-keys.ts";
import { activatedSet } from "./activated.ts";
import { commit, type Step } from "./commit.ts";
import type { CommonPorts } from "./ports.ts";

export type FindingPorts = Pick<CommonPorts, "events" | "clock" | "random"> & { metrics: Metrics };

export interface Finding {
  /** Who found it: the function itself. */
  actor: Actor;
  /** On whose chain of the day it stands. */
  account: string;
  /** How long others may be first on that chain (epoch ms). */
  deadline: EpochMillis;
  /** Undefined where there is nothing to say. Asked again whenever somebody else was first. */
  find(): Promise<EventBody | undefined>;
  alarm(body: EventBody): MetricName | undefined;
}

/**
 * Puts a finding on record, on the chain of an account and day, and then counts it for its alarm. What is known by the
 * same key is on record already: then nothing is written or counted. On return the finding is on record, or was before.
 *
 * An append whose end nobody knows is counted all the same, and thrown: it is delivered again, and an alarm too many is
 * better than none.
 */
export async function putFinding(ports: FindingPorts, finding: Finding): Promise<void> {
  let last: EventBody | undefined;
  const count = (): void => {
    const name = last === undefined ? undefined : finding.alarm(last);
    if (name !== undefined) ports.metrics.count(name);
  };
  const isNew = await commit<boolean>(ports, finding.deadline, async () => {
    last = await finding.find();
    return await step(ports, finding, last);
  }).catch((error: unknown) => {
    count();
    throw error;
  });
  if (isNew) count();
}

async function step(
  ports: FindingPorts,
  { actor, account }: Finding,
  body: EventBody | undefined,
): Promise<Step<boolean>> {
  const nothing = { events: [] as [], result: false };
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
      actor,
      configuration: { seq: configuration?.seq ?? 0, hash: configuration?.hash ?? "" },
      now,
      random: ports.random,
    },
  );
  return { events: [event], fences: [], result: true };
}
