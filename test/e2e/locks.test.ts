import { randomInt } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith } from "../kit/processes.ts";
import { type Profile } from "../kit/profiles.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";
import { isDead, runningSleep } from "../kit/sleeping-command.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";

/** What is locked opens for nobody, from the event of the lock on. */
describe.skipIf(!engineHere)("a lock", () => {
  let gateway: TestGateway;
  let wishes = 0;
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.remainingMs = 9_500;
  });
  afterEach(async () => {
    gateway.emulator.clearFaults();
    for (const { id, mayUnlock } of (await gateway.as("auditor")("GET", "/v1/locks")).body.items) {
      for (const who of mayUnlock as Profile[]) await unlock(who, id);
    }
    const { items } = (await gateway.as("auditor")("GET", "/v1/locks")).body;
    if (items.length > 0) throw new Error(`still locked: ${JSON.stringify(items)}`);
  });
  afterAll(() => gateway.close());

  const post = (who: Profile, path: string, body: unknown = {}, headers = {}) =>
    gateway.as(who)("POST", path, body, headers);
  const unlock = (who: Profile, id: string) => gateway.as(who)("DELETE", `/v1/locks/${id}`, {});
  async function lock(kind: string, id: string, more: object = {}, who: Profile = "sre") {
    const set = await post(who, "/v1/locks", {
      subject: { kind, id },
      reason: "a stolen laptop",
      ...more,
    });
    expect(set.status, JSON.stringify(set.body)).toBe(201);
    return set.body as {
      id: string;
      mayUnlock: string[];
      subject: { id: string };
      warning?: string;
    };
  }
  const target = { cluster: "demo", service: "payments-api", container: "app" };
  const ask = (command = "/bin/date", where: object = target, who: Profile = "dev") =>
    post(who, "/v1/requests", { target: where, command, reason: `looking, ${++wishes}` });
  const open = (id: string) => post("dev", `/v1/requests/${id}/sessions`);
  async function approved(command = "/bin/date", where: object = target): Promise<string> {
    const asked = await ask(command, where);
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest, status } = asked.body;
    for (const who of status === "approved" ? [] : (["lead", "sre"] as const)) {
      await post(who, `/v1/requests/${id}/decisions`, { decision: "approve", digest });
    }
    return id;
  }
  const executed = () =>
    gateway.emulator.calls.filter(({ operation }) => operation === "ExecuteCommand").length;
  const tasks = () => {
    const demo = gateway.emulator.fleet.clusters.find(({ name }) => name === "demo");
    return (demo?.tasks ?? []).filter(({ service }) => service === "payments-api");
  };

  const subjects: [string, () => [kind: string, id: string], string][] = [
    ["person", () => ["person", "dev"], "dev"],
    ["group", () => ["group", "payments"], "payments"],
    ["service", () => ["service", "demo/payments-api"], `${arn}:service/demo/payments-api`],
    ["service by its ARN", () => ["service", `${arn}:service/demo/payments-api`], "payments-api"],
    ["cluster", () => ["cluster", "demo"], `${arn}:cluster/demo`],
  ];

  it.each(subjects)(
    "T15 on a %s refuses an approved open, an ask and an approval, with its reason, and starts nothing",
    async (_, subject, named) => {
      const id = await approved();
      const waits = (await ask("/bin/ls /")).body;
      const { id: lockId } = await lock(...subject());
      const before = executed();
      const { result: opened, grown } = await grownBy(gateway.events, () => open(id));
      expect(grown).toEqual(["REFUSED:open.refused"]);
      const approve = { decision: "approve", digest: waits.digest };
      for (const answer of [
        opened,
        await ask(),
        await post("lead", `/v1/requests/${waits.id}/decisions`, approve),
        await post("dev", "/v1/preflight", { target, command: "/bin/date", reason: "r" }),
      ]) {
        expect([answer.status, answer.body.code]).toEqual([423, "locked"]);
        expect(answer.body.detail).toContain(named);
        expect(answer.body.lock).toMatchObject({ id: lockId, reason: "a stolen laptop" });
        expect(answer.body.mayUnlock).toEqual(["lead", "sre"]);
      }
      expect(executed()).toBe(before);
      // What takes something away goes on.
      const deny = { decision: "deny", digest: waits.digest };
      expect((await post("lead", `/v1/requests/${waits.id}/decisions`, deny)).status).toBe(200);
      for (const who of ["lead", "sre"] as const) await unlock(who, lockId);
      expect((await open(id)).status).toBe(201);
    },
  );

  it("on a task passes over it for another of its service, and refuses where none is left", async () => {
    const [first, second] = tasks().map(({ id }) => id);
    const byTask = { cluster: "demo", task: first, container: "app" };
    const [pinned, any] = [await approved("/bin/date", byTask), await approved()];
    await lock("task", `demo/${first}`);
    expect((await open(pinned)).body.code).toBe("locked");
    expect((await ask("/bin/date", byTask)).body.code).toBe("locked");
    const opened = await open(any);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(opened.body.taskArn).toContain(second);
    const none = await approved();
    await lock("task", `${arn}:task/demo/${second}`);
    const before = executed();
    expect((await open(none)).body.code).toBe("locked");
    // Not withheld once it was there, but never started.
    expect(executed()).toBe(before);
  });

  it("stops the call in AWS's own shape, and a proposal of rules", async () => {
    const [task] = tasks();
    await lock("person", "dev");
    const asked = await post("dev", "/v1/execute-command", {
      cluster: "demo",
      task: task?.id,
      container: "app",
      command: "/bin/date",
      interactive: true,
      reason: "r",
    });
    expect([asked.status, asked.body.code]).toEqual([423, "locked"]);
  });

  it("stops whoever is locked from approving, and from locking others", async () => {
    const waits = (await ask("/bin/ls /")).body;
    await lock("person", "lead");
    const decision = { decision: "approve", digest: waits.digest };
    const approval = await post("lead", `/v1/requests/${waits.id}/decisions`, decision);
    expect([approval.status, approval.body.code]).toEqual([423, "locked"]);
    const locked = { subject: { kind: "person", id: "sre" }, reason: "revenge" };
    expect((await post("lead", "/v1/locks", locked)).body.code).toBe("locked");
    await forget();
  });

  it("stops what was agreed to by whoever is locked while they are: its open, and the approval beside theirs", async () => {
    const granted = await approved("/bin/sh");
    const waits = (await ask("/bin/sh")).body;
    const path = `/v1/requests/${waits.id}/decisions`;
    const decision = { decision: "approve", digest: waits.digest };
    expect((await post("lead", path, decision)).body.status).toBe("pending");
    const before = executed();
    const { id: lockId } = await lock("person", "lead", { durationMinutes: 1 });
    const opened = await open(granted);
    const beside = await post("sre", path, decision);
    for (const answer of [opened, beside]) {
      expect([answer.status, answer.body.code]).toEqual([423, "locked"]);
      expect(answer.body.detail).toMatch(
        /^lead who agreed to it is locked until .*: a stolen laptop$/,
      );
    }
    expect(executed()).toBe(before);
    const listed = (await gateway.as("dev")("GET", `/v1/locks?request=${granted}`)).body.items;
    expect(listed).toMatchObject([{ id: lockId }]);
    const now = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => now() + 60_000);
    try {
      expect((await open(granted)).status).toBe(201);
      expect((await post("sre", path, decision)).body.status).toBe("approved");
    } finally {
      vi.restoreAllMocks();
    }
    await forget();
  });

  it("is over at its minute, by the clock alone", async () => {
    const { id } = await lock("person", "dev", { durationMinutes: 1 });
    const listed = (await gateway.as("sre")("GET", "/v1/locks")).body.items;
    expect(listed).toMatchObject([{ id, stands: true, by: "sre" }]);
    const [{ at, expiresAt }] = listed;
    expect(Date.parse(expiresAt) - Date.parse(at)).toBe(60_000);
    expect((await ask()).body.code).toBe("locked");
    const now = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => now() + 60_000);
    try {
      expect((await ask()).status).toBe(201);
      expect((await gateway.as("sre")("GET", "/v1/locks")).body.items).toEqual([]);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it("tells strangers nothing: no list, and of one that stands what is told of one that never was", async () => {
    const { id } = await lock("service", "demo/payments-api");
    for (const who of ["stranger", "bot"] as const) {
      expect((await gateway.as(who)("GET", "/v1/locks")).body.items).toEqual([]);
      const theirs = await unlock(who, id);
      const none = await unlock(who, "0123456789abcdefghjkmnpqrs");
      expect([theirs.status, theirs.body.code]).toEqual([404, "lock_not_found"]);
      const { instance: _, ...rest } = theirs.body;
      const { instance: __, ...other } = none.body;
      expect(rest).toEqual(other);
    }
    const strange = (await ask("/bin/date", target, "stranger")).body;
    expect([strange.code, strange.lock]).toEqual(["cluster_not_found", undefined]);
    expect((await gateway.as("dev")("GET", "/v1/locks")).body.items).toEqual([]);
    const { id: own } = await lock("person", "dev");
    expect((await gateway.as("dev")("GET", "/v1/locks")).body.items).toMatchObject([{ id: own }]);
  });

  it("is told to whoever may see a request that it stops, and to nobody else", async () => {
    const request = await approved();
    const { id } = await lock("service", "demo/payments-api");
    const path = `/v1/locks?request=${request}`;
    expect((await gateway.as("dev")("GET", path)).body.items).toMatchObject([{ id }]);
    expect((await gateway.as("stranger")("GET", path)).body.code).toBe("request_not_found");
  });

  it.each([
    ["a person who is not there", { kind: "person", id: "devv" }],
    ["a group that is not there", { kind: "group", id: "payment" }],
    ["a cluster of nobody's", { kind: "cluster", id: "never" }],
    ["a service of an unnamed cluster's", { kind: "service", id: `${arn}:service/payments-api` }],
    ["a task that is no id", { kind: "task", id: "demo/one" }],
  ])("is not set on %s: what is misspelt would lock nothing", async (_, subject) => {
    const { result, grown } = await grownBy(gateway.events, () =>
      post("sre", "/v1/locks", { subject, reason: "r" }),
    );
    expect([result.status, result.body.code, grown]).toEqual([400, "body_invalid", []]);
    expect(result.body.issues[0].pointer).toBe("/subject/id");
  });

  it.each([
    [
      "service",
      "demo/paymnts-api",
      "ECS has no service paymnts-api in demo; the nearest name is payments-api",
    ],
    ["service", "demo/zzz", "ECS has no service zzz in demo"],
    ["service", "demo/payments-api", undefined],
    ["task", `demo/${"0".repeat(32)}`, `ECS has no task ${"0".repeat(32)} in demo`],
  ])("on %s %s is set, and warns where ECS has no such thing", async (kind, id, warning) => {
    const set = await lock(kind, id);
    expect(set.warning).toBe(warning);
  });

  it("on a task that runs warns of nothing, nor where ECS does not answer", async () => {
    const [task] = tasks();
    expect((await lock("task", `demo/${task?.id}`)).warning).toBeUndefined();
    for (const operation of ["DescribeServices", "ListServices"]) {
      gateway.emulator.fault({ operation }, { kind: "status", status: 500 });
    }
    expect((await lock("service", "demo/paymnts-api")).warning).toBeUndefined();
  });

  it("is set once under one key, even where it was unlocked meanwhile", async () => {
    const body = { subject: { kind: "person", id: "dev" }, reason: "a stolen laptop" };
    const key = { "idempotency-key": `k${randomInt(1e9)}` };
    const set = await post("sre", "/v1/locks", body, key);
    const { result: again, grown } = await grownBy(gateway.events, () =>
      post("sre", "/v1/locks", body, key),
    );
    expect([again.status, again.body.id, again.body.stands, grown]).toEqual([
      201,
      set.body.id,
      true,
      [],
    ]);
    const other = await post("sre", "/v1/locks", { ...body, reason: "another" }, key);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
    for (const who of ["lead", "sre"] as const) await unlock(who, set.body.id);
    const late = await post("sre", "/v1/locks", body, key);
    expect([late.status, late.body.id, late.body.stands]).toEqual([201, set.body.id, false]);
    expect((await gateway.as("sre")("GET", "/v1/locks")).body.items).toEqual([]);
  });

  describe("is unlocked", () => {
    it("by two persons: the first asks for it, the second does it, and nobody is two", async () => {
      const { id } = await lock("person", "dev");
      const steps: [Profile, number, string, boolean | undefined][] = [
        ["dev", 403, "not_permitted", undefined],
        ["auditor", 403, "not_permitted", undefined],
        ["lead", 202, "lock.release_asked", true],
        ["lead", 202, "", true],
        ["sre", 200, "lock.released", false],
        ["sre", 200, "", false],
        ["lead", 404, "lock_not_found", undefined],
      ];
      for (const [who, status, wanted, stands] of steps) {
        const { result, grown } = await grownBy(gateway.events, () => unlock(who, id));
        const kind = grown.map((one) => one.replace(/^\w+:/, "")).join();
        const said = status < 300 ? kind : result.body.code;
        expect([who, result.status, said, result.body.stands]).toEqual([
          who,
          status,
          wanted,
          stands,
        ]);
      }
    });

    it("never by the one who is locked, nor by a member of the locked group", async () => {
      for (const [kind, name, who] of [
        ["person", "sre", "sre"],
        ["group", "sre", "sre"],
        ["group", "payments-leads", "lead"],
      ] as const) {
        const { id, mayUnlock } = await lock(kind, name, { durationMinutes: 1 }, "lead");
        const refused = await unlock(who, id);
        expect([kind, refused.status, refused.body.code]).toEqual([kind, 403, "not_permitted"]);
        expect(mayUnlock).toEqual([who === "lead" ? "sre" : "lead"]);
        // Nobody is left to be the second of two: it ends at its minute, or with other rules.
        await forget();
      }
    });

    it("not by the first of two who has been locked since: the next is the first", async () => {
      const { id } = await lock("cluster", "demo");
      expect((await unlock("lead", id)).status).toBe(202);
      const { id: onLead } = await lock("person", "lead", { durationMinutes: 1 });
      expect((await unlock("sre", id)).status).toBe(202);
      const listed = (await gateway.as("sre")("GET", "/v1/locks")).body.items;
      expect(listed.find((one: { id: string }) => one.id === id).release.person).toBe("sre");
      expect(onLead).not.toBe(id);
      await forget();
    });
  });

  /** Another gateway for the next test: what only time unlocks would stand too long. */
  async function forget(): Promise<void> {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
    await gateway.close();
    gateway = await startTestGateway();
    gateway.remainingMs = 9_500;
  }

  describe("on a live session", () => {
    const live = (service?: string) =>
      runningSleep(gateway, service === undefined ? {} : { service });
    const shown = async (id: string) => (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body;

    it.each([
      ["person", "the stream", "dev", () => gateway.wakeLocked()],
      ["group", "the next round", "payments", () => gateway.sweep()],
      ["service", "the stream", "demo/payments-api", () => gateway.wakeLocked()],
      ["cluster", "the next round", "demo", () => gateway.sweep()],
    ])("ends it, on a %s by %s, with the lock as the cause", async (kind, _, name, wake) => {
      const { id, mark } = await live();
      const other = await live("reports");
      // What this process has seen so far is no reason to look again.
      await gateway.sweep();
      const { id: lockId } = await lock(kind, name);
      await wake();
      expect(await isDead(mark)).toBe(true);
      const request = await shown(id);
      expect(request.sessions[0]).toMatchObject({
        state: "ended",
        end: { cause: "locked", lock: lockId },
      });
      const events = (await gateway.events.load(`REQ#${id}`)).map(({ leaf }) => JSON.parse(leaf));
      expect(events.find((one) => one.kind === "session.ended").data.lock).toBe(lockId);
      const isCovered = kind !== "service";
      expect((await shown(other.id)).sessions[0].state).toBe(isCovered ? "ended" : "opened");
      await post("sre", `/v1/requests/${other.id}/revoke`);
      await gateway.wake(other.id);
    });

    it("ends those in the task alone", async () => {
      const one = await live();
      const [{ taskArn }] = (await shown(one.id)).sessions;
      const other = await live();
      await lock("task", taskArn);
      expect(await gateway.wakeLocked()).toBe(true);
      expect(await isDead(one.mark)).toBe(true);
      expect((await shown(other.id)).sessions[0].state).toBe("opened");
      await post("sre", `/v1/requests/${other.id}/revoke`);
      await gateway.wake(other.id);
    });

    it("keeps whoever is locked from ordering the end of others' sessions", async () => {
      const { id, mark } = await live();
      const [session] = (await shown(id)).sessions;
      await lock("person", "sre", { durationMinutes: 1 }, "lead");
      const path = `/v1/sessions/${session.sessionId}/terminate`;
      const { result, grown } = await grownBy(gateway.events, () => post("sre", path));
      expect([result.status, result.body.code, grown]).toEqual([
        423,
        "locked",
        ["REFUSED:decision.refused"],
      ]);
      expect(processesWith(mark).length).toBeGreaterThan(0);
      expect((await post("dev", path)).status).toBe(202);
      await gateway.sweep();
      expect(await isDead(mark)).toBe(true);
      await forget();
    });

    it("tries again where the end could not be looked at", async () => {
      const { id, mark } = await live();
      await lock("person", "dev");
      gateway.emulator.fault({ operation: "DescribeSessions" }, { kind: "reset" });
      expect(await gateway.wakeLocked()).toBe(false);
      await gateway.sweep();
      expect(processesWith(mark)).not.toEqual([]);
      gateway.emulator.clearFaults();
      await gateway.sweep();
      expect(await isDead(mark)).toBe(true);
      expect((await shown(id)).sessions[0].end.cause).toBe("locked");
    });
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
