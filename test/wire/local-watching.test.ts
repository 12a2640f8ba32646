import { describe, expect, it } from "vitest";
import { createTrail } from "../../emulator/cloud-trail/trail.ts";
import { startWatching } from "../../local/watching.ts";
import { delivery } from "../kit/cloud-trail.ts";

/*
 * What wakes the watcher of a local gateway, apart from what it then does.
 */

const log = { info: () => undefined, error: () => undefined };
const newTrail = () =>
  createTrail((error) => {
    throw error;
  });

describe("what wakes the watcher here", () => {
  it("tells it of a call again that it could not compare, in its turn, and loses none after it", async () => {
    const trail = newTrail();
    const seen: string[] = [];
    const watching = startWatching({
      trail,
      log,
      async watch(event) {
        const { detail } = event as { detail: { eventID: string } };
        seen.push(detail.eventID);
        if (seen.length === 1) throw new Error("the record does not answer");
      },
    });
    for (const id of ["first", "second"]) {
      const fill = { sessionName: "x", at: "2026-11-24T08:20:00Z", id };
      trail.write([delivery("assume-last-resort", fill) as never]);
    }
    const wanted = ["first", "first", "second"];
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(wanted);
    await watching.stop();
    expect(seen).toEqual(wanted);
  });

  it("asks it for each round of its schedules, one that failed again too", async () => {
    const rounds = new Map<string, number>();
    const watching = startWatching({
      trail: newTrail(),
      log,
      everyMs: { compare: 1, sessions: 1, again: 1 },
      async watch(event) {
        const { task } = event as { task: string };
        rounds.set(task, (rounds.get(task) ?? 0) + 1);
        throw new Error("the log does not answer");
      },
    });
    const again = () => [...rounds].flatMap(([task, count]) => (count > 1 ? [task] : []));
    await expect
      .poll(() => again().toSorted(), { timeout: 10_000 })
      .toEqual(["again", "compare", "sessions"]);
    await watching.stop();
  });
});
