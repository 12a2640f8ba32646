import { describe, expect, it } from "vitest";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { utcDay } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import { duePartition, SETTLE_MS } from "../../core/due.ts";
import {
  type ChainTail,
  emptyTail,
  nextEvent,
  type StoredEvent,
  tailAfter,
} from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { EventStore } from "../../core/event-store.ts";
import type { CallOnRecord } from "../../core/kinds/watched.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { NOW, permit, roadOf, rules } from "./build-request.ts";

const seenCall: CallOnRecord = {
  cloudTrailId: "one",
  name: "ExecuteCommand",
  at: NOW,
  place: { account: "1", region: "r" },
  caller: "c",
  sourceIdentity: null,
  sessionName: null,
  about: null,
  sessionId: null,
  error: null,
};

/** The first set comes into force by itself, each later one by a request. */
const activated = (request: string | null): EventBody => ({
  kind: "policy.activated",
  data: {
    texts: { policies: "", schema: "", directory: "", engine: "" },
    tableArn: "arn",
    request,
    rules: [],
  },
  values: { reason: "because" },
});

/** The next event on the rules' chain. */
export function after(tail: ChainTail, now = NOW): StoredEvent {
  return nextEvent(tail, activated(tail.seq === 0 ? null : String(tail.seq).padStart(26, "0")), {
    actor: { kind: "person", person: "operator", principal: "111122223333:AIDA" },
    configuration: { seq: 0, hash: "" },
    now,
    random: systemRandom,
  });
}

export const tailOf = (events: StoredEvent[]): ChainTail =>
  events.reduce(tailAfter, emptyTail("CONF"));

/** The first event of a request. */
export function askedEvent(): StoredEvent {
  const [asked] = roadOf(rules([permit("one", "sre:1")])).stored;
  if (asked === undefined) throw new Error("no event");
  return asked;
}

/** A request that is opened, up to its `session.opened`. */
function openedRoad(sessionId: string): StoredEvent[] {
  const road = roadOf(rules([permit("one", "sre:1")]));
  road.decide("sre");
  const { intent, chosen } = road.open();
  road.add(intent, "dev");
  road.add(
    {
      kind: "session.opened",
      data: {
        attempt: 1,
        sessionId,
        clusterArn: chosen.task.clusterArn,
        taskArn: chosen.task.taskArn,
        containerArn: chosen.container.containerArn,
        containerName: chosen.container.name,
        delivered: true,
        withheld: null,
      },
      values: {},
    },
    "dev",
  );
  return road.stored;
}

/**
 * What every event store does, whatever it is kept in: what is said at the port, and nothing else. Each test gets
 * an empty one.
 */
