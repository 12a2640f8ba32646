import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { wholeRecord } from "../kit/record.ts";

const MINUTE = 60_000;

/** One session in a container, and so many of a person, whatever comes at once. */
describe.skipIf(!engineHere)("a container", () => {
  let gateway: TestGateway;
  let wishes = 0;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  async function approved(target: object, command = "/bin/sleep 300"): Promise<string> {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", ...target },
      command,
      reason: `looking, ${++wishes}`,
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest, status } = asked.body;
    if (status === "approved") return id;
    for (const who of ["lead", "sre"] as const) {
      const decision = { decision: "approve", digest };
      await gateway.as(who)("POST", `/v1/requests/${id}/decisions`, decision);
    }
    return id;
  }
  const open = (id: string) => gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
  const revoke = async (id: string) => {
    await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
    expect(await gateway.wake(id)).toBe(true);
  };

  it("is for one session: a second is refused, and opens once the first is over", async () => {
    const [first, second] = [
      await approved({ service: "reports" }),
      await approved({ service: "reports" }),
    ];
    expect((await open(first)).status).toBe(201);
    const before = executed();
    const taken = await open(second);
    expect([taken.status, taken.body.code, taken.body.retryable]).toEqual([
      409,
      "container_in_use",
      true,
    ]);
    expect(executed()).toBe(before);
    await revoke(first);
    expect((await open(second)).status).toBe(201);
    await revoke(second);
  });

  it("of two requests at once takes one, twenty times", async () => {
    for (let n = 0; n < 20; n++) {
      const ids = [await approved({ service: "reports" }), await approved({ service: "reports" })];
      const before = executed();
      const answers = await Promise.all(ids.map(open));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)?.body.code).toBe("container_in_use");
      expect(executed()).toBe(before + 1);
      for (const id of ids) await revoke(id);
    }
  });

  it("is free again as soon as its command has exited, before anybody has put that on record", async () => {
    for (let n = 0; n < 3; n++) {
      const id = await approved({ service: "payments-api", container: "app" }, "/bin/date");
      expect((await open(id)).status).toBe(201);
    }
  });

  it("is passed over for another task of the service while somebody is in it", async () => {
    const tasks = new Set<string>();
    const ids: string[] = [];
    for (let n = 0; n < 2; n++) {
      const id = await approved({ service: "payments-api", container: "app" });
      const opened = await open(id);
      expect(opened.status, JSON.stringify(opened.body)).toBe(201);
      tasks.add(opened.body.taskArn);
      ids.push(id);
    }
    expect(tasks.size).toBe(2);
    const third = await approved({ service: "payments-api", container: "app" });
    expect((await open(third)).body.code).toBe("container_in_use");
    for (const id of [...ids, third]) await revoke(id);
  });

  it("stays taken by an attempt whose outcome nobody knows, until that is settled", async () => {
    const [lost, next] = [
      await approved({ service: "reports" }),
      await approved({ service: "reports" }),
    ];
    gateway.emulator.fault({ operation: "ExecuteCommand" }, { kind: "applied-then-reset" });
    expect((await open(lost)).body.code).toBe("outcome_unknown");
    gateway.emulator.clearFaults();
    expect((await open(next)).body.code).toBe("container_in_use");
    await gateway.sweep(2 * MINUTE);
    expect((await open(next)).status).toBe(201);
    await revoke(next);
  });

  it("T82 stays taken while SSM cannot be asked whether its session is over", async () => {
    const [first, second] = [
      await approved({ service: "reports" }),
      await approved({ service: "reports" }),
    ];
    expect((await open(first)).status).toBe(201);
    const before = executed();
    gateway.emulator.fault({ operation: "DescribeSessions" }, { kind: "reset" });
    const taken = await open(second);
    expect([taken.status, taken.body.code]).toEqual([409, "container_in_use"]);
    expect(executed()).toBe(before);
    gateway.emulator.clearFaults();
    await revoke(first);
    expect((await open(second)).status).toBe(201);
    await revoke(second);
  });

  it("stays taken by a session that SSM knows nothing of, while its task runs", async () => {
    const [first, second] = [
      await approved({ service: "reports" }),
      await approved({ service: "reports" }),
    ];
    expect((await open(first)).status).toBe(201);
    const before = executed();
    gateway.emulator.fault(
      { operation: "DescribeSessions" },
      { kind: "lie", merge: { Sessions: [] } },
    );
    const taken = await open(second);
    expect([taken.status, taken.body.code]).toEqual([409, "container_in_use"]);
    expect(executed()).toBe(before);
    gateway.emulator.clearFaults();
    await revoke(first);
    await revoke(second);
  });

  it("counts for its person while its task runs, where SSM knows nothing of it, and no longer", async () => {
    const ids: string[] = [];
    const tasks: string[] = [];
    for (const container of ["app", "app", "envoy", "envoy"]) {
      ids.push(await approved({ service: "payments-api", container }));
    }
    ids.push(await approved({ service: "reports" }));
    for (const id of ids) {
      const opened = await open(id);
      expect(opened.status, JSON.stringify(opened.body)).toBe(201);
      tasks.push(opened.body.taskArn);
    }
    const sixth = await approved({ family: "nightly" });
    const before = executed();
    gateway.emulator.fault(
      { operation: "DescribeSessions" },
      { kind: "lie", merge: { Sessions: [] } },
    );
    const many = await open(sixth);
    expect([many.status, many.body.code]).toEqual([409, "too_many_sessions"]);
    expect(executed()).toBe(before);
    // Nothing of the fifth runs on: SSM need not know of it.
    gateway.emulator.fleet.stopTask(tasks[4] ?? "");
    expect((await open(sixth)).status).toBe(201);
    gateway.emulator.clearFaults();
    gateway.emulator.fleet.replaceTask("reports");
    for (const id of [...ids, sixth]) await revoke(id);
  });

  it("is given back at once where ExecuteCommand started nothing", async () => {
    const [failed, next] = [
      await approved({ service: "reports" }),
      await approved({ service: "reports" }),
    ];
    gateway.emulator.fault(
      { operation: "ExecuteCommand" },
      { kind: "error", code: "ThrottlingException", status: 400 },
    );
    expect((await open(failed)).body.code).toBe("throttled");
    gateway.emulator.clearFaults();
    expect((await open(next)).status).toBe(201);
    await revoke(next);
  });

  it("leaves a record that verifies, in which nobody holds what is over", async () => {
    await gateway.endAll();
    const record = await wholeRecord(gateway.events);
    expect(verifyChains(record).problems).toEqual([]);
    const slots = new Map<string, number>();
    for (const { chain, leaf } of record.toSorted((a, b) => a.seq - b.seq)) {
      if (chain.startsWith("SLOT#")) slots.set(chain, JSON.parse(leaf).data.holds.length);
    }
    expect(slots.size).toBeGreaterThan(1);
    expect([...slots.values()].filter((held) => held > 0)).toEqual([]);
  });
});
