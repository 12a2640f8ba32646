import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { serviceListSchema } from "../../api/response-schemas.ts";
import type { FleetDescription, ServiceDescription } from "../../emulator/fleet-description.ts";
import { definition, service } from "../kit/clinic.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import type { Profile } from "../kit/profiles.ts";
import { worldClock } from "../world/clock.ts";

const SERVICES = 300;
const TASKS = 10;
/** Of another team, whose name sorts among the others. */
const HIDDEN = 40;
/** API Gateway waits no longer. */
const ANSWER_MS = 29_000;

const name = (n: number): string => `svc-${String(n).padStart(3, "0")}`;
/** A definition each, as in life. Some of them are ill. */
const ill: { [service: string]: Partial<ServiceDescription> } = {
  [name(7)]: { agent: "STOPPED" },
  [name(100)]: { enableExecuteCommand: false },
  [name(299)]: { desiredCount: 0 },
};
const names = Array.from({ length: SERVICES }, (_, n) => name(n));
const hidden = Array.from({ length: HIDDEN }, (_, n) => `${name(n * 7)}-b`);

const fleet: FleetDescription = {
  taskDefinitions: [...names, ...hidden].map((family) => definition(family, 1, "app", "envoy")),
  clusters: [
    {
      name: "fleet",
      services: [
        ...names.map((one) =>
          service(one, { taskDefinition: `${one}:1`, desiredCount: TASKS, ...ill[one] }),
        ),
        ...hidden.map((one) =>
          service(one, { taskDefinition: `${one}:1`, tags: { team: "nobodys" } }),
        ),
      ],
    },
  ],
};

type Items = z.infer<typeof serviceListSchema>["items"];

