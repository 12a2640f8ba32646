import { randomInt } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith, until } from "../kit/processes.ts";
import { wholeRecord } from "../kit/record.ts";

/** The one proof that nothing of a session runs on: its task has stopped. */
describe.skipIf(!engineHere)("to stop the task of a session", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ mayStopTasks: true });
    gateway.remainingMs = 9_500;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  async function open() {
    const mark = `79${randomInt(1e9, 2e9)}`;
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: `/bin/sh -c 'sleep ${mark}'`,
      reason: "a stuck queue",
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest } = asked.body as { id: string; digest: string };
    for (const who of ["lead", "sre"] as const) {
      const decision = { decision: "approve", digest };
      await gateway.as(who)("POST", `/v1/requests/${id}/decisions`, decision);
    }
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(await until(() => processesWith(mark).length > 0, 5_000)).toBe(true);
    const { taskArn, session } = opened.body;
    return { id, mark, taskArn: taskArn as string, sessionId: session.sessionId as string };
  }
  const stop = (who: "dev" | "sre", sessionId: string) =>
    gateway.as(who)("POST", `/v1/sessions/${sessionId}/terminate`, { stopTask: true });
  const statusOf = (taskArn: string) =>
    gateway.emulator.fleet.clusters.flatMap(({ tasks }) => tasks).find(({ arn }) => arn === taskArn)
      ?.lastStatus;
  const endOf = async (id: string) =>
    (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body.sessions[0].end;

  it("kills all that is in it, and is on record as what it is; its owner is not enough", async () => {
    const { id, mark, taskArn, sessionId } = await open();
    expect((await stop("dev", sessionId)).body.code).toBe("not_permitted");
    expect((await stop("sre", sessionId)).status).toBe(202);
    // Stopping does not wait for SSM's word, nor does that word do instead.
    gateway.emulator.fault({ operation: "StopTask" }, { kind: "status", status: 200 });
    await gateway.sweep();
    expect(await endOf(id)).toBeUndefined();
    expect(statusOf(taskArn)).toBe("RUNNING");
    gateway.emulator.clearFaults();
    await gateway.sweep(60_000);
    expect(statusOf(taskArn)).toBe("STOPPED");
    expect(await until(() => processesWith(mark).length === 0, 5_000)).toBe(true);
    expect(await endOf(id)).toMatchObject({ cause: "asked", strength: "task-stopped" });
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
