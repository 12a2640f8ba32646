import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { Fault } from "../../emulator/faults.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

/** ExecuteCommand reaches the wire once, whatever ECS answers, and what came of it is on record. */
describe.skipIf(!engineHere)("one ExecuteCommand for one intent", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    // Leaves ExecuteCommand a second and a half before an answer is due.
    gateway.remainingMs = 9_500;
  });
  afterEach(async () => {
    gateway.emulator.clearFaults();
    // An attempt whose outcome nobody knows holds its container until it is settled.
    await gateway.sweep(2 * 60_000);
  });
  afterAll(async () => {
    await gateway.close();
  });

  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  const ended = () =>
    gateway.emulator.calls.filter((call) => call.operation === "TerminateSession").length;
  const ask = async (): Promise<string> => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "checking the clock",
    });
    expect(asked.body.status, JSON.stringify(asked.body)).toBe("approved");
    return asked.body.id;
  };
  const kinds = async (id: string): Promise<string[]> => {
    const stored = await gateway.events.load(`REQ#${id}`);
    expect(verifyChains(stored).problems).toEqual([]);
    return stored.map((event) => JSON.parse(event.leaf).kind);
  };

  const ambiguous: { name: string; fault: Fault }[] = [
    { name: "answers 500", fault: { kind: "error", code: "ServerException", status: 500 } },
    { name: "answers a bare 503", fault: { kind: "status", status: 503 } },
    { name: "resets the connection", fault: { kind: "reset" } },
    { name: "never answers", fault: { kind: "hang" } },
    { name: "starts the command and loses the answer", fault: { kind: "applied-then-reset" } },
  ];
  for (const { name, fault } of ambiguous) {
    it(`T03 sends it once when ECS ${name}, records that nobody knows, and returns no credentials`, async () => {
      const id = await ask();
      const before = executed();
      gateway.emulator.fault({ operation: "ExecuteCommand" }, fault);
      const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      expect([opened.status, opened.body.code], JSON.stringify(opened.body)).toEqual([
        502,
        "outcome_unknown",
      ]);
      expect(opened.body.retryable).toBe(false);
      expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
      expect(executed()).toBe(before + 1);
      expect(await kinds(id)).toEqual(["request.asked", "exec.intent", "exec.unknown"]);

      gateway.emulator.clearFaults();
      const again = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      expect([again.status, again.body.code]).toEqual([502, "outcome_unknown"]);
      expect(executed()).toBe(before + 1);
    });
  }

  const definite: { error: string; status: number; code: string }[] = [
    { error: "AccessDeniedException", status: 403, code: "aws_denied_gateway" },
    { error: "ClientException", status: 400, code: "aws_client_error" },
    { error: "ClusterNotFoundException", status: 404, code: "cluster_not_found" },
    { error: "InvalidParameterException", status: 400, code: "aws_invalid_parameter" },
    { error: "TargetNotConnectedException", status: 409, code: "target_not_connected" },
    { error: "ThrottlingException", status: 429, code: "throttled" },
  ];
  for (const { error, status, code } of definite) {
    it(`T10, T11: gives the use back when ECS answers ${error}`, async () => {
      const id = await ask();
      const before = executed();
      gateway.emulator.fault(
        { operation: "ExecuteCommand", times: 1 },
        { kind: "error", code: error, status: 400 },
      );
      const refused = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      expect([refused.status, refused.body.code, refused.body.aws.error]).toEqual([
        status,
        code,
        error,
      ]);
      expect(executed()).toBe(before + 1);
      const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      expect(opened.status, JSON.stringify(opened.body)).toBe(201);
      expect(await kinds(id)).toEqual([
        "request.asked",
        "exec.intent",
        "exec.failed",
        "exec.intent",
        "session.opened",
      ]);
    });
  }

  it("ends a session that is not what was asked for, and hands nothing over", async () => {
    const id = await ask();
    const before = ended();
    gateway.emulator.fault(
      { operation: "ExecuteCommand", times: 1 },
      { kind: "lie", merge: { containerName: "envoy" } },
    );
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect([opened.status, opened.body.code]).toEqual([502, "exec_response_mismatch"]);
    expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
    expect(ended()).toBe(before + 1);
    const last = JSON.parse((await gateway.events.load(`REQ#${id}`)).at(-1)?.leaf ?? "{}");
    expect([last.kind, last.data.delivered, last.data.withheld]).toEqual([
      "session.opened",
      false,
      "response_mismatch",
    ]);
  });
});