export function eventStoreContract(store: () => EventStore): void {
  describe("as its port promises", () => {
    it("loads what was appended, in order, from a number on, and its tip", async () => {
      const one = after(emptyTail("CONF"));
      const two = after(tailOf([one]));
      expect(await store().append([one, two], [])).toEqual({ kind: "appended" });
      expect(await store().load("CONF")).toEqual([one, two]);
      expect(await store().load("CONF", 1)).toEqual([two]);
      expect(await store().tip("CONF")).toEqual(two);
      expect(await store().load("REQ#none")).toEqual([]);
      expect(await store().tip("REQ#none")).toBeUndefined();
    });

    it("puts 50 events of 50 writers on one chain without a gap", async () => {
      const writer = async (): Promise<void> => {
        for (;;) {
          const event = after(tailOf(await store().load("CONF")));
          if ((await store().append([event], [])).kind === "appended") return;
          await systemClock.sleep(((systemRandom(1)[0] ?? 0) / 256) * 100);
        }
      };
      await Promise.all(Array.from({ length: 50 }, writer));
      const events = await store().load("CONF");
      expect(events.map((e) => e.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(verifyChains(events)).toEqual({ chains: 1, events: 50, problems: [] });
    });

    it("tells which chain was lost to somebody else, and leaves theirs as it was", async () => {
      const theirs = after(emptyTail("CONF"));
      await store().append([theirs], []);
      expect(await store().append([after(emptyTail("CONF"))], [])).toEqual({
        kind: "lost",
        chains: ["CONF"],
      });
      expect(await store().load("CONF")).toEqual([theirs]);
      expect((await store().day(utcDay(NOW))).events).toEqual([theirs]);
    });

    it("writes nothing when a fenced chain has moved", async () => {
      const asked = askedEvent();
      await store().append([after(emptyTail("CONF"))], []);
      expect(await store().append([asked], [{ chain: "CONF", seq: 0 }])).toEqual({
        kind: "lost",
        chains: ["CONF"],
      });
      expect(await store().load(asked.chain)).toEqual([]);
      expect((await store().day(utcDay(NOW))).events).toHaveLength(1);
      expect(await store().append([asked], [{ chain: "CONF", seq: 1 }])).toEqual({
        kind: "appended",
      });
    });

    it("writes nothing of several events when one of their numbers is taken", async () => {
      const asked = askedEvent();
      await store().append([after(emptyTail("CONF"))], []);
      expect(await store().append([asked, after(emptyTail("CONF"))], [])).toEqual({
        kind: "lost",
        chains: ["CONF"],
      });
      expect(await store().load(asked.chain)).toEqual([]);
    });

    it("counts as appended when its event landed and a fence has moved since", async () => {
      const asked = askedEvent();
      const fences = [{ chain: "CONF", seq: 0 }];
      await store().append([asked], fences);
      expect(await store().append([asked], fences)).toEqual({ kind: "appended" });
      await store().append([after(emptyTail("CONF"))], []);
      const again = { ...asked };
      expect(await store().append([again], [{ chain: "CONF", seq: 0 }])).toEqual({
        kind: "appended",
      });
      expect(await store().load(asked.chain)).toEqual([asked]);
    });

    it("does not take another's event of the same number for its own", async () => {
      const theirs = after(emptyTail("CONF"));
      const mine = { ...theirs, nonce: after(emptyTail("CONF")).nonce };
      await store().append([theirs], []);
      expect((await store().append([mine], [])).kind).toBe("lost");
    });

    it("keeps a text of more than an item's size, put once or twice", async () => {
      const text = "ä€😀x".repeat(40_000);
      const hash = sha256Hex(text);
      await store().putText(hash, text);
      await store().putText(hash, text);
      expect(await store().getText(hash)).toBe(text);
      expect(await store().getText(sha256Hex("absent"))).toBeUndefined();
    });

    it("pages a day's events in their order with none missing", async () => {
      const events: StoredEvent[] = [];
      for (let n = 0; n < 230; n++) events.push(after(tailOf(events.slice(-1)), NOW + n));
      for (let n = 0; n < events.length; n += 10) {
        await store().append(events.slice(n, n + 10), []);
      }
      const tomorrow = after(tailOf(events.slice(-1)), NOW + 86_400_000);
      await store().append([tomorrow], []);
      const read: StoredEvent[] = [];
      const pages: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await store().day(utcDay(NOW), cursor);
        read.push(...page.events);
        pages.push(page.events.length);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(pages).toEqual([100, 100, 30]);
      expect(read).toEqual(events);
      expect((await store().day(utcDay(NOW + 86_400_000))).events).toEqual([tomorrow]);
    });

    it("finds the chain of a session, and of one that was never opened none", async () => {
      const stored = openedRoad("ecs-execute-command-1");
      await store().append(stored, []);
      expect(await store().chainsOfSession("ecs-execute-command-1")).toEqual([stored[0]?.chain]);
      expect(await store().chainsOfSession("ecs-execute-command-2")).toEqual([]);
    });

    it("knows what the watcher found by its keys, and takes each once", async () => {
      const found = (cloudTrailId: string, tail = emptyTail("WATCH#1#1")): StoredEvent =>
        nextEvent(
          tail,
          {
            kind: "call.matched",
            data: {
              call: { ...seenCall, cloudTrailId },
              request: "q",
              attempt: 1,
            },
            values: {},
          },
          {
            actor: { kind: "gateway", function: "watcher", principal: "w" },
            configuration: { seq: 0, hash: "" },
            now: NOW,
            random: systemRandom,
          },
        );
      const first = found("one");
      expect(await store().append([first], [])).toEqual({ kind: "appended" });
      const there = { chain: first.chain, seq: 1 };
      expect(await store().watched("call:one")).toEqual(there);
      expect(await store().watched("exec:q.1")).toEqual(there);
      expect(await store().watched("call:on")).toBeUndefined();
      // Another call of the same attempt, after it on the chain.
      const second = found("two", tailAfter(emptyTail(first.chain), first));
      expect((await store().append([second], [])).kind).toBe("lost");
      expect(await store().load(first.chain)).toEqual([first]);
      expect(await store().watched("call:two")).toBeUndefined();
    });

    it("knows the uses of the last resort, the last call first, and the calls of each", async () => {
      let tail = emptyTail("WATCH#1#1");
      const used = async (
        cloudTrailId: string,
        session: string | null,
        name: "ExecuteCommand" | "AssumeRole" = "ExecuteCommand",
      ): Promise<StoredEvent> => {
        const body = {
          kind: "last_resort.used" as const,
          data: { call: { ...seenCall, cloudTrailId, name }, session },
          values: {},
        };
        const event = nextEvent(tail, body, {
          actor: { kind: "gateway", function: "watcher", principal: "w" },
          configuration: { seq: 0, hash: "" },
          now: NOW + tail.seq,
          random: systemRandom,
        });
        await store().append([event], []);
        tail = tailAfter(tail, event);
        return event;
      };
      const first = await used("one", "ASIA1");
      for (let n = 0; n < 30; n++) await used(`n${n}`, "ASIA2");
      const late = await used("late", "ASIA1", "AssumeRole");
      await used("alone", null);
      const { calls, cursor } = await store().lastResortCalls();
      expect(calls.slice(0, 3).map(({ use, seq }) => [use, seq])).toEqual([
        ["call:alone", 33],
        ["ASIA1", 32],
        ["ASIA2", 31],
      ]);
      const rest = await store().lastResortCalls(cursor);
      expect(calls.length + rest.calls.length).toBe(33);
      expect(rest.calls.at(-1)).toMatchObject({ chain: first.chain, seq: 1, use: "ASIA1" });
      // Behind any of them it goes on with the next.
      const behind = await store().lastResortCalls(calls[1]?.cursor);
      expect(behind.calls[0]).toEqual(calls[2]);
      expect(rest.cursor).toBeUndefined();
      // By which the role was taken up comes first, however late AWS told of it.
      const places = [late, first].map(({ chain, seq, leaf }) => ({
        chain,
        seq,
        eventId: JSON.parse(leaf).eventId,
      }));
      expect(await store().callsOfUse("ASIA1")).toEqual(places);
      expect(await store().callsOfUse("ASIA")).toEqual([]);
      expect(await store().event({ chain: first.chain, seq: 1 })).toEqual(first);
      expect(await store().event({ chain: first.chain, seq: 34 })).toBeUndefined();
    });

    it("tells what is due in a minute and not after the instant asked for", async () => {
      const stored = openedRoad("ecs-execute-command-1");
      await store().append(stored, []);
      const chain = stored[0]?.chain;
      const intent = stored.findIndex(({ leaf }) => leaf.includes('"kind":"exec.intent"')) + 1;
      const at = JSON.parse(stored[intent - 1]?.leaf ?? "").at + SETTLE_MS;
      expect(await store().due(at)).toContainEqual({ chain, seq: intent });
      const before = await store().due(at - 1);
      expect(before.filter(({ seq }) => seq === intent)).toEqual([]);
      // An hour later is another partition, in which nothing of it stands.
      expect(duePartition(at + 3_600_000)).not.toBe(duePartition(at));
      expect(await store().due(at + 3 * 3_600_000)).toEqual([]);
    });

    it("refuses a plan with a gap before anything is written", async () => {
      const one = after(emptyTail("CONF"));
      const three = after(tailOf([one, after(tailOf([one]))]));
      await expect(store().append([one, three], [])).rejects.toThrow(TypeError);
      expect(await store().load("CONF")).toEqual([]);
    });
  });
}
