import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import {} from "../kit/processes.ts";
import { wholeRecord } from "../kit/record.ts";
import { isDead, runningSleep } from "../kit/sleeping-command.ts";

/** The one proof that nothing of a session runs on: its task has stopped. */
describe.skipIf(!engineHere)("to stop the task of a session", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ mayStopTasks: true });
    gateway.remainingMs = 9_500;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  const open = () => runningSleep(gateway);
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
    expect(await isDead(mark)).toBe(true);
    expect(await endOf(id)).toMatchObject({ cause: "asked", strength: "task-stopped" });
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