/** A revoke between the intent and the answer, and a record that cannot be written. */
describe.skipIf(!engineHere)("an open that loses its race", () => {
  it("T15 withholds and ends the session when a revoke came first", async () => {
    let id = "";
    const gateway = await startTestGateway({
      wrapExec: (ports) => ({
        ...ports,
        execRoles: {
          assume: async (grant) => {
            const role = await ports.execRoles.assume(grant);
            return {
              executeCommand: async (input, deadline) => {
                const outcome = await role.executeCommand(input, deadline);
                const revoked = await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
                expect(revoked.status).toBe(200);
                return outcome;
              },
            };
          },
        },
      }),
    });
    try {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/date",
        reason: "checking the clock",
      });
      id = asked.body.id;
      const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      expect([opened.status, opened.body.code]).toEqual([409, "request_closed"]);
      expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
      const stored = await gateway.events.load(`REQ#${id}`);
      const leaves = stored.map((event) => JSON.parse(event.leaf));
      expect(leaves.map((leaf) => leaf.kind)).toEqual([
        "request.asked",
        "exec.intent",
        "request.revoked",
        "session.opened",
      ]);
      expect(leaves.at(-1).data).toMatchObject({ delivered: false, withheld: "request_closed" });
      expect(
        gateway.emulator.calls.filter((call) => call.operation === "TerminateSession"),
      ).toHaveLength(1);
    } finally {
      await gateway.close();
    }
  });

  it("T04 hands nothing over and ends the session when it cannot be recorded", async () => {
    let failing = false;
    const gateway = await startTestGateway({
      wrapEvents: (events) => ({
        ...events,
        tableArn: events.tableArn,
        append: async (entries, fences) => {
          if (failing && entries.some((entry) => entry.leaf.includes('"session.opened"')))
            throw new Error("gone");
          return await events.append(entries, fences);
        },
      }),
    });
    try {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/date",
        reason: "checking the clock",
      });
      failing = true;
      const opened = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
      expect(opened.status).toBe(500);
      expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
      expect(
        gateway.emulator.calls.filter((call) => call.operation === "TerminateSession"),
      ).toHaveLength(1);
      failing = false;
      const again = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
      expect([again.status, again.body.code]).toEqual([409, "session_already_opened"]);
    } finally {
      await gateway.close();
    }
  });
});

/** ExecuteCommand is sent within ten seconds of what was decided, or not at all. */
describe.skipIf(!engineHere)(
  "an open that is held up between its intent and ExecuteCommand",
  () => {
    let gateway: TestGateway;
    let heldUpMs = 0;
    let aheadMs = 0;
    beforeAll(async () => {
      gateway = await startTestGateway({
        wrapExec: (ports) => ({
          ...ports,
          clock: { ...ports.clock, now: () => ports.clock.now() + aheadMs },
          events: {
            ...ports.events,
            append: async (entries, fences) => {
              const appended = await ports.events.append(entries, fences);
              if (entries.some(({ leaf }) => leaf.includes('"exec.intent"'))) {
                aheadMs += heldUpMs;
                heldUpMs = 0;
              }
              return appended;
            },
          },
        }),
      });
    });
    afterAll(async () => {
      await gateway.close();
    });

    async function heldUp(ms: number) {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/date",
        reason: "checking the clock",
      });
      const before = gateway.emulator.calls.length;
      heldUpMs = ms;
      const path = `/v1/requests/${asked.body.id}/sessions`;
      const opened = await gateway.as("dev")("POST", path);
      const executed = gateway.emulator.calls
        .slice(before)
        .filter((call) => call.operation === "ExecuteCommand").length;
      const stored = await gateway.events.load(`REQ#${asked.body.id}`);
      return { opened, executed, last: readEvent(stored.at(-1) as StoredEvent), path };
    }

    it("for longer sends nothing, says so on record, and gives the use back", async () => {
      const { opened, executed, last, path } = await heldUp(11_000);
      expect([opened.status, opened.body.code, opened.body.retryable]).toEqual([
        503,
        "record_conflict",
        true,
      ]);
      expect(executed).toBe(0);
      expect([last.kind, last.data]).toEqual([
        "exec.failed",
        { attempt: 1, code: "record_conflict", aws: null },
      ]);
      expect(last.values).toEqual({ detail: expect.stringContaining("was not sent") as string });
      expect((await gateway.as("dev")("POST", path)).status).toBe(201);
    });

    it("for less opens", async () => {
      const { opened, executed, last } = await heldUp(9_000);
      expect([opened.status, executed, last.kind]).toEqual([201, 1, "session.opened"]);
    });
  },
);
