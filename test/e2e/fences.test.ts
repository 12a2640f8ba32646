import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { emptyTail, nextEvent, readEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

/*
 * Whatever is written was decided under the rules and the locks in force when it is written: if either
 * moves between the look and the write, nothing is written, and it is decided again on what is there now.
 */

/** What is appended right before the next event of the kind waited for, once. */
let meanwhile: { before: string; chain: "CONF" | "LOCK" } | undefined;

async function interfere(store: EventStore, chain: "CONF" | "LOCK"): Promise<void> {
  const [tip, conf] = await Promise.all([store.tip(chain), store.tip("CONF")]);
  if (conf === undefined) throw new Error("no rules");
  const { kind, data, values } = readEvent(conf);
  const tail =
    tip === undefined
      ? emptyTail(chain)
      : tailAfter({ ...emptyTail(chain), seq: tip.seq - 1 }, tip);
  const event = nextEvent(tail, { kind, data, values } as Parameters<typeof nextEvent>[1], {
    actor: { kind: "person", person: "operator", principal: "1:2" },
    configuration: { seq: 0, hash: "" },
    now: Date.now(),
    random: systemRandom,
  });
  expect((await store.append([event], [])).kind).toBe("appended");
}

const interrupted = (store: EventStore): EventStore => ({
  ...store,
  async append(events, fences) {
    const now = meanwhile;
    if (now !== undefined && events.some((event) => readEvent(event).kind === now.before)) {
      meanwhile = undefined;
      await interfere(store, now.chain);
    }
    return await store.append(events, fences);
  },
});

const wish = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/ls /",
  reason: "r",
};

/** Each step that writes: the kind of its event, and how one comes there. */
const steps: {
  kind: string;
  ready(g: TestGateway): Promise<() => Promise<{ status: number; body: { code?: string } }>>;
}[] = [
  {
    kind: "request.asked",
    ready: async (g) => () => g.as("dev")("POST", "/v1/requests", wish),
  },
  {
    kind: "decision.approved",
    ready: async (g) => {
      const { id, digest } = (await g.as("dev")("POST", "/v1/requests", wish)).body;
      const body = { decision: "approve", digest };
      return () => g.as("lead")("POST", `/v1/requests/${id}/decisions`, body);
    },
  },
  {
    kind: "exec.intent",
    ready: async (g) => {
      const { id } = (await g.as("dev")("POST", "/v1/requests", { ...wish, command: "/bin/date" }))
        .body;
      return () => g.as("dev")("POST", `/v1/requests/${id}/sessions`);
    },
  },
  {
    kind: "activation.asked",
    ready: async (g) => () =>
      g.as("operator")("POST", "/v1/activations", { ...rulesHere(), reason: "r" }),
  },
];

describe.skipIf(!engineHere)("between the look and the write", () => {
  let gateway: TestGateway;
  const start = async (): Promise<void> => {
    gateway = await startTestGateway({ wrapEvents: interrupted });
  };
  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  const written = async (kind: string): Promise<StoredEvent[]> => {
    const { events } = await gateway.events.day(new Date().toISOString().slice(0, 10));
    return events.filter((event) => (JSON.parse(event.leaf) as { kind: string }).kind === kind);
  };

  describe("other rules", () => {
    beforeAll(start);
    afterAll(() => gateway.close());
    beforeEach(() => {
      meanwhile = undefined;
    });

    it.each(steps)("have $kind decided anew, under them", async ({ kind, ready }) => {
      const run = await ready(gateway);
      meanwhile = { before: kind, chain: "CONF" };
      const answer = await run();
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
      expect(meanwhile).toBeUndefined();
      const last = (await written(kind)).at(-1);
      if (last === undefined) throw new Error("nothing was written");
      expect(readEvent(last).configuration.seq).toBe((await gateway.events.tip("CONF"))?.seq);
    });
  });

  describe.each(steps)("a lock", ({ kind, ready }) => {
    beforeAll(start);
    afterAll(() => gateway.close());

    it(`keeps ${kind} off the record, and nothing is started`, async () => {
      const run = await ready(gateway);
      const before = (await written(kind)).length;
      meanwhile = { before: kind, chain: "LOCK" };
      const answer = await run();
      expect([answer.status, answer.body.code]).toEqual([503, "sealed"]);
      expect(await written(kind)).toHaveLength(before);
      expect(executed()).toBe(0);
    });
  });
});
