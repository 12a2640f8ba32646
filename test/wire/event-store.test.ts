import {
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../../adapters/dynamodb-limits.ts";
import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { dynamoRefusalCounts } from "../../adapters/dynamodb-refusal-counts.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { transactItem } from "../../adapters/event-items.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { eventKey } from "../../core/append-plan.ts";
import { sha256Hex } from "../../core/digest.ts";
import { emptyTail, readEvent } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { NOW } from "../kit/build-request.ts";
import { contractRates, limitsContract, refusalCountsContract } from "../kit/counts-contract.ts";
import { engineHere, startEngine } from "../kit/engine.ts";
import { after, askedEvent, eventStoreContract, tailOf } from "../kit/event-store-contract.ts";
import { marksContract, viewsContract } from "../kit/lists-contract.ts";
import { looked } from "../kit/looks.ts";
import { watchedEvents } from "../kit/record.ts";

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
    store = watchedEvents(
      dynamoEvents({
        client,
        tableName: "events",
        tableArn: "arn",
        clock: systemClock,
        random: systemRandom,
        appendDeadlineMs: 20_000,
      }),
    );
  };
  const scan = async (): Promise<number> => {
    looked("record");
    return (await client.send(new ScanCommand({ TableName: "events" }))).Count ?? 0;
  };
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

  eventStoreContract(() => store);

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

  it("counts as appended when its event landed and a fence has moved since, token forgotten", async () => {
    const asked = askedEvent();
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

  it("does not read a text that was altered", async () => {
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

  it.each(["swept", "asked"] as const)(
    "reads no event out of an item that holds the attribute of %s beside its own",
    async (family) => {
      const event = after(emptyTail("CONF"));
      await store.append([event], []);
      const { Put } = transactItem("events", {
        kind: "put-event",
        pk: "CONF",
        sk: eventKey(1),
        event,
      });
      const Item = { ...Put?.Item, [family]: Put?.Item?.[event.family] ?? { NULL: true } };
      await client.send(new PutItemCommand({ TableName: "events", Item }));
      await expect(store.load("CONF")).rejects.toMatchObject({ code: "record_corrupt" });
      await expect(store.tip("CONF")).rejects.toMatchObject({ code: "record_corrupt" });
    },
  );

  viewsContract(() => dynamoViews({ client, tableName: "views" }));
  marksContract(() => dynamoMarks({ client, tableName: "state" }));
  limitsContract(() => dynamoLimits({ client, tableName: "state", rates: contractRates }));
  refusalCountsContract(() => dynamoRefusalCounts({ client, tableName: "state" }));
});
