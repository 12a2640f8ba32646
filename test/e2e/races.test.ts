import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { backOff } from "../../core/back-off.ts";
import { emptyTail, nextEvent, tailAfter } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

const wish = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/ls /tmp",
  reason: "looking",
};

describe.skipIf(!engineHere)("races", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  /** Keys of the events table in the order in which they were written: the engine's stream is one shard. */
  async function written(): Promise<string[]> {
    const endpoint = await gateway.dynamodb.config.endpoint?.();
    if (endpoint === undefined) throw new Error("no endpoint");
    const streams = new DynamoDBStreamsClient({
      endpoint: `http://${endpoint.hostname}:${endpoint.port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    const { Table } = await gateway.dynamodb.send(
      new DescribeTableCommand({ TableName: "events" }),
    );
    const StreamArn = Table?.LatestStreamArn ?? "";
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const shards = StreamDescription?.Shards ?? [];
    expect(shards).toHaveLength(1);
    let { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: shards[0]?.ShardId ?? "",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const keys: string[] = [];
    for (let empty = 0; ShardIterator !== undefined && empty < 3; ) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
      for (const record of page.Records ?? []) {
        keys.push(`${record.dynamodb?.Keys?.["pk"]?.S} ${record.dynamodb?.Keys?.["sk"]?.S}`);
      }
      empty = (page.Records ?? []).length === 0 ? empty + 1 : 0;
      ShardIterator = page.NextShardIterator;
    }
    return keys;
  }

  it("decides nothing under an old set after the event that activated a new one: 200 decisions, 2 activations", async () => {
    const ids: { id: string; digest: string }[] = [];
    for (let i = 0; i < 200; i += 20) {
      const asked = await Promise.all(
        Array.from({ length: 20 }, () => gateway.as("dev")("POST", "/v1/requests", wish)),
      );
      ids.push(...asked.map((a) => ({ id: a.body.id, digest: a.body.digest })));
    }
    const texts = rulesHere();
    const activate = async (n: number): Promise<void> => {
      // Only a comment at the end changes: the rules' own texts stay, so that their cards stand.
      const asked = await gateway.as("operator")("POST", "/v1/activations", {
        ...texts,
        policies: `${texts.policies}\n// set ${n}\n`,
        reason: `set ${n}`,
      });
      expect(asked.status, JSON.stringify(asked.body)).toBe(202);
      for (let attempt = 0; ; attempt++) {
        const said = await gateway.as("sre")(
          "POST",
          `/v1/requests/${asked.body.request.id}/decisions`,
          {
            decision: "approve",
            digest: asked.body.request.digest,
          },
        );
        if (said.status === 200) return;
        expect(said.body.code).toBe("record_conflict");
        expect(attempt).toBeLessThan(20);
      }
    };
    // Ten deciders at a time; each activation starts in the middle of them, and the last decisions wait for it.
    let second: Promise<void> | undefined;
    let third: Promise<void> | undefined;
    let at = 0;
    const answers: Awaited<ReturnType<ReturnType<TestGateway["as"]>>>[] = [];
    const decider = async (): Promise<void> => {
      for (let i = at++; i < ids.length; i = at++) {
        if (i === 40) second = activate(2);
        if (i === 110) third = activate(3);
        if (i >= 100) await second;
        if (i >= 170) await third;
        const { id = "", digest = "" } = ids[i] ?? {};
        answers.push(
          await gateway.as("lead")("POST", `/v1/requests/${id}/decisions`, {
            decision: "approve",
            digest,
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: 10 }, decider));
    expect(answers.filter((answer) => answer.status !== 200).map((answer) => answer.body)).toEqual(
      [],
    );

    const order = new Map((await written()).map((key, at) => [key, at]));
    const positionOf = (chain: string, seq: number): number =>
      order.get(`${chain} E#${String(seq).padStart(6, "0")}`) ?? Number.NaN;
    const under = new Map<number, number>();
    for (const { id } of ids) {
      for (const event of await gateway.events.load(`REQ#${id}`)) {
        const leaf = JSON.parse(event.leaf);
        if (leaf.kind !== "decision.approved") continue;
        const seq: number = leaf.configuration.seq;
        under.set(seq, (under.get(seq) ?? 0) + 1);
        const where = positionOf(event.chain, event.seq);
        expect(where).toBeGreaterThan(positionOf("CONF", seq));
        const next = positionOf("CONF", seq + 1);
        expect(where).toBeLessThan(Number.isNaN(next) ? Number.POSITIVE_INFINITY : next);
      }
    }
    // The activations fell among the decisions, or the race was not run.
    expect([...under.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect([...under.values()].reduce((a, b) => a + b)).toBe(200);
  }, 180_000);

  it("appends 50 events to one chain at once without a gap", async () => {
    const chain = "REQ#0000000000000000000000r50a";
    const one = async (n: number): Promise<void> => {
      for (let attempt = 0; ; attempt++) {
        const before = await gateway.events.load(chain);
        const tail = before.reduce(tailAfter, emptyTail(chain));
        const event = nextEvent(
          tail,
          { kind: "request.cancelled", data: { person: `p${n}` }, values: {} },
          {
            actor: { kind: "person", person: `p${n}`, principal: "111122223333:AIDAX" },
            configuration: { seq: 1, hash: "" },
            now: Date.now(),
            random: systemRandom,
          },
        );
        if ((await gateway.events.append([event], [])).kind === "appended") return;
        await systemClock.sleep(backOff(attempt, systemRandom));
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(n)));
    const stored = await gateway.events.load(chain);
    expect(stored.map((event) => event.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(new Set(stored.map((event) => JSON.parse(event.leaf).data.person)).size).toBe(50);
    let { hash } = emptyTail(chain);
    for (const event of stored) {
      expect(JSON.parse(event.leaf).prev).toBe(hash);
      hash = tailAfter(emptyTail(chain), event).hash;
    }
  }, 120_000);

  it("T14 lets one of fifty opens of one grant through, and tells the others why", async () => {
    const executed = () =>
      gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
    const before = executed();
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      ...wish,
      command: "/bin/uname -a",
    });
    const path = `/v1/requests/${asked.body.id}/sessions`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => gateway.as("dev")("POST", path)),
    );
    const told = answers.map(({ status, body }) => `${status} ${body.code ?? ""}`);
    expect(told.filter((one) => one.startsWith("201"))).toHaveLength(1);
    const others = told.filter((one) => !one.startsWith("201"));
    expect(others).toHaveLength(49);
    expect(
      others.filter((one) => !/^409 (session_already_opened|container_in_use)$/.test(one)),
    ).toEqual([]);
    expect(executed() - before).toBe(1);
    const stored = await gateway.events.load(`REQ#${asked.body.id}`);
    expect(stored.filter(({ leaf }) => leaf.includes('"kind":"exec.intent"'))).toHaveLength(1);
  }, 120_000);

  it("T14 lets one of two opens through, 300 times: 300 intents, 300 sessions", async () => {
    // The emulator keeps the last calls only, so they are taken as they come.
    const taken = () =>
      gateway.emulator.calls.splice(0).filter((call) => call.operation === "ExecuteCommand").length;
    taken();
    let executed = 0;
    let intents = 0;
    let opened = 0;
    const race = async (): Promise<void> => {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        ...wish,
        command: "/bin/date",
      });
      const both = await Promise.all(
        [0, 1].map(() => gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`)),
      );
      const won = both.filter((answer) => answer.status === 201);
      const lost = both.filter((answer) => answer.status !== 201);
      expect(won).toHaveLength(1);
      expect(lost.map((answer) => [answer.status, answer.body.code])).toEqual([
        [409, "session_already_opened"],
      ]);
      opened += won.length;
      const stored = await gateway.events.load(`REQ#${asked.body.id}`);
      expect(verifyChains(stored).problems).toEqual([]);
      intents += stored.filter((event) => event.leaf.includes('"kind":"exec.intent"')).length;
    };
    for (let i = 0; i < 300; i += 4) {
      await Promise.all([race(), race(), race(), race()]);
      executed += taken();
    }
    expect([intents, opened, executed]).toEqual([300, 300, 300]);
  }, 300_000);
});
