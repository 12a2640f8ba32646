import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";

/** What docs/operating.md says of each service that does not answer: never that something opens for it. */
describe.skipIf(!engineHere)("while AWS does not answer", () => {
  let gateway: TestGateway;
  let isEngineDown = false;
  const down = {
    ECS: ["DescribeClusters", "DescribeServices", "DescribeTasks", "ListTasks", "ExecuteCommand"],
    STS: ["AssumeRole"],
    SSM: ["DescribeSessions", "TerminateSession"],
  } as const;
  const stop = (service: keyof typeof down) => {
    for (const operation of down[service]) gateway.emulator.fault({ operation }, { kind: "reset" });
  };

  beforeAll(async () => {
    gateway = await startTestGateway({
      wrapEvents: (events) =>
        new Proxy(events, {
          get(target, member) {
            const value: unknown = Reflect.get(target, member);
            if (typeof value !== "function") return value;
            return async (...args: unknown[]): Promise<unknown> => {
              if (isEngineDown) throw new Error("connect ECONNREFUSED");
              return await Reflect.apply(value, target, args);
            };
          },
        }),
    });
  });
  afterEach(async () => {
    isEngineDown = false;
    gateway.emulator.clearFaults();
    await gateway.endAll();
  });
  afterAll(() => gateway.close());

  let wishes = 0;
  const ask = () =>
    gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: `what time it is there, ${++wishes}`,
    });
  const open = (id: string) => gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
  const executed = () =>
    gateway.emulator.calls.filter(
      ({ operation, status }) => operation === "ExecuteCommand" && status === 200,
    ).length;
  const kinds = (grown: string[]) => grown.filter((kind) => !kind.startsWith("REFUSED:"));

  it("T82 DynamoDB: nothing is asked, opened or sent, and what was approved opens afterwards", async () => {
    const { body } = await ask();
    const before = executed();
    const { result, grown, held } = await grownBy(gateway.events, async () => {
      isEngineDown = true;
      const answers = [await ask(), await open(body.id)];
      isEngineDown = false;
      return answers;
    });
    expect(result.map(({ status }) => status >= 500)).toEqual([true, true]);
    expect([grown, held, executed()]).toEqual([[], [], before]);
    expect((await open(body.id)).status).toBe(201);
  });

  it.each([
    ["ECS", "nothing is asked or opened", true],
    ["STS", "asks go on while a role's session lasts, nothing is opened", false],
  ] as const)(
    "T82 %s: %s, and what was approved opens afterwards",
    async (service, _, stopsAsks) => {
      const { body } = await ask();
      const before = executed();
      const { result, grown, held } = await grownBy(gateway.events, async () => {
        stop(service);
        return [await ask(), await open(body.id)];
      });
      expect(result.map(({ status }) => status >= 400)).toEqual([stopsAsks, true]);
      const asked = stopsAsks ? [] : ["REQ:request.asked"];
      expect([kinds(grown), held, executed()]).toEqual([asked, [], before]);
      gateway.emulator.clearFaults();
      expect((await open(body.id)).status).toBe(201);
    },
    60_000,
  );

  it("T82 SSM: what has to end is on record as unverified or waits, and ends once SSM answers", async () => {
    const { body } = await ask();
    expect((await open(body.id)).status).toBe(201);
    await gateway.as("sre")("POST", `/v1/requests/${body.id}/revoke`, {});
    stop("SSM");
    const { grown } = await grownBy(gateway.events, async () => {
      await gateway.wake(body.id).catch(() => false);
    });
    expect(kinds(grown).filter((kind) => kind === "REQ:session.ended")).toEqual([]);
    expect((await gateway.as("dev")("GET", `/v1/requests/${body.id}`)).body.liveSessions).toBe(1);
    gateway.emulator.clearFaults();
    await gateway.wake(body.id, 3_600_000);
    expect((await gateway.as("dev")("GET", `/v1/requests/${body.id}`)).body.liveSessions).toBe(0);
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
