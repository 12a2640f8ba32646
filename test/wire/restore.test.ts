import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { scanEvents } from "../../adapters/dynamodb-scan.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { ViewIndex } from "../../core/views.ts";
import { projectorFunction } from "../../lambdas/projector/function.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { listRebuilding } from "../../recovery/rebuild-lists.ts";
import { openRecovery } from "../../recovery/recovery.ts";
import { type CommandLine, commandLine } from "../cli/command-line.ts";
import { engineHere, startEngine } from "../kit/engine.ts";
import { looked } from "../kit/looks.ts";
import { type World, world } from "../world/world.ts";

const principal = "111122223333:AROARECOVERYEXAMPLE00:olga";
const oldArn = "arn:aws:dynamodb:us-east-1:111122223333:table/events";
const MINUTE = 60_000;
let worlds = 40_000;

describe.skipIf(!engineHere)("sallyport restore, on a real engine", () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  let made = 0;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => {
    engine.client.destroy();
    engine.stop();
  });
  const anew = async (): Promise<void> => {
    await engine.client.send(new DeleteTableCommand({ TableName: "events" }));
    await engine.createEvents();
  };
  beforeEach(anew);

  const storeOf = (tableName: string, tableArn: string): EventStore =>
    dynamoEvents({
      client: engine.client,
      tableName,
      tableArn,
      clock: systemClock,
      appendDeadlineMs: 20_000,
      random: systemRandom,
    });

  async function begun(): Promise<World> {
    const w = await world({
      seed: ++worlds,
      activate: false,
      store: () => storeOf("events", oldArn),
    });
    const set = { ...rulesHere(), reason: "the first set" };
    expect((await w.call("operator", "POST", "/v1/activations", set)).status).toBe(200);
    return w;
  }

  async function granted(w: World): Promise<string> {
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    await w.approve("sre", id);
    return id;
  }

  /** The functions on a copy of the table as it is now, with the same ECS and the same clock. */
  async function restored(w: World): Promise<{ r: World; table: string; arn: string }> {
    const table = `restored-${++made}`;
    const arn = await engine.copyEvents(table);
    const r = await world({
      seed: ++worlds,
      onto: { tables: w.tables, tableArn: arn, clock: w.clock, aws: w.aws },
      store: () => storeOf(table, arn),
    });
    return { r, table, arn };
  }

  const operator = (w: World, typed?: string): CommandLine =>
    commandLine(() => ({ body: {} }), {
      ...(typed === undefined ? {} : { typed }),
      recovery: ({ table }) =>
        openRecovery({
          client: engine.client,
          tableName: table,
          // The world's time, and the engine's pauses.
          clock: { now: () => w.clock.now(), sleep: (ms) => systemClock.sleep(ms) },
          random: systemRandom,
          principal,
        }),
      lists: async ({ table, views }) =>
        listRebuilding({
          client: engine.client,
          tableName: table,
          viewsTable: views,
          clock: systemClock,
          random: systemRandom,
        }),
    });

  const everything = async (tableName: string): Promise<StoredEvent[]> => {
    looked("record");
    const all: StoredEvent[] = [];
    for await (const { events } of scanEvents({ client: engine.client, tableName })) {
      all.push(...events);
    }
    return all;
  };

  it("T80 a used grant stays used after a restore to five minutes earlier, and a fresh request works", async () => {
    const w = await begun();
    const used = await granted(w);
    const waits = (await w.ask()).body;
    const { r, table } = await restored(w);
    w.clock.advance(5 * MINUTE);
    expect((await w.open("dev", used)).status).toBe(201);
    expect((await w.revoke("lead", waits.id)).status).toBe(200);
    const [session] = w.aws.running();

    expect((await r.open("dev", used)).body.code).toBe("sealed");
    const line = operator(w);
    const refused = await line.run("restore", "--table", table);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("nobody is here to agree to it");
    expect(refused.stdout).toContain("1 pending, 1 granted");
    expect((await r.open("dev", used)).body.code).toBe("sealed");

    const done = await line.run("restore", "--table", table, "--yes", "--json");
    expect(done.exitCode, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      done: true,
      fences: [2],
      broken: [],
      look: { kind: "sealed", voids: { pending: 1, granted: 1 } },
    });
    expect((await r.open("dev", used)).body.code).toBe("request_closed");
    const old = { decision: "approve", digest: waits.digest };
    const late = await r.call("lead", "POST", `/v1/requests/${waits.id}/decisions`, old);
    expect(late.body).toMatchObject({ code: "request_closed", requestStatus: "revoked" });
    const fresh = await granted(r);
    await r.sweep();
    expect(r.aws.running().map(({ sessionId }) => sessionId)).not.toContain(session?.sessionId);
    expect((await r.open("dev", fresh)).status).toBe(201);
    expect(verifyChains(await everything(table)).problems).toEqual([]);

    const again = await line.run("restore", "--table", table, "--yes", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ done: true, fences: [] });
    expect(again.exitCode).toBe(0);
  });

  it("writes nothing with --dry-run, nor for who types another name", async () => {
    const w = await begun();
    const { table } = await restored(w);
    const before = (await everything(table)).length;
    const dry = await operator(w).run("restore", "--table", table, "--dry-run");
    expect(dry.exitCode, dry.stderr).toBe(0);
    expect(dry.stdout).toContain("this is sealed");
    const mistyped = await operator(w, "another").run("restore", "--table", table);
    expect(mistyped.exitCode).toBe(1);
    expect(await everything(table)).toHaveLength(before);
    const typed = await operator(w, table).run("restore", "--table", table);
    expect(typed.exitCode, typed.stderr).toBe(0);
    expect(await everything(table)).toHaveLength(before + 1);
  });

  it("opens nothing that does not verify, but for who says so", async () => {
    const w = await begun();
    const id = await granted(w);
    const chain = `REQ#${id}`;
    const tip = await w.events.tip(chain);
    if (tip === undefined) throw new Error("no chain");
    const seq = tip.seq + 1;
    const junk: StoredEvent = { ...tip, seq, leaf: tip.leaf, nonce: "00".repeat(16) };
    const leaf = junk.leaf
      .replace(/"seq":\d+,"v"/, `"seq":${seq},"v"`)
      .replace(/"eventId":"[0-9a-z]{3}/, '"eventId":"000');
    expect(await w.events.append([{ ...junk, leaf }], [])).toEqual({ kind: "appended" });
    const { table, r } = await restored(w);
    const refused = await operator(w).run("restore", "--table", table, "--yes");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("does not verify: 1 problem");
    expect(refused.stdout).toContain(chain);
    expect((await r.ask()).body.code).toBe("sealed");
    const forced = await operator(w).run("restore", "--table", table, "--yes", "--even-if-broken");
    expect(forced.exitCode, forced.stderr).toBe(0);
    expect((await r.ask()).status).toBe(201);
    expect((await r.open("dev", id)).body.code).toBe("record_corrupt");
  });

  it("puts back what an export still has: a use, a lock and rules that the table has lost", async () => {
    const w = await begun();
    const used = await granted(w);
    const { r, table } = await restored(w);
    w.clock.advance(MINUTE);
    expect((await w.open("dev", used)).status).toBe(201);
    const lock = { subject: { kind: "person", id: "bot" }, reason: "leaked" };
    expect((await w.call("sre", "POST", "/v1/locks", lock)).status).toBe(201);
    const others = rulesHere();
    const set = { ...others, policies: `${others.policies}\n// later`, reason: "later" };
    const { body } = await w.call("operator", "POST", "/v1/activations", set);
    for (const who of ["lead", "sre"] as const) await w.approve(who, body.request.id);
    const all = await everything("events");
    const texts = [...new Set(all.flatMap(textsIn))];
    const line = operator(w);
    const file = join(line.folder, "record.jsonl");
    const lines = [
      ...all,
      ...(await Promise.all(
        texts.map(async (hash) => ({ hash, text: await w.events.getText(hash) })),
      )),
    ];
    writeFileSync(file, lines.map((one) => `${JSON.stringify(one)}\n`).join(""));

    const put = ["restore", "--table", table, "--from-export", file];
    const dry = await line.run(...put, "--dry-run");
    expect(dry.stdout).toContain("other rules: #2, which only the export knows");

    const done = await line.run(...put, "--yes", "--json");
    expect(done.exitCode, done.stderr).toBe(0);
    const told = JSON.parse(done.stdout);
    expect(told).toMatchObject({ done: true, fences: [3], look: { ends: [used] } });
    expect(told.putBack).toBeGreaterThan(6);
    expect((await r.call("sre", "GET", "/v1/locks")).body.items).toHaveLength(1);
    const conf = (await r.events.load("CONF")).map(readEvent);
    expect(conf.map(({ kind }) => kind)).toEqual([
      "policy.activated",
      "policy.activated",
      "restore.fence",
    ]);
    expect((await r.ask()).status).toBe(201);
    await r.sweep();
    expect(r.aws.running()).toEqual([]);
    expect(verifyChains(await everything(table)).problems).toEqual([]);

    // An export of another record.
    await anew();
    await begun();
    await engine.copyEvents(`restored-${++made}`);
    const mixed = await line.run(
      "restore",
      "--table",
      `restored-${made}`,
      "--from-export",
      file,
      "--yes",
    );
    expect(mixed.exitCode).toBe(1);
    expect(mixed.stderr).toContain("another event in the export");
  });

  it("files every request anew when the lists are lost, and what a restore has voided as what it is", async () => {
    const w = await begun();
    const ids = [await granted(w), await granted(w)];
    const pending: string = (await w.ask()).body.id;
    const { table } = await restored(w);
    const views = dynamoViews({ client: engine.client, tableName: "views" });
    const projector = projectorFunction({
      events: w.events,
      views,
      log: { info: () => undefined, error: () => undefined },
    });
    await w.revoke("lead", pending);
    for (const id of [...ids, pending]) {
      await projector({
        Records: [{ eventName: "INSERT", dynamodb: { Keys: { pk: { S: `REQ#${id}` } } } }],
      });
    }
    const listed = async (stage: Extract<ViewIndex, { by: "stage" }>["stage"]) =>
      (
        await views.page(
          { by: "stage", stage },
          { from: 0, to: w.clock.now() + MINUTE },
          undefined,
          100,
        )
      ).rows
        .map(({ id }) => id)
        .filter((id) => [...ids, pending].includes(id))
        .toSorted();
    expect(await listed("approved")).toEqual(ids.toSorted());
    expect(await listed("revoked")).toEqual([pending]);
    const line = operator(w);
    // The copy is older: there it still waits, though its row says more.
    const rebuild = ["views", "rebuild", "--table", table, "--views", "views"];
    const first = await line.run(...rebuild);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(await listed("pending")).toEqual([pending]);
    await line.run("restore", "--table", table, "--yes");
    const second = await line.run(...rebuild, "--json");
    expect(JSON.parse(second.stdout)).toEqual({ filed: 3, failed: [] });
    expect(await listed("pending")).toEqual([]);
    expect(await listed("revoked")).toEqual([...ids, pending].toSorted());
    // Lost as a whole.
    await line.run(...rebuild);
    expect(await listed("revoked")).toEqual([...ids, pending].toSorted());
  });
});

function textsIn(stored: StoredEvent): string[] {
  const event = readEvent(stored);
  if (!("texts" in event.data)) return [];
  const { policies, schema, directory } = event.data.texts;
  return [policies, schema, directory];
}
