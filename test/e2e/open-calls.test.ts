import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { inSeries, operationsOfAnOpen, type Span } from "../kit/steps-in-series.ts";

/** Every call is made to last so long, so that what waits for what can be told. */
const EACH_MS = 60;

/**
 * What an approved open costs in calls to AWS, counted at the emulator and at the table's client, with the
 * read role's credentials, the cluster and the task definition known from an open before.
 */
describe.skipIf(!engineHere)("the calls of one approved open", () => {
  let gateway: TestGateway;
  let spans: Span[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.dynamodbOf("exec").middlewareStack.add(
      (next, context) => async (args) => {
        const from = Date.now();
        const input = args.input as { TableName?: string; IndexName?: string };
        try {
          await new Promise((resolve) => setTimeout(resolve, EACH_MS));
          return await next(args);
        } finally {
          const table = input.IndexName ?? input.TableName ?? "";
          const name = `${String(context.commandName).replace(/Command$/, "")} ${table}`.trim();
          spans.push({ name, from, until: Date.now() });
        }
      },
      { step: "initialize", name: "spans" },
    );
  });
  afterAll(async () => {
    await gateway.close();
  });

  async function opened(target: object): Promise<{ all: string[]; series: string[] }> {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", container: "app", ...target },
      command: "/bin/date",
      reason: "what time it is there",
    });
    expect(asked.body.status, JSON.stringify(asked.body)).toBe("approved");
    // Whoever was in the container is seen to have left it.
    await gateway.sweep();
    for (const operation of operationsOfAnOpen) {
      gateway.emulator.fault({ operation }, { kind: "slow", ms: EACH_MS });
    }
    spans = [];
    const before = gateway.emulator.calls.length;
    const open = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
    expect(open.status, JSON.stringify(open.body)).toBe(201);
    gateway.emulator.clearFaults();
    for (const { operation, at } of gateway.emulator.calls.slice(before)) {
      spans.push({ name: operation, from: at, until: at + EACH_MS });
    }
    return { all: spans.map((span) => span.name).toSorted(), series: inSeries(spans) };
  }
  const beside = (calls: string[]) => calls.filter((name) => name !== "ExecuteCommand");
  const record = [
    "Query events",
    "Query events",
    "Query events",
    // Who is in the container, and where the person is.
    "Query events",
    "Query events",
    "TransactWriteItems",
    "TransactWriteItems",
    // How much its person has done in this minute: sent with the first loads, so that nothing waits for it.
    "UpdateItem state",
  ];

  it("T23 are at most 11 for a task, 4 of them in series, and read neither a view nor an index", async () => {
    const { emulator } = gateway;
    await opened({ service: "payments-api" });
    const task = emulator.calls.findLast((call) => call.operation === "ExecuteCommand")?.input[
      "task"
    ];
    await opened({ task });
    const { all, series } = await opened({ task });
    expect(beside(all)).toEqual(
      ["AssumeRole", "DescribeServices", "DescribeTasks", ...record].toSorted(),
    );
    expect(beside(all).length).toBeLessThanOrEqual(11);
    expect(all.filter((name) => name === "ExecuteCommand")).toHaveLength(1);
    expect(beside(series).length, series.join(", ")).toBeLessThanOrEqual(4);
  });

  it("T23 are at most 12 for a service, 6 of them in series, and read neither a view nor an index", async () => {
    await opened({ service: "payments-api" });
    const { all, series } = await opened({ service: "payments-api" });
    expect(beside(all)).toEqual(
      ["AssumeRole", "DescribeServices", "DescribeTasks", "ListTasks", ...record].toSorted(),
    );
    expect(beside(all).length).toBeLessThanOrEqual(12);
    expect(beside(series).length, series.join(", ")).toBeLessThanOrEqual(6);
  });

  it("look at everything anew for each who asks: what an approver is shown is not kept", async () => {
    const before = gateway.emulator.calls.length;
    for (let n = 1; n <= 2; n++) {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/date",
        reason: `what time it is there, ${n}`,
      });
      expect(asked.status).toBe(201);
    }
    const operations = gateway.emulator.calls.slice(before).map(({ operation }) => operation);
    for (const looked of ["DescribeClusters", "DescribeServices", "DescribeTaskDefinition"]) {
      expect(operations.filter((name) => name === looked)).toHaveLength(2);
    }
  });

  it("are, where one call asks and opens, those of the look and those of the open", async () => {
    const { emulator } = gateway;
    await opened({ service: "payments-api" });
    const executed = emulator.calls.findLast((call) => call.operation === "ExecuteCommand");
    const body = (n: number) => ({
      cluster: "demo",
      task: executed?.input["task"],
      container: "app",
      command: "/bin/date",
      interactive: true,
      reason: `what time it is there, ${n}`,
    });
    const execute = async (n: number) => {
      await gateway.sweep();
      return await gateway.as("dev")("POST", "/v1/execute-command", body(n));
    };
    expect((await execute(1)).status).toBe(200);
    await gateway.sweep();
    const before = emulator.calls.length;
    const opens = await gateway.as("dev")("POST", "/v1/execute-command", body(2));
    expect(opens.status).toBe(200);
    expect(
      emulator.calls
        .slice(before)
        .map(({ operation }) => operation)
        .toSorted(),
    ).toEqual([
      "AssumeRole",
      "DescribeServices",
      "DescribeServices",
      "DescribeTasks",
      "DescribeTasks",
      "ExecuteCommand",
      "ListTasks",
    ]);
  });
});
