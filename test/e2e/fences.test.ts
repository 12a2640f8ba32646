import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { configurationHash } from "../../core/configuration-hash.ts";
import {
  type Event,
  emptyTail,
  nextEvent,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import type { LockSubject } from "../../core/locks.ts";
import { setting } from "../../core/unlock.ts";
import { loadLocks } from "../../lambdas/locks.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { runningSleep } from "../kit/sleeping-command.ts";

/*
 * Whatever is written was decided under the rules and the locks in force when it is written: if either
 * moves between the look and the write, nothing is written, and it is decided again on what is there now.
 */

/** What is appended right before the next event of the kind waited for, once. */
let meanwhile:
  | { before: string; chain: "CONF" }
  | { before: string; chain: "LOCK"; subject: LockSubject }
  | undefined;

const clusterLock: LockSubject = {
  kind: "cluster",
  id: "arn:aws:ecs:us-east-1:111122223333:cluster/demo",
};

/** Locks it as the product does, under the set in force. */
async function lock(store: EventStore, subject: LockSubject): Promise<void> {
  const [locks, conf] = await Promise.all([loadLocks(store, { fences: [] }), store.tip("CONF")]);
  if (conf === undefined) throw new Error("no rules");
  const { seq, data } = readEvent(conf) as Event & { kind: "policy.activated" };
  const body = setting(
    locks,
    {
      id: "l",
      subject,
      person: "sre",
      reason: "r",
      durationMinutes: undefined,
      bodyHash: "",
      repeat: undefined,
    },
    Date.now(),
  );
  const event = nextEvent(locks.tail, body, {
    actor: { kind: "person", person: "sre", principal: "1:2" },
    configuration: { seq, hash: configurationHash(data.texts) },
    now: Date.now(),
    random: systemRandom,
  });
  expect((await store.append([event], [])).kind).toBe("appended");
}

async function otherRules(store: EventStore): Promise<void> {
  const conf = await store.tip("CONF");
  if (conf === undefined) throw new Error("no rules");
  const { kind, data, values } = readEvent(conf);
  const tail = tailAfter({ ...emptyTail("CONF"), seq: conf.seq - 1 }, conf);
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
      if (now.chain === "LOCK") await lock(store, now.subject);
      else await otherRules(store);
    }
    return await store.append(events, fences);
  },
});

const wish = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/ls /",
  reason: "r",
};

const automatic = { ...wish, command: "/bin/date", durationMinutes: 5 };

/** One asked for, by `dev` where nobody else is named. */
const asked = async (g: TestGateway, body: object = wish) =>
  (await g.as("dev")("POST", "/v1/requests", body)).body as { id: string; digest: string };

const emergency = { ...wish, reason: "payments are failing, and nobody of the leads answers" };
const lockOf = (id: string) => ({ subject: { kind: "person", id }, reason: "a stolen laptop" });

