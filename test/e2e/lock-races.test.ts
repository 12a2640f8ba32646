import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import { LOCK } from "../../core/locks.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { wholeRecord } from "../kit/record.ts";

const RACES = 300;
/** Opens that race with one lock, each of a request of its own. */
const OPENS = 4;
const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** Of the same seed the same numbers (mulberry32). */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Keys of the table's items in the order in which their transactions were committed: that of its stream. */
async function committed({ dynamodb }: TestGateway): Promise<{ pk: string; sk: string }[]> {
  const { hostname, port } = await endpointOf(dynamodb);
  const client = new DynamoDBStreamsClient({
    endpoint: `http://${hostname}:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    const { Streams } = await client.send(new ListStreamsCommand({ TableName: "events" }));
    const StreamArn = Streams?.[0]?.StreamArn;
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
    const shards = StreamDescription?.Shards ?? [];
    // In one shard the order of the records is that of the commits.
    expect(shards).toHaveLength(1);
    const [shard] = shards;
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: shard?.ShardId,
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const keys: { pk: string; sk: string }[] = [];
    let next = ShardIterator;
    while (next !== undefined) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator: next }));
      const records = page.Records ?? [];
      if (records.length === 0) break;
      for (const { dynamodb: item } of records) {
        keys.push({ pk: item?.Keys?.["pk"]?.S ?? "", sk: item?.Keys?.["sk"]?.S ?? "" });
      }
      next = page.NextShardIterator;
    }
    return keys;
  } finally {
    client.destroy();
  }
}

async function endpointOf(client: TestGateway["dynamodb"]) {
  const endpoint = await client.config.endpoint?.();
  if (endpoint === undefined) throw new Error("no endpoint");
  return endpoint;
}

/**
 * A lock and opens of what it covers, at once: by the order in which the engine committed them no intent comes
 * after the lock's event and before that of its release, and each names the event of LOCK right before it.
 */
describe.skipIf(!engineHere)("a lock against opens", () => {
  let gateway: TestGateway;
  let wishes = 0;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  const post = (who: Profile, path: string, body: unknown = {}) =>
    gateway.as(who)("POST", path, body);

  it(`T15 ${RACES} times: no intent after the lock's event (seed ${seed})`, {
    timeout: 300_000,
  }, async () => {
    const random = chance(seed);
    const places = gateway.emulator.fleet.clusters
      .find(({ name }) => name === "demo")
      ?.tasks.filter(({ service }) => service === "payments-api")
      .flatMap(({ id }) =>
        ["app", "envoy"].map((container) => ({ cluster: "demo", task: id, container })),
      );
    if (places === undefined || places.length < OPENS) throw new Error("too few containers");
    const unused: (string | undefined)[] = [];
    const asked = async (n: number): Promise<string> => {
      const target = places[n % places.length];
      const body = { target, command: "/bin/date", reason: `looking, ${++wishes}` };
      const answer = await post("dev", "/v1/requests", body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body.id;
    };
    let took = 200;
    const codes = new Map<string, number>();
    for (let round = 0; round < RACES / OPENS; round++) {
      const ids = await Promise.all(
        Array.from({ length: OPENS }, async (_, n) => unused[n] ?? (await asked(n))),
      );
      const began = performance.now();
      const locking = (async () => {
        // Somewhere within an open, as long as those take on this machine.
        await sleep(random() * 1.8 * took);
        return await post("sre", "/v1/locks", {
          subject: { kind: "person", id: "dev" },
          reason: "a race",
        });
      })();
      const opens = await Promise.all(
        ids.map(async (id, n) => {
          await sleep(random() * 20);
          const answer = await post("dev", `/v1/requests/${id}/sessions`);
          const code = answer.status === 201 ? "opened" : answer.body.code;
          unused[n] = undefined;
          const executed = (await gateway.events.load(`REQ#${id}`)).length > 1;
          if (!executed) unused[n] = id;
          const said = executed && code === "locked" ? "withheld" : code;
          codes.set(said, (codes.get(said) ?? 0) + 1);
        }),
      );
      expect(opens).toHaveLength(OPENS);
      took = Math.min(2_000, (took + performance.now() - began) / 2);
      const set = await locking;
      expect(set.status, JSON.stringify(set.body)).toBe(201);
      for (const who of ["lead", "sre"] as const) {
        await gateway.as(who)("DELETE", `/v1/locks/${set.body.id}`, {});
      }
    }
    console.log(`lock against open, seed ${seed}: ${JSON.stringify(Object.fromEntries(codes))}`);

    const record = await wholeRecord(gateway.events);
    expect(verifyChains(record).problems).toEqual([]);
    const byKey = new Map(record.map((event): [string, StoredEvent] => [keyOf(event), event]));
    const order = (await committed(gateway)).flatMap(({ pk, sk }): Event[] => {
      const event = byKey.get(`${pk} ${sk}`);
      return event === undefined ? [] : [readEvent(event)];
    });
    expect(order).toHaveLength(record.length);
    let lock = { seq: 0, stands: false };
    const late: string[] = [];
    const counted = { intents: 0, locks: 0 };
    for (const event of order) {
      if (event.chain === LOCK) {
        const stands = "locks" in event.data && (event.data.locks as unknown[]).length > 0;
        lock = { seq: event.seq, stands };
        if (event.kind === "lock.set") counted.locks++;
      }
      if (event.kind === "exec.intent") {
        counted.intents++;
        const { locks } = event.data;
        if (lock.stands) late.push(`${event.chain}: an intent under ${LOCK} #${lock.seq}`);
        if (locks !== lock.seq)
          late.push(`${event.chain}: it names #${locks} and not #${lock.seq}`);
      }
      // Nor is anything handed over that was on its way.
      if (event.kind === "session.opened" && event.data.delivered && lock.stands) {
        late.push(`${event.chain}: handed over under ${LOCK} #${lock.seq}`);
      }
    }
    expect(late).toEqual([]);
    expect(counted.locks).toBe(RACES / OPENS);
    // Where one always comes first, nothing raced.
    expect(counted.intents).toBeGreaterThan(0);
    expect((codes.get("locked") ?? 0) + (codes.get("withheld") ?? 0)).toBeGreaterThan(0);
  });
});

function keyOf({ chain, seq }: StoredEvent): string {
  return `${chain} E#${String(seq).padStart(6, "0")}`;
}
