import {
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { transactItem } from "../../adapters/event-items.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { eventKey } from "../../core/append-plan.ts";
import { utcDay } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import {
  type ChainTail,
  emptyTail,
  nextEvent,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { EventStore } from "../../core/event-store.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { ViewRow } from "../../core/views.ts";
import { NOW, permit, roadOf, rules } from "../kit/build-request.ts";
import { engineHere, startEngine } from "../kit/engine.ts";

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

function after(tail: ChainTail, now = NOW): StoredEvent {
  return nextEvent(tail, activated(tail.seq === 0 ? null : "0".repeat(26)), {
    actor: { kind: "person", person: "operator", principal: "111122223333:AIDA" },
    configuration: { seq: 0, hash: "" },
    now,
    random: systemRandom,
  });
}

const tailOf = (events: StoredEvent[]): ChainTail => events.reduce(tailAfter, emptyTail("CONF"));

describe.skipIf(!engineHere)("the event store", () => {
  let client: DynamoDBClient;
  let stop = (): void => {};
  let store: EventStore;
  /** What is done to each transaction on its way: the n-th, counted from 1, of this test. */
  let onSend: (n: number, send: (withoutToken: boolean) => Promise<unknown>) => Promise<unknown>;
  let sent = 0;

  // A fresh engine for each test: every chain is then the only one.
  const fresh = async (): Promise<void> => {
    const engine = await startEngine();
    client = engine.client;
    stop = engine.stop;
    sent = 0;
    onSend = (_, send) => send(false);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "TransactWriteItemsCommand") return next(args);
        sent += 1;
        const answer = await onSend(sent, (withoutToken) => {
          const { ClientRequestToken: _, ...rest } = args.input as TransactWriteItemsCommandInput;
          return next(withoutToken ? { ...args, input: rest } : args);
        });
        return answer as Awaited<ReturnType<typeof next>>;
      },
      { step: "initialize", name: "onSend", priority: "high" },
    );
    store = dynamoEvents({
      client,
      tableName: "events",
      tableArn: "arn",
      clock: systemClock,
      random: systemRandom,
      appendDeadlineMs: 20_000,
    });
  };
  const scan = async (): Promise<number> =>
    (await client.send(new ScanCommand({ TableName: "events" }))).Count ?? 0;
  const cancelled = (code: string): TransactionCanceledException =>
    new TransactionCanceledException({
      $metadata: {},
      message: code,
      CancellationReasons: [{ Code: code }, { Code: "None" }],
    });

  beforeAll(fresh);
  afterEach(async () => {
    stop();
    await fresh();
  });
  afterAll(() => stop());

  it("loads what was appended, in order, from a number on, and its tip", async () => {
    const one = after(emptyTail("CONF"));
    const two = after(tailOf([one]));
    expect(await store.append([one, two], [])).toEqual({ kind: "appended" });
    expect(await store.load("CONF")).toEqual([one, two]);
    expect(await store.load("CONF", 1)).toEqual([two]);
    expect(await store.tip("CONF")).toEqual(two);
    expect(await store.load("REQ#none")).toEqual([]);
    expect(await store.tip("REQ#none")).toBeUndefined();
  });

  it("puts 50 events of 50 writers on one chain without a gap", async () => {
    const writer = async (): Promise<void> => {
      for (;;) {
        const event = after(tailOf(await store.load("CONF")));
        if ((await store.append([event], [])).kind === "appended") return;
        await systemClock.sleep(((systemRandom(1)[0] ?? 0) / 256) * 100);
      }
    };
    await Promise.all(Array.from({ length: 50 }, writer));
    const events = await store.load("CONF");
    expect(events.map((e) => e.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(verifyChains(events)).toEqual({ chains: 1, events: 50, problems: [] });
  });

  it("tells which chain was lost to somebody else, and leaves theirs as it was", async () => {
    const theirs = after(emptyTail("CONF"));
    await store.append([theirs], []);
    expect(await store.append([after(emptyTail("CONF"))], [])).toEqual({
      kind: "lost",
      chains: ["CONF"],
    });
    expect(await store.load("CONF")).toEqual([theirs]);
    expect(await scan()).toBe(2);
  });

  it("writes nothing when a fenced chain has moved", async () => {
    const [asked] = roadOf(rules([permit("one", "sre:1")])).stored;
    if (asked === undefined) throw new Error("no event");
    const first = after(emptyTail("CONF"));
    await store.append([first], []);
    expect(await store.append([asked], [{ chain: "CONF", seq: 0 }])).toEqual({
      kind: "lost",
      chains: ["CONF"],
    });
    expect(await store.load(asked.chain)).toEqual([]);
    expect(await scan()).toBe(2);
    expect(await store.append([asked], [{ chain: "CONF", seq: 1 }])).toEqual({ kind: "appended" });
  });

  it.each([false, true])(
    "T09 finds its own write after a lost answer (token forgotten: %s)",
    async (forgotten) => {
      onSend = async (n, send) => {
        const answer = await send(forgotten);
        if (n === 1) throw new Error("socket hang up");
        return answer;
      };
      const event = after(emptyTail("CONF"));
      expect(await store.append([event], [])).toEqual({ kind: "appended" });
      expect(sent).toBe(2);
      expect(await store.load("CONF")).toEqual([event]);
      expect(await scan()).toBe(2);
    },
  );

  it("counts as appended when its event landed and a fence has moved since", async () => {
    const [asked] = roadOf(rules([permit("one", "sre:1")])).stored;
    if (asked === undefined) throw new Error("no event");
    onSend = (_, send) => send(true);
    const fences = [{ chain: "CONF", seq: 0 }];
    await store.append([asked], fences);
    await store.append([after(emptyTail("CONF"))], []);
    expect(await store.append([asked], fences)).toEqual({ kind: "appended" });
    expect(await store.load(asked.chain)).toEqual([asked]);
  });

  it.each(["TransactionConflict", "ThrottlingError"])(
    "T08, T10: tries again after %s and loses nothing",
    async (code) => {
      onSend = async (n, send) => {
        if (n <= 3) throw cancelled(code);
        return send(false);
      };
      const event = after(emptyTail("CONF"));
      expect(await store.append([event], [])).toEqual({ kind: "appended" });
      expect(sent).toBe(4);
      expect(await store.load("CONF")).toEqual([event]);
    },
  );

  it("T08 gives up at its deadline with a code, having written nothing", async () => {
    const clock = { now: () => 0, sleep: async () => {} };
    let passed = 0;
    const hurried = dynamoEvents({
      client,
      tableName: "events",
      tableArn: "arn",
      clock: { ...clock, now: () => (passed += 3_000) },
      random: systemRandom,
    });
    onSend = () => Promise.reject(cancelled("TransactionConflict"));
    const event = after(emptyTail("CONF"));
    await expect(hurried.append([event], [])).rejects.toMatchObject({ code: "record_conflict" });
    onSend = () => Promise.reject(new Error("connection refused"));
    await expect(hurried.append([event], [])).rejects.toMatchObject({ code: "record_unavailable" });
    expect(await scan()).toBe(0);
  });

  it("keeps a text of more than an item's size, and does not read one that was altered", async () => {
    const text = "ä€😀x".repeat(40_000);
    const hash = sha256Hex(text);
    await store.putText(hash, text);
    await store.putText(hash, text);
    expect(await store.getText(hash)).toBe(text);
    expect(await store.getText(sha256Hex("absent"))).toBeUndefined();
    await client.send(
      new PutItemCommand({
        TableName: "events",
        Item: { pk: { S: `TEXT#${hash}` }, sk: { S: "P#000" }, text: { S: "altered" } },
      }),
    );
    await expect(store.getText(hash)).rejects.toMatchObject({ code: "record_corrupt" });
  });

  it("pages a day's events in their order with none missing", async () => {
    const events: StoredEvent[] = [];
    for (let n = 0; n < 230; n++) events.push(after(tailOf(events.slice(-1)), NOW + n));
    for (let n = 0; n < events.length; n += 10) await store.append(events.slice(n, n + 10), []);
    const tomorrow = after(tailOf(events.slice(-1)), NOW + 86_400_000);
    await store.append([tomorrow], []);
    const read: StoredEvent[] = [];
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.day(utcDay(NOW), cursor);
      read.push(...page.events);
      pages.push(page.events.length);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([100, 100, 30]);
    expect(read).toEqual(events);
    expect((await store.day(utcDay(NOW + 86_400_000))).events).toEqual([tomorrow]);
  });

  it("shows an event put over another by hand", async () => {
    const one = after(emptyTail("CONF"));
    const two = after(tailOf([one]));
    await store.append([one, two], []);
    const forged = after(emptyTail("CONF"), NOW + 1);
    const { Put } = transactItem("events", {
      kind: "put-event",
      pk: "CONF",
      sk: eventKey(1),
      event: forged,
    });
    await client.send(new PutItemCommand({ TableName: "events", Item: Put?.Item }));
    const events = await store.load("CONF");
    expect(readEvent(events[0] ?? forged).at).toBe(NOW + 1);
    expect(verifyChains(events).problems).toEqual([
      { chain: "CONF", seq: 2, what: "it does not hash the event before it" },
    ]);
  });

  describe("the lists", () => {
    const row = (n: number, change: Partial<ViewRow> = {}): ViewRow => ({
      id: `r${String(n).padStart(3, "0")}`,
      seq: 1,
      stage: "pending",
      requester: "dev",
      readers: { requester: "dev", deciders: [], groups: ["sre"], resource: { kind: "gateway" } },
      resource: "arn:api",
      askedAt: NOW + n * 1_000,
      ...change,
    });
    const all = { from: NOW, to: NOW + 1_000_000 };

    it("moves a row only forwards", async () => {
      const views = dynamoViews({ client, tableName: "views" });
      await views.put(row(1, { seq: 3, stage: "approved" }));
      await views.put(row(1, { seq: 2, stage: "pending" }));
      await views.put(row(1, { seq: 3, stage: "denied" }));
      expect(await views.seqOf("r001")).toBe(3);
      expect(await views.seqOf("none")).toBe(0);
      const stage = async (stage: ViewRow["stage"]) =>
        (await views.page({ by: "stage", stage }, all, undefined, 10)).rows.map(({ id }) => id);
      expect(await stage("approved")).toEqual(["r001"]);
      expect([...(await stage("pending")), ...(await stage("denied"))]).toEqual([]);
      await views.put(row(1, { seq: 4, stage: "closed" }));
      expect(await stage("closed")).toEqual(["r001"]);
      expect(await stage("approved")).toEqual([]);
    });

    it("pages newest first within the range, by every index", async () => {
      const views = dynamoViews({ client, tableName: "views" });
      for (let n = 0; n < 25; n++) await views.put(row(n));
      await views.put(row(30, { requester: "bot", resource: "", stage: "denied" }));
      const newestFirst = Array.from({ length: 25 }, (_, n) => row(24 - n).id);
      for (const index of [
        { by: "requester", requester: "dev" },
        { by: "stage", stage: "pending" },
        { by: "resource", resource: "arn:api" },
      ] as const) {
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await views.page(index, all, cursor, 10);
          ids.push(...page.rows.map(({ id }) => id));
          cursor = page.more ? page.rows.at(-1)?.sort : undefined;
        } while (cursor !== undefined);
        expect(ids).toEqual(newestFirst);
      }
      const day = { by: "day", day: utcDay(NOW) } as const;
      const range = { from: NOW + 3_000, to: NOW + 5_000 };
      const paged = async (within: typeof all, limit: number) =>
        (await views.page(day, within, undefined, limit)).rows;
      expect((await paged(range, 10)).map(({ id }) => id)).toEqual(["r005", "r004", "r003"]);
      const [newest] = await paged(all, 1);
      expect(newest).toMatchObject({ id: "r030", readers: row(30).readers });
    });
  });
});
