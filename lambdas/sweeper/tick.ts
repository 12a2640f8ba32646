import type { EpochMillis } from "../../core/clock.ts";
import type { Place } from "../../core/containers.ts";
import { readEvent } from "../../core/event.ts";
import { activatedSet, CONF } from "../activated.ts";
import { loadLocks } from "../locks.ts";
import type { SweeperPorts } from "../ports.ts";
import { appendCounted } from "./append-counted.ts";
import { noticeEnd } from "./notice-end.ts";
import { noticeGone } from "./notice-gone.ts";
import { sweepLive } from "./sweep-live.ts";
import { sweepRequest } from "./sweep-request.ts";

const MINUTE_MS = 60_000;
/** Requests swept at once: one whose end cannot be seen must not keep the others waiting. */
const AT_ONCE = 8;
/** Minutes are looked at again for as long: an event of a function whose clock is behind lands in one late. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** Longer than any request may wait and any grant may last. */
const LOST_MS = 8 * 24 * 60 * MINUTE_MS;
/** Sessions last a day at most. */
const SESSION_MS = 25 * 60 * MINUTE_MS;

/** What one process remembers between ticks. Losing it costs looks, and nothing else. */
export interface SweeperMemory {
  /** Due places that have been handled, by the minute they were due in. */
  handled: Map<EpochMillis, Set<string>>;
  /** Sessions that are over and were looked at. */
  noticed: Set<string>;
  /** The activation under which all live sessions were last looked at. */
  configuration: number;
  /** The last event of LOCK by then. */
  locks: number;
}

export function sweeperMemory(): SweeperMemory {
  return { handled: new Map(), noticed: new Set(), configuration: 0, locks: 0 };
}

/**
 * One round: does whatever has become due, minute by minute from the mark on, and sees which sessions have ended
 * by themselves. The mark passes a minute once all of it is done or dated anew, so nothing is passed over by a
 * round that fails or is cut off. Stops before `deadline` (epoch ms); the next round goes on from there.
 *
 * Never throws for one request: that is logged, and comes again.
 */
export async function tick(
  ports: SweeperPorts,
  memory: SweeperMemory,
  deadline: EpochMillis,
): Promise<void> {
  const now = ports.clock.now();
  const mark = (await ports.marks.get("sweeper")) ?? (await oldest(ports, now));
  let passed = mark;
  let clear = true;
  const first = floor(Math.min(mark, now) - OVERLAP_MS);
  for (let minute = first; minute <= now && ports.clock.now() < deadline; minute += MINUTE_MS) {
    const done = await sweepMinute(ports, memory, minute, Math.min(now, minute + MINUTE_MS - 1));
    const counted = await guarded(ports, "refusals could not be counted", async () => {
      await appendCounted(ports, minute);
      return true;
    });
    clear &&= done && counted === true;
    if (clear && minute + MINUTE_MS <= now) passed = Math.max(passed, minute + MINUTE_MS);
  }
  if (passed > mark) await ports.marks.advance("sweeper", passed);
  for (const minute of memory.handled.keys()) if (minute < first) memory.handled.delete(minute);

  const configuration = (await activatedSet(ports.events))?.seq ?? 0;
  const locks = (await loadLocks(ports.events)).tail.seq;
  let all = true;
  for (const place of ports.deployment.territory.places) {
    const looked = await guarded(ports, "sessions could not be looked at", async () => {
      await noticeEnds(ports, memory, place, now);
      const goingOn = await ports.sessionWatch.goingOn(place);
      await noticeGone(ports, place, goingOn);
      // Somebody may have lost the right to what they are in, or it was locked.
      if (configuration !== memory.configuration || locks !== memory.locks) {
        await sweepLive(ports, goingOn);
      }
      return true;
    });
    all &&= looked === true;
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

async function sweepMinute(
  ports: SweeperPorts,
  memory: SweeperMemory,
  minute: EpochMillis,
  until: EpochMillis,
): Promise<boolean> {
  const handled = memory.handled.get(minute) ?? new Set<string>();
  memory.handled.set(minute, handled);
  const places = await ports.events.due(until);
  const due = places.filter(({ chain, seq }) => !handled.has(`${chain}/${seq}`));
  const done = new Map<string, boolean>();
  const chains = [...new Set(due.map(({ chain }) => chain))];
  const worker = async (): Promise<void> => {
    for (let chain = chains.pop(); chain !== undefined; chain = chains.pop()) {
      const id = chain.slice("REQ#".length);
      const ok = await guarded(ports, "a request could not be swept", () =>
        sweepRequest(ports, id),
      );
      done.set(chain, ok === true);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const { chain, seq } of due) if (done.get(chain) === true) handled.add(`${chain}/${seq}`);
  return [...done.values()].every(Boolean);
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
    if (await noticeEnd(ports, seen, "ssm-status")) memory.noticed.add(seen.sessionId);
  }
}

async function guarded<T>(
  ports: SweeperPorts,
  what: string,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    ports.log.error(what, {}, error);
    return undefined;
  }
}

function floor(at: EpochMillis): EpochMillis {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
