import type { EpochMillis } from "../../core/clock.ts";
import type { Place } from "../../core/containers.ts";
import { readEvent } from "../../core/event.ts";
import { activatedSet, CONF } from "../activated.ts";
import { loadLocks } from "../locks.ts";
import type { SweeperPorts } from "../ports.ts";
import { appendCounted } from "./append-counted.ts";
import { guarded } from "./guarded.ts";
import { noticeEnd } from "./notice-end.ts";
import { noticeGone } from "./notice-gone.ts";
import { sweepLive } from "./sweep-live.ts";
import { sweepMinute } from "./sweep-minute.ts";

const MINUTE_MS = 60_000;
/** Minutes are looked at again for as long: an event of a function whose clock is behind lands in one late. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** Longer than any request may wait and any grant may last: what is undone for so long has alarmed all the while. */
const LOST_MS = 8 * 24 * 60 * MINUTE_MS;
/** Sessions last a day at most. */
const SESSION_MS = 25 * 60 * MINUTE_MS;

/** What one process remembers between ticks. Losing it costs looks, and nothing else. */
export interface SweeperMemory {
  /** Due places that have been handled, by the minute they were due in. */
  handled: Map<EpochMillis, Set<string>>;
  /** Minutes in which all is done, with when that was seen last. */
  done: Map<EpochMillis, EpochMillis>;
  /** Sessions that are over and were looked at. */
  noticed: Set<string>;
  /** The activation under which all live sessions were last looked at. */
  configuration: number;
  /** The last event of LOCK by then. */
  locks: number;
}

export function sweeperMemory(): SweeperMemory {
  return {
    handled: new Map(),
    done: new Map(),
    noticed: new Set(),
    configuration: 0,
    locks: 0,
  };
}

/**
 * One round: does whatever has become due, minute by minute, and sees which sessions have ended by themselves. What
 * has become due just now comes first, so that nobody's end waits for what others left undone; then whatever is
 * left from the mark on. The mark passes a minute once all of it is done or dated anew, so nothing is passed over
 * by a round that fails or is cut off. Stops before `deadline` (epoch ms); the next round goes on from there.
 *
 * Never throws for one request: that is logged and counted as `SweepUndone`, and comes again. `SweepRounds` counts
 * rounds that came to now.
 */
export async function tick(
  ports: SweeperPorts,
  memory: SweeperMemory,
  deadline: EpochMillis,
): Promise<void> {
  const now = ports.clock.now();
  const mark = (await ports.marks.get("sweeper")) ?? (await oldest(ports, now));
  const first = floor(Math.max(Math.min(mark, now) - OVERLAP_MS, now - LOST_MS));
  const recent = Math.max(first, floor(now - OVERLAP_MS));
  /** Chains that failed in this round: one that is due in many minutes is tried once. */
  const failed = new Set<string>();
  const inTime = (): boolean => ports.clock.now() < deadline;

  for (let minute = recent; minute <= now && inTime(); minute += MINUTE_MS) {
    await sweep(ports, memory, failed, minute, now);
  }
  if (inTime()) ports.metrics.count("SweepRounds");
  for (let minute = first; minute < recent && inTime(); minute += MINUTE_MS) {
    const seen = memory.done.get(minute);
    // Done, and seen so when no event could land in it any more.
    if (seen !== undefined && seen >= minute + MINUTE_MS + OVERLAP_MS) continue;
    await sweep(ports, memory, failed, minute, now);
  }
  let passed = first;
  // What was looked at before its minute was over may have got more since.
  while ((memory.done.get(passed) ?? 0) >= passed + MINUTE_MS) passed += MINUTE_MS;
  if (passed > mark) await ports.marks.advance("sweeper", passed);
  for (const kept of [memory.handled, memory.done]) {
    for (const minute of kept.keys()) if (minute < first) kept.delete(minute);
  }
  await lookAtSessions(ports, memory, now);
}

async function sweep(
  ports: SweeperPorts,
  memory: SweeperMemory,
  failed: Set<string>,
  minute: EpochMillis,
  now: EpochMillis,
): Promise<void> {
  const handled = memory.handled.get(minute) ?? new Set<string>();
  memory.handled.set(minute, handled);
  const until = Math.min(now, minute + MINUTE_MS - 1);
  const done = await guarded(ports, "a minute could not be swept", () =>
    sweepMinute(ports, handled, failed, until),
  );
  const counted = await guarded(ports, "refusals could not be counted", async () => {
    await appendCounted(ports, minute);
    return true;
  });
  if (done === true && counted === true) memory.done.set(minute, now);
  else memory.done.delete(minute);
}

/** Sessions that ended by themselves or with their tasks, and those whose requesters may no more be in them. */
async function lookAtSessions(
  ports: SweeperPorts,
  memory: SweeperMemory,
  now: EpochMillis,
): Promise<void> {
  const set = activatedSet(ports.events);
  const configuration = (await set)?.seq ?? 0;
  const locks = (await loadLocks(ports.events, set)).tail.seq;
  const isChanged = configuration !== memory.configuration || locks !== memory.locks;
  let all = true;
  for (const place of ports.deployment.territory.places) {
    // Each by itself: what does not answer one question keeps none of the others from being asked.
    await guarded(ports, "ended sessions could not be looked at", () =>
      noticeEnds(ports, memory, place, now),
    );
    const goingOn = await guarded(ports, "sessions could not be listed", () =>
      ports.sessionWatch.goingOn(place),
    );
    if (goingOn === undefined) {
      all = false;
      continue;
    }
    await noticeGone(ports, place, goingOn);
    if (!isChanged) continue;
    // Somebody may have lost the right to what they are in, or it was locked.
    const swept = await guarded(ports, "live sessions could not be swept", async () => {
      await sweepLive(ports, goingOn);
      return true;
    });
    all &&= swept === true;
  }
  // Where some could not be looked at, the next round looks at all of them again.
  if (all) Object.assign(memory, { configuration, locks });
}

/** Where the mark is lost: nothing was asked for before there were rules, nor is due after so long. */
async function oldest(ports: SweeperPorts, now: EpochMillis): Promise<EpochMillis> {
  const [first] = await ports.events.load(CONF);
  const since = first === undefined ? now : readEvent(first).at;
  return Math.max(since, now - LOST_MS);
}

async function noticeEnds(
  ports: SweeperPorts,
  memory: SweeperMemory,
  place: Place,
  now: EpochMillis,
): Promise<void> {
  const over = await ports.sessionWatch.over(place, now - SESSION_MS);
  for (const seen of over) {
    if (memory.noticed.has(seen.sessionId)) continue;
    const noticed = await guarded(ports, "the end of a session could not be recorded", () =>
      noticeEnd(ports, seen, "ssm-status"),
    );
    if (noticed === true) memory.noticed.add(seen.sessionId);
  }
}

function floor(at: EpochMillis): EpochMillis {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