/** Each step that writes: the kind of its event, and how one comes there. */
const steps: {
  kind: string;
  /** What stops it; absent where no lock does, for it takes something away. */
  subject?: LockSubject;
  ready(g: TestGateway): Promise<() => Promise<{ status: number; body: { code?: string } }>>;
}[] = [
  {
    kind: "request.asked",
    subject: { kind: "person", id: "dev" },
    ready: async (g) => () => g.as("dev")("POST", "/v1/requests", wish),
  },
  {
    kind: "decision.approved",
    subject: clusterLock,
    ready: async (g) => {
      const { id, digest } = await asked(g);
      const body = { decision: "approve", digest };
      return () => g.as("lead")("POST", `/v1/requests/${id}/decisions`, body);
    },
  },
  {
    kind: "exec.intent",
    subject: clusterLock,
    ready: async (g) => {
      const { id } = await asked(g, automatic);
      return () => g.as("dev")("POST", `/v1/requests/${id}/sessions`);
    },
  },
  {
    kind: "activation.asked",
    subject: { kind: "group", id: "operators" },
    ready: async (g) => () =>
      g.as("operator")("POST", "/v1/activations", {
        ...rulesHere(),
        reason: "r",
        evenIfActive: true,
      }),
  },
  {
    kind: "extension.asked",
    subject: clusterLock,
    ready: async (g) => {
      const { id } = await asked(g, automatic);
      const body = { minutes: 5, reason: "it takes longer" };
      return () => g.as("dev")("POST", `/v1/requests/${id}/extensions`, body);
    },
  },
  {
    kind: "glass.broken",
    subject: clusterLock,
    ready: async (g) => () => g.as("sre")("POST", "/v1/break-glass", emergency),
  },
  {
    kind: "glass.reviewed",
    subject: { kind: "person", id: "lead" },
    ready: async (g) => {
      const { id } = (await g.as("sre")("POST", "/v1/break-glass", emergency)).body;
      await g.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
      const body = { verdict: "justified", comment: "it was so" };
      return () => g.as("lead")("POST", `/v1/requests/${id}/review`, body);
    },
  },
  {
    kind: "request.revoked",
    ready: async (g) => {
      const { id } = await asked(g);
      return () => g.as("lead")("POST", `/v1/requests/${id}/revoke`, {});
    },
  },
  {
    kind: "request.cancelled",
    ready: async (g) => {
      const { id } = await asked(g);
      return () => g.as("dev")("POST", `/v1/requests/${id}/cancel`, {});
    },
  },
  {
    kind: "lock.set",
    subject: { kind: "person", id: "sre" },
    ready: async (g) => () => g.as("sre")("POST", "/v1/locks", lockOf("auditor")),
  },
  {
    kind: "lock.release_asked",
    subject: { kind: "person", id: "lead" },
    ready: async (g) => {
      const { id } = (await g.as("sre")("POST", "/v1/locks", lockOf("auditor"))).body;
      return () => g.as("lead")("DELETE", `/v1/locks/${id}`, {});
    },
  },
  {
    kind: "end.asked",
    // One's own may always be ended.
    subject: { kind: "person", id: "sre" },
    ready: async (g) => {
      const { sessionId } = await runningSleep(g);
      return () => g.as("sre")("POST", `/v1/sessions/${sessionId}/terminate`, {});
    },
  },
  {
    kind: "replace.asked",
    subject: clusterLock,
    ready: async (g) => {
      const { id, sessionId } = await runningSleep(g);
      return () => g.as("dev")("POST", `/v1/requests/${id}/sessions`, { replace: sessionId });
    },
  },
];
const stoppable = steps.flatMap(({ subject, ...step }) =>
  subject === undefined ? [] : [{ ...step, subject }],
);

describe.skipIf(!engineHere)("between the look and the write", () => {
  let gateway: TestGateway;
  const start = async (): Promise<void> => {
    gateway = await startTestGateway({ wrapEvents: interrupted });
  };
  const sent = (operation: string) =>
    gateway.emulator.calls.filter((call) => call.operation === operation).length;
  const executed = () => sent("ExecuteCommand");
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

  describe.each(stoppable)("a lock", ({ kind, subject, ready }) => {
    beforeAll(start);
    afterAll(() => gateway.close());

    it(`T15 keeps ${kind} off the record, and nothing is started or ended`, async () => {
      const run = await ready(gateway);
      const before = (await written(kind)).length;
      const reached = [executed(), sent("TerminateSession")];
      meanwhile = { before: kind, chain: "LOCK", subject };
      const answer = await run();
      expect([answer.status, answer.body.code]).toEqual([423, "locked"]);
      // The lock that came between is on record itself.
      expect(await written(kind)).toHaveLength(before + (kind === "lock.set" ? 1 : 0));
      expect([executed(), sent("TerminateSession")]).toEqual(reached);
    });
  });

  describe("a lock between ExecuteCommand and its record", () => {
    beforeAll(start);
    afterAll(() => gateway.close());

    it("T15 has what was opened withheld and its end asked for", async () => {
      const run = await steps.find(({ kind }) => kind === "exec.intent")?.ready(gateway);
      meanwhile = { before: "session.opened", chain: "LOCK", subject: clusterLock };
      const answer = await run?.();
      expect([answer?.status, answer?.body.code]).toEqual([423, "locked"]);
      const [opened] = await written("session.opened");
      if (opened === undefined) throw new Error("nothing was written");
      expect(readEvent(opened).data).toMatchObject({ delivered: false, withheld: "locked" });
      expect(executed()).toBe(1);
      expect(sent("TerminateSession")).toBe(1);
    });
  });
});
