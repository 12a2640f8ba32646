import type { EpochMillis } from "../../core/clock.ts";
import type { Event } from "../../core/event.ts";
import type { EventPlace } from "../../core/event-store.ts";
import { answerKey, attemptKey } from "../../core/watch/watch-keys.ts";
import type { WatcherPorts } from "../ports.ts";
import { noticeTouch } from "./notice-touch.ts";
import { putOnRecord } from "./put-on-record.ts";
import { readRecord } from "./read-record.ts";
import { witness, witnessChain, witnessNext } from "./witness.ts";

const MINUTE_MS = 60_000;
/** So late may CloudTrail and the access log tell of a call: nothing is missed before. */
export const WINDOW_MS = 30 * MINUTE_MS;
/** Events may be written late, by a function whose clock is behind or that was long about it. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** Where the mark is lost, or is looked past. */
export const AGAIN_MS = 26 * 60 * MINUTE_MS;

/**
 * Compares what has been on record for half an hour with what should have been seen of it by now: of each session that
 * was opened an ExecuteCommand, of each decision a line of the front door. Of what was opened, and of rules and locks,
 * each decision on its chain is looked at, wherever the index of days has it. Goes on from where the last round came to, by
 * a mark; with `again` it begins a day back whatever the mark says, so that whoever moves the mark hides nothing. What
 * has been told is known by its key and told once.
 *
 * Stops before `deadline` (epoch ms), and goes on from there the next time. `WatchRounds` counts rounds that came to
 * the end. Throws where something cannot be asked or put on record; the mark stays before that.
 */
export async function compareRecord(
  ports: WatcherPorts,
  deadline: EpochMillis,
  again: boolean,
): Promise<void> {
  const now = ports.clock.now();
  const until = now - WINDOW_MS;
  const mark = again ? undefined : await ports.marks.get("watcher");
  const from = Math.max(Math.min(mark ?? 0, until) - OVERLAP_MS, now - AGAIN_MS - WINDOW_MS);
  for await (const page of readRecord(ports, from, until)) {
    if (ports.clock.now() >= deadline) return;
    for (const { place, what, why } of page.spoilt) await noticeSpoilt(ports, place, what, why);
    await witness(ports, page.events, until);
    for (const event of page.events) {
      if (event.kind !== "session.opened") continue;
      await compareOpened(ports, event);
      // Whoever writes events of their own need not put them into the index of days.
      await witnessChain(ports, event.chain, until);
    }
    if (!again) await ports.marks.advance("watcher", page.to);
  }
  if (again) return;
  await witnessNext(ports, "CONF", "watcher-conf", until);
  await witnessNext(ports, "LOCK", "watcher-lock", until);
  await ports.marks.advance("watcher", until);
  ports.metrics.count("WatchRounds");
}

async function noticeSpoilt(
  ports: WatcherPorts,
  { chain, seq }: EventPlace,
  what: "unreadable" | "absent",
  why: string,
): Promise<void> {
  await noticeTouch(ports, {
    what,
    id: `${what}:${chain}#${seq}`,
    action: why.slice(0, 300),
    about: `${chain} #${seq}`,
    caller: null,
  });
}

/** What was opened, ExecuteCommand has answered: with that session, and for that attempt. */
async function compareOpened(
  ports: WatcherPorts,
  { chain, data }: Event & { kind: "session.opened" },
): Promise<void> {
  const request = chain.slice("REQ#".length);
  const { attempt, sessionId, clusterArn } = data;
  await putOnRecord(
    ports,
    clusterArn.split(":")[4] ?? ports.guarded.home,
    async () => {
      const [answered, called] = await Promise.all([
        ports.events.watched(answerKey(sessionId)),
        ports.events.watched(attemptKey(request, attempt)),
      ]);
      if (answered !== undefined && called !== undefined && same(answered, called))
        return undefined;
      const why = called === undefined ? "no_call" : "another_session";
      return { kind: "call.missing", data: { request, attempt, sessionId, why }, values: {} };
    },
    () => "WatchDifference",
  );
}

function same(a: EventPlace, b: EventPlace): boolean {
  return a.chain === b.chain && a.seq === b.seq;
}
