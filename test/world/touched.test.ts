import { describe, expect, it } from "vitest";
import type { EventStore } from "../../core/event-store.ts";
import { expectSound } from "./race.ts";
import { alarms, found, kinds, opened } from "./watching.ts";
import { type World, world } from "./world.ts";

/** What the stream tells the sweeper of items that were changed or removed. */

const changed = (eventName: string, number: string, pk = "REQ#1", at?: number) => ({
  eventName,
  dynamodb: {
    Keys: { pk: { S: pk }, sk: { S: "E#000001" } },
    SequenceNumber: number,
    ...(at === undefined ? {} : { ApproximateCreationDateTime: at / 1_000 }),
  },
});
const givenBack = async (w: World, ...Records: ReturnType<typeof changed>[]) =>
  (await w.stream({ Records }))?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
const isFinding = (args: readonly unknown[]): boolean =>
  (args as Parameters<EventStore["append"]>)[0].some(({ chain }) => chain.startsWith("WATCH#"));
const touchedAlarms = (w: World): string[] => alarms(w).filter((name) => name === "ItemTouched");

describe("an item of the record that was changed or removed", () => {
  it.each(["MODIFY", "REMOVE"])("by %s is on record and alarms, once", async (what) => {
    const w = await world();
    const batch = [changed("INSERT", "1"), changed(what, "2")];
    expect(await givenBack(w, ...batch)).toEqual([]);
    expect(await givenBack(w, ...batch)).toEqual([]);
    expect(found(w)).toMatchObject([
      {
        kind: "item.touched",
        actor: { function: "sweeper" },
        data: { id: "2", action: what, about: "REQ#1 E#000001" },
      },
    ]);
    expect(touchedAlarms(w)).toEqual(["ItemTouched"]);
    expectSound(w);
  });

  it.each(["LOCK", "CONF", "SLOT#1", "DAY#2026-11-24#0", "WATCH#1#2026-11-24", "TEXT#1"])(
    "is told of whatever it is: %s",
    async (pk) => {
      const w = await world();
      expect(await givenBack(w, changed("REMOVE", "1", pk))).toEqual([]);
      expect(found(w)).toMatchObject([{ data: { about: `${pk} E#000001` } }]);
    },
  );

  it("is given back where it could not be put on record, it alone, and told of when it comes again", async () => {
    const w = await world();
    let calls = 0;
    w.intercept = async ({ by, op, args }, next) => {
      if (by === "sweeper" && op === "events.append" && isFinding(args) && ++calls === 1)
        throw new Error("no");
      return await next();
    };
    const batch = [changed("MODIFY", "1"), changed("REMOVE", "2")];
    expect(await givenBack(w, ...batch)).toEqual(["1"]);
    expect(found(w).map(({ data }) => "id" in data && data.id)).toEqual(["2"]);
    expect(await givenBack(w, ...batch)).toEqual([]);
    expect(kinds(w)).toEqual(["item.touched", "item.touched"]);
  });

  it("is given back, counted, and on record once, where nobody knows what came of its append", async () => {
    const w = await world();
    let calls = 0;
    w.intercept = async ({ op, args }, next) => {
      const answer = await next();
      if (op === "events.append" && isFinding(args) && ++calls === 1) throw new Error("cut off");
      return answer;
    };
    expect(await givenBack(w, changed("MODIFY", "1"))).toEqual(["1"]);
    expect(touchedAlarms(w)).toEqual(["ItemTouched"]);
    expect(await givenBack(w, changed("MODIFY", "1"))).toEqual([]);
    expect(kinds(w)).toEqual(["item.touched"]);
  });

  it("is on record before it alarms", async () => {
    const w = await world();
    const counted: number[] = [];
    w.intercept = async ({ op, args }, next) => {
      if (op === "events.append" && isFinding(args)) counted.push(touchedAlarms(w).length);
      return await next();
    };
    await givenBack(w, changed("MODIFY", "1"));
    expect(counted).toEqual([0]);
    expect(touchedAlarms(w)).toHaveLength(1);
  });

  it("is given back where it has no number to be known by, or no time is left", async () => {
    const w = await world();
    expect(await givenBack(w, changed("MODIFY", ""))).toEqual([""]);
    let calls = 0;
    w.intercept = async ({ op, args }, next) => {
      // Another was first on that chain, and that took as long as the function may run.
      if (op === "events.append" && isFinding(args) && ++calls === 1) {
        w.clock.advance(50_000);
        return { kind: "lost", chains: [] };
      }
      return await next();
    };
    expect(await givenBack(w, changed("MODIFY", "1"), changed("REMOVE", "2"))).toEqual(["1", "2"]);
    expect(kinds(w)).toEqual([]);
  });
});

describe("what the sweeper does for requests in the same batch", () => {
  it("keeps no changed item from being told of where it fails, and is given back alone", async () => {
    const w = await world();
    const { id } = await opened(w);
    w.intercept = async ({ by, op, args }, next) => {
      if (by === "sweeper" && op === "events.load" && args[0] === `REQ#${id}`)
        throw new Error("the chain does not answer");
      return await next();
    };
    const batch = [changed("INSERT", "1", `REQ#${id}`), changed("MODIFY", "2", "SLOT#1")];
    expect(await givenBack(w, ...batch)).toEqual(["1"]);
    expect(kinds(w)).toContain("item.touched");
    expect(alarms(w)).toEqual(expect.arrayContaining(["SweepUndone", "ItemTouched"]));
  });

  it("is told of before it ends, however long that takes", async () => {
    const w = await world();
    const { id } = await opened(w);
    let go = (): void => {};
    const waits = new Promise<void>((resolve) => {
      go = resolve;
    });
    w.intercept = async ({ by, op, args }, next) => {
      if (by === "sweeper" && op === "events.load" && args[0] === `REQ#${id}`) await waits;
      return await next();
    };
    const batch = [changed("INSERT", "1", `REQ#${id}`), changed("MODIFY", "2", "SLOT#1")];
    const swept = givenBack(w, ...batch);
    await expect.poll(() => kinds(w)).toContain("item.touched");
    go();
    expect(await swept).toEqual([]);
  });

  it("is done where a change cannot be told of: what was revoked ends", async () => {
    const w = await world();
    const { id } = await opened(w);
    await w.revoke("lead", id);
    w.intercept = async ({ op, args }, next) => {
      if (op === "events.append" && isFinding(args)) throw new Error("no");
      return await next();
    };
    const batch = [changed("MODIFY", "1", "SLOT#1"), changed("INSERT", "2", `REQ#${id}`)];
    expect(await givenBack(w, ...batch)).toEqual(["1"]);
    expect(w.journal).toContainEqual(
      expect.objectContaining({ call: expect.objectContaining({ operation: "TerminateSession" }) }),
    );
  });

  it("is left to the minute's round where it fails for long, and holds up nobody's; a change never is", async () => {
    const w = await world();
    const { id } = await opened(w);
    const at = w.clock.now();
    w.intercept = async ({ by, op, args }, next) => {
      if (by === "sweeper" && op === "events.load" && args[0] === `REQ#${id}`)
        throw new Error("the chain does not answer");
      if (op === "events.append" && isFinding(args)) throw new Error("no");
      return await next();
    };
    const batch = [
      changed("INSERT", "1", `REQ#${id}`, at),
      changed("MODIFY", "2", "SLOT#1", at),
      changed("MODIFY", "3", `REQ#${id}`, at),
    ];
    expect(await givenBack(w, ...batch)).toEqual(["1", "2", "3"]);
    w.clock.advance(11_000);
    expect(await givenBack(w, ...batch)).toEqual(["2", "3"]);
  });
});
