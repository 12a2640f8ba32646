import { actorOf, type Caller } from "../core/caller.ts";
import { utcDay } from "../core/clock.ts";
import { emptyTail, nextEvent, readEvent, tailAfter } from "../core/event.ts";
import type { ReadSubject } from "../core/kinds/read.ts";
import type { Configuration } from "../core/policy-engine.ts";
import type { Call } from "./call.ts";
import { commit } from "./commit.ts";
import type { CommonPorts } from "./ports.ts";

const HOUR_MS = 3_600_000;

/**
 * Puts on record that a caller reads what is not theirs, before they are given it: once per reader, subject
 * and hour, on the reader's chain of the day. Of two that come at once one loses its number, looks again, and
 * finds the other. Throws where it cannot be recorded: the read is refused then.
 */
export async function recordRead(
  ports: Pick<CommonPorts, "events" | "clock" | "random">,
  call: Call,
  configuration: Configuration,
  caller: Caller,
  subject: ReadSubject,
): Promise<void> {
  const now = ports.clock.now();
  const hour = Math.floor(now / HOUR_MS);
  const chain = `READ#${caller.id}#${utcDay(now)}`;
  await commit(ports, call.deadline, async () => {
    const stored = await ports.events.load(chain);
    const recorded = stored.some((item) => {
      const event = readEvent(item);
      return (
        event.kind === "record.read" &&
        event.data.hour === hour &&
        event.data.subject.kind === subject.kind &&
        event.data.subject.id === subject.id
      );
    });
    if (recorded) return { events: [] as [], result: undefined };
    const event = nextEvent(
      stored.reduce(tailAfter, emptyTail(chain)),
      { kind: "record.read", data: { subject, hour }, values: {} },
      {
        actor: actorOf(caller),
        configuration: { seq: configuration.seq, hash: configuration.hash },
        call: call.call,
        now,
        random: ports.random,
      },
    );
    return { events: [event], fences: [], result: undefined };
  });
}