/** An account that is as large as those who need this, before an ECS that throttles. */
describe.skipIf(!engineHere)("all services of a large account", () => {
  // Time passes where the gateway waits for it, and nowhere else.
  const clock = worldClock(Date.now());
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ fleet, clock, throttled: true });
  });
  afterAll(async () => {
    await gateway.close();
  });

  async function walk(who: Profile): Promise<{ items: Items; pages: number; longestMs: number }> {
    const items: Items = [];
    let cursor = "";
    let pages = 0;
    let longestMs = 0;
    do {
      const from = clock.now();
      const page = await gateway.as(who)("GET", `/v1/services?cluster=fleet${cursor}`);
      longestMs = Math.max(longestMs, clock.now() - from);
      expect(page.status, JSON.stringify(page.body)).toBe(200);
      const read = serviceListSchema.parse(page.body);
      items.push(...read.items);
      pages++;
      cursor = read.cursor === undefined ? "" : `&cursor=${read.cursor}`;
    } while (cursor !== "");
    return { items, pages, longestMs };
  }

  it("T34 are told with the share of their ready tasks, in as few calls as may be, and no others", async () => {
    const before = gateway.emulator.calls.length;
    const { items, pages, longestMs } = await walk("dev");
    const calls = gateway.emulator.calls.slice(before);
    const count = (operation: string): number =>
      calls.filter((call) => call.operation === operation).length;

    expect(items.map((item) => item.service)).toEqual(names);
    const byName = new Map(items.map((item) => [item.service, item]));
    const tasks = (one: number) => byName.get(name(one))?.tasks;
    expect([tasks(0), tasks(7), tasks(100), tasks(299)]).toEqual([
      { running: TASKS, ready: TASKS },
      { running: TASKS, ready: 0 },
      { running: TASKS, ready: 0 },
      { running: 0, ready: 0 },
    ]);
    expect(byName.get(name(7))?.problems).toMatchObject([{ check: "exec_agent", tasks: TASKS }]);
    expect(byName.get(name(100))?.problems).toMatchObject([{ check: "exec_enabled" }]);
    expect(byName.get(name(299))?.problems).toMatchObject([{ check: "running_task", tasks: 0 }]);
    const wrong = items.filter(({ problems }) => problems.length > 0).map((item) => item.service);
    expect(wrong).toEqual([name(7), name(100), name(299)]);

    // What ECS would refuse was not sent, and no page came near the end of API Gateway's patience.
    expect(calls.filter(({ errorCode }) => errorCode !== undefined)).toEqual([]);
    expect(longestMs).toBeLessThan(ANSWER_MS - 5_000);
    expect(pages).toBeLessThanOrEqual(4);
    const services = SERVICES + HIDDEN;
    expect({
      ListTasks: count("ListTasks"),
      DescribeTasks: count("DescribeTasks"),
      DescribeTaskDefinition: count("DescribeTaskDefinition"),
      DescribeClusters: count("DescribeClusters"),
      ListServices: count("ListServices"),
      DescribeServices: count("DescribeServices"),
    }).toEqual({
      ListTasks: SERVICES,
      DescribeTasks: SERVICES / 10,
      DescribeTaskDefinition: SERVICES - 1,
      DescribeClusters: pages,
      ListServices: Math.ceil(services / 100) * pages,
      DescribeServices: Math.ceil(services / 10) * pages,
    });
    // Tasks of what they may not ask for were not looked at.
    const looked = calls.flatMap(({ input }) => (input["serviceName"] as string | undefined) ?? []);
    expect(looked.filter((one) => hidden.includes(one))).toEqual([]);
  });

  it("T35 are nothing to strangers: no item, no cursor, and not one task looked at", async () => {
    const before = gateway.emulator.calls.length;
    expect(await walk("stranger")).toMatchObject({ items: [], pages: 1 });
    const operations = gateway.emulator.calls.slice(before).map(({ operation }) => operation);
    expect(operations).not.toContain("ListTasks");
    expect(operations).not.toContain("DescribeTasks");
  });

  it("are told in part where ECS throttles in the middle, with where to go on", async () => {
    const page = async (cursor = "") =>
      await gateway.as("dev")("GET", `/v1/services?cluster=fleet${cursor}`);
    // Each call is tried three times.
    gateway.emulator.fault(
      { operation: "DescribeTasks", times: 3 },
      { kind: "error", code: "ThrottlingException", status: 400 },
    );
    const refused = await page();
    expect([refused.status, refused.body.code]).toEqual([429, "throttled"]);
    const first = await page();
    expect([first.status, first.body.items[0].service]).toEqual([200, name(0)]);

    // The first call of the page is answered as it is, and the next is not.
    gateway.emulator.fault({ operation: "DescribeTasks", times: 1 }, { kind: "lie", merge: {} });
    gateway.emulator.fault(
      { operation: "DescribeTasks", times: 3 },
      { kind: "error", code: "ThrottlingException", status: 400 },
    );
    const unmet = gateway.emulator.calls.length;
    const second = await page(`&cursor=${first.body.cursor}`);
    const codes = gateway.emulator.calls
      .slice(unmet)
      .filter(({ operation }) => operation === "DescribeTasks")
      .map(({ errorCode }) => errorCode);
    const throttled = "ThrottlingException";
    expect(codes).toEqual([undefined, throttled, throttled, throttled]);
    expect(second.status, JSON.stringify(second.body)).toBe(200);
    const last = second.body.items.at(-1).service;
    expect(second.body.cursor).toBe(`0.${last}`);
    const third = await page(`&cursor=${second.body.cursor}`);
    expect(third.body.items[0].service).toBe(names[names.indexOf(last) + 1]);
  });

  it("are asked for with a cursor of ours alone", async () => {
    for (const cursor of ["-1", "x", "0.", "0.a b", "01", "9999999", "0.x'--"]) {
      const answer = await gateway.as("dev")(
        "GET",
        `/v1/services?cursor=${encodeURIComponent(cursor)}`,
      );
      expect([cursor, answer.status, answer.body.code]).toEqual([cursor, 400, "query_invalid"]);
    }
    const behind = await gateway.as("dev")("GET", "/v1/services?cursor=5");
    expect([behind.status, behind.body.items, behind.body.cursor]).toEqual([200, [], undefined]);
  });
});
