import { expect } from "vitest";
import { type Event, readEvent } from "../../core/event.ts";
import { looked } from "../kit/looks.ts";
import { eventsIn } from "./tables.ts";
import { toldOf } from "./told.ts";
import type { World } from "./world.ts";

export const MINUTE = 60_000;

/** What the watcher put on record, in its order. */
export function found(w: World): Event[] {
  looked("record");
  return eventsIn(w.tables)
    .filter(({ chain }) => chain.startsWith("WATCH#"))
    .map(readEvent)
    .toSorted((a, b) => a.at - b.at || a.seq - b.seq);
}
export const kinds = (w: World): string[] => found(w).map(({ kind }) => kind);
export const differences = (w: World): string[][] =>
  found(w).flatMap(({ kind, data }) => (kind === "call.differed" ? [data.differences] : []));

/** Asks, is approved and opens; what AWS would tell of it. */
export async function opened(w: World): Promise<{ id: string; told: { [name: string]: string } }> {
  const { id } = (await w.ask()).body;
  await w.approve("lead", id);
  const { status } = await w.open("dev", id);
  expect(status).toBe(201);
  return { id, told: toldOf(w, `req-${id}.1`) };
}

/** Rounds of the watcher for so many minutes, as its schedule has them. */
export async function watchFor(w: World, minutes: number): Promise<void> {
  for (let n = 0; n < minutes; n += 5) {
    w.clock.advance(5 * MINUTE);
    await w.watch({ task: "compare" });
  }
}
export const alarms = (w: World): string[] => w.counted.filter((name) => name !== "WatchRounds");
