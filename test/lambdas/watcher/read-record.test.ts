import { describe, expect, it } from "vitest";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../../core/event.ts";
import { type RecordPage, readRecord } from "../../../lambdas/watcher/read-record.ts";
import { counted } from "../../kit/build-request.ts";
import { memoryEvents } from "../../world/memory-events.ts";
import { emptyTables } from "../../world/tables.ts";

const MIDNIGHT = Date.UTC(2026, 10, 25);
const silent = { info: () => {}, error: () => {} };

/** Reads that somebody made, at these instants. */
async function recorded(times: number[]) {
  const events = memoryEvents(emptyTables(), "arn");
  let tail = emptyTail("READ#dev#1");
  const stored: StoredEvent[] = [];
  for (const now of times) {
    const event = nextEvent(
      tail,
      { kind: "record.read", data: { subject: { kind: "request", id: "r" }, hour: 1 }, values: {} },
      {
        actor: { kind: "person", person: "dev", principal: "1:2" },
        configuration: { seq: 0, hash: "" },
        now,
        random: counted,
      },
    );
    tail = tailAfter(tail, event);
    stored.push(event);
    await events.append([event], []);
  }
  return { events, stored };
}

async function readAll(
  events: Awaited<ReturnType<typeof recorded>>["events"],
  from: number,
  until: number,
): Promise<RecordPage[]> {
  const pages: RecordPage[] = [];
  for await (const page of readRecord({ events, log: silent }, from, until)) pages.push(page);
  return pages;
}

describe("readRecord", () => {
  it("reads each event of the time asked for once, over pages and midnight", async () => {
    const times = Array.from({ length: 330 }, (_, n) => MIDNIGHT - 200_000 + n * 1_000);
    const { events } = await recorded(times);
    const from = MIDNIGHT - 150_500;
    const until = MIDNIGHT + 100_500;
    const pages = await readAll(events, from, until);
    const read = pages.flatMap((page) => page.events.map(({ at }) => at));
    expect(read).toEqual(times.filter((at) => at > from && at <= until));
    expect(pages.length).toBeGreaterThan(3);
  });

  it("says after each page how far it has come, and at the end all the way", async () => {
    const times = Array.from({ length: 250 }, (_, n) => MIDNIGHT + n * 1_000);
    const { events } = await recorded(times);
    const until = MIDNIGHT + 300_000;
    const pages = await readAll(events, MIDNIGHT - 1, until);
    const read = pages.map((page) => page.to);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    expect(read.at(-1)).toBe(until);
    for (const [n, { to }] of pages.entries()) {
      const later = pages.slice(n + 1).flatMap((page) => page.events);
      for (const event of later) expect(event.at).toBeGreaterThanOrEqual(to);
    }
  });

  it("comes through days without an event", async () => {
    const { events } = await recorded([MIDNIGHT + 3 * 86_400_000]);
    const pages = await readAll(events, MIDNIGHT - 1, MIDNIGHT + 4 * 86_400_000);
    expect(pages.flatMap((page) => page.events)).toHaveLength(1);
  });
});
