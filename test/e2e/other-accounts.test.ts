import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FleetDescription } from "../../emulator/fleet-description.ts";
import type { PlaceDescription } from "../../emulator/places.ts";
import { definition, service } from "../kit/clinic.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy, named } from "../kit/record.ts";

const MINUTE = 60_000;
const home = { account: "111122223333", region: "us-east-1" };
const shop = { account: "444455556666", region: "eu-west-1" };
/** The same account elsewhere, and the home account where the other one is. */
const shopAtHome = { ...shop, region: home.region };
const homeAbroad = { ...home, region: shop.region };
const nobodys = { account: "999900001111", region: shop.region };

type Where = typeof home;

const arnOf = ({ account, region }: Where, rest: string): string =>
  `arn:aws:ecs:${region}:${account}:${rest}`;
/** Everywhere alike, by name: only account and region tell them apart. */
const prod = (tags = { team: "payments" }): FleetDescription => ({
  taskDefinitions: [definition("api", 1, "app")],
  clusters: [{ name: "prod", services: [service("api", { taskDefinition: "api:1", tags })] }],
});
const elsewhere: PlaceDescription[] = [
  { ...shop, fleet: prod() },
  { ...shopAtHome, fleet: prod({ team: "nobodys" }) },
  { ...homeAbroad, fleet: prod() },
];

/** Clusters of several accounts and regions, behind one gateway. */
describe.skipIf(!engineHere)("a target in another account or region", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ fleet: prod(), elsewhere, mayStopTasks: true });
  });
  afterAll(async () => {
    await gateway.close();
  });

  const wishIn = (where: Where, command = "/bin/sleep 600") => ({
    target: { cluster: arnOf(where, "cluster/prod"), service: "api" },
    command,
    reason: "a stuck queue",
  });
  const ask = (where: Where, who: "dev" | "stranger" = "dev") =>
    gateway.as(who)("POST", "/v1/requests", wishIn(where));
  const approved = async (where: Where): Promise<string> => {
    const asked = await ask(where);
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    for (const who of ["lead", "sre"] as const) {
      const decided = await gateway.as(who)("POST", `/v1/requests/${asked.body.id}/decisions`, {
        decision: "approve",
        digest: asked.body.digest,
      });
      if (decided.body.status === "approved") return asked.body.id;
    }
    throw new Error("it takes more than both");
  };
  const opened = async (where: Where) => {
    const id = await approved(where);
    const { status, body } = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect(status, JSON.stringify(body)).toBe(201);
    return { id, body, sessionId: body.session.sessionId as string };
  };
  const endOf = async (sessionId: string) =>
    (await gateway.as("dev")("GET", `/v1/sessions/${sessionId}`)).body.end;
  const seen = (where: Where, operation: string, from = 0) =>
    gateway.emulator.calls
      .slice(from)
      .filter(
        (call) =>
          call.operation === operation &&
          call.region === where.region &&
          call.principal.includes(`::${where.account}:`),
      );

  it.each([
    ["another account and region", shop],
    ["its own account in another region", homeAbroad],
    ["its own", home],
  ])("is asked for, approved, opened and terminated in %s", async (_, where) => {
    const from = gateway.emulator.calls.length;
    const { id, body, sessionId } = await opened(where);
    const fleet = gateway.emulator.fleetOf(where.account, where.region);
    const [task] = fleet.clusters[0]?.tasks ?? [];
    expect(body).toMatchObject({
      clusterArn: arnOf(where, "cluster/prod"),
      taskArn: task?.arn,
      sallyport: { region: where.region },
    });
    const executed = gateway.emulator.calls
      .slice(from)
      .filter(({ operation }) => operation === "ExecuteCommand");
    expect(executed.map(({ region, principal }) => [region, principal])).toEqual([
      [where.region, `arn:aws:sts::${where.account}:assumed-role/sallyport-exec/req-${id}.1`],
    ]);
    expect(executed[0]?.input).toMatchObject({ task: task?.arn });

    const { result } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", `/v1/sessions/${sessionId}/terminate`, {}),
    );
    expect(result.status, JSON.stringify(result.body)).toBe(202);
    expect(await gateway.wake(id)).toBe(true);
    expect(seen(where, "TerminateSession", from)).toHaveLength(1);
    expect(await endOf(sessionId)).toMatchObject({ cause: "asked", strength: "ssm-status" });
  });

  it("is ended there by the sweeper at its minute, and stopped there with its task", async () => {
    const { id, sessionId } = await opened(shop);
    const from = gateway.emulator.calls.length;
    expect(await gateway.wake(id, 61 * MINUTE)).toBe(true);
    expect(seen(shop, "TerminateSession", from)).toHaveLength(1);
    expect(seen(home, "TerminateSession", from)).toEqual([]);
    expect(await endOf(sessionId)).toMatchObject({ cause: "expired" });

    const next = await opened(shop);
    const asked = await gateway.as("sre")("POST", `/v1/sessions/${next.sessionId}/terminate`, {
      stopTask: true,
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(202);
    expect(await gateway.wake(next.id)).toBe(true);
    expect(await gateway.wake(next.id, MINUTE)).toBe(true);
    const stopped = seen(shop, "StopTask");
    expect(stopped).toHaveLength(1);
    expect(stopped[0]?.input).toMatchObject({ cluster: arnOf(shop, "cluster/prod") });
    expect(await endOf(next.sessionId)).toMatchObject({ strength: "task-stopped" });
    const { fleet } = gateway.emulator;
    expect(fleet.clusters[0]?.tasks.every((task) => task.lastStatus === "RUNNING")).toBe(true);
    gateway.emulator.fleetOf(shop.account, shop.region).replaceTask("api");
  });

  it("is ended there by a lock on its cluster, and sessions elsewhere go on", async () => {
    const [there, here] = [await opened(shop), await opened(home)];
    const locked = await gateway.as("sre")("POST", "/v1/locks", {
      subject: { kind: "cluster", id: arnOf(shop, "cluster/prod") },
      reason: "an incident",
    });
    expect(locked.status, JSON.stringify(locked.body)).toBe(201);
    expect(await gateway.wakeLocked()).toBe(true);
    expect(await endOf(there.sessionId)).toMatchObject({ cause: "locked" });
    expect(await endOf(here.sessionId)).toBeUndefined();
    expect((await ask(shop)).body.code).toBe("locked");
    expect((await ask(homeAbroad)).status).toBe(201);
    await gateway.as("dev")("POST", `/v1/sessions/${here.sessionId}/terminate`, {});
    expect(await gateway.wake(here.id)).toBe(true);
  });

  it("T33 of an account, region or cluster that is not configured is missing, and nobody asks AWS", async () => {
    const from = gateway.emulator.calls.length;
    const answers = [];
    for (const where of [nobodys, { ...shop, region: "ap-south-1" }]) {
      const { result, added } = await grownBy(gateway.events, () => ask(where));
      answers.push(result);
      // The first refusal is on record, the second counted; neither is a request.
      expect(["", "REFUSED:call.refused"]).toContain(added.map(named).join());
    }
    expect(gateway.emulator.calls.slice(from)).toEqual([]);
    const missing = await gateway.as("dev")("POST", "/v1/requests", {
      ...wishIn(home),
      target: { cluster: "never", service: "api" },
    });
    for (const { status, body } of [...answers, missing]) {
      const { instance: _, ...rest } = body;
      const { instance: __, ...first } = missing.body;
      expect([status, rest]).toEqual([404, first]);
    }
    expect(missing.body.code).toBe("cluster_not_found");
  });

  it("T33 is missing where no rule lets one ask, though its name is that of one where one may", async () => {
    const from = gateway.emulator.calls.length;
    const there = await ask(shopAtHome);
    expect([there.status, there.body.code]).toEqual([404, "cluster_not_found"]);
    expect(seen(shopAtHome, "DescribeServices", from).length).toBeGreaterThan(0);
    const mixed = await gateway.as("dev")("POST", "/v1/requests", {
      ...wishIn(shop),
      target: { cluster: arnOf(shop, "cluster/prod"), service: arnOf(home, "service/prod/api") },
    });
    expect([mixed.status, mixed.body.code]).toEqual([404, "service_not_found"]);
  });

  it("T33 is not reached by a task's id of another account, nor by another's name for it", async () => {
    const [task] = gateway.emulator.fleetOf(shop.account, shop.region).clusters[0]?.tasks ?? [];
    const from = gateway.emulator.calls.length;
    for (const target of [
      { cluster: arnOf(home, "cluster/prod"), task: task?.id },
      { task: task?.arn },
    ]) {
      const asked = await gateway.as("dev")("POST", "/v1/requests", { ...wishIn(home), target });
      expect([asked.status, asked.body.code], JSON.stringify(asked.body)).toEqual([
        400,
        "task_not_found",
      ]);
    }
    expect(seen(shop, "DescribeTasks", from)).toEqual([]);
  });

  it("is listed beside the others, each under its own ARN", async () => {
    for (const path of ["/v1/targets", "/v1/services"]) {
      const clusters: string[] = [];
      let cursor = "";
      do {
        const { body } = await gateway.as("dev")("GET", `${path}${cursor}`);
        clusters.push(...body.items.map((item: { clusterArn: string }) => item.clusterArn));
        cursor = body.cursor === undefined ? "" : `?cursor=${body.cursor}`;
      } while (cursor !== "");
      expect([path, clusters.toSorted()]).toEqual([
        path,
        [shop, homeAbroad, home].map((where) => arnOf(where, "cluster/prod")).toSorted(),
      ]);
    }
  });

  it("T33 is spoken to in its own region and as its own account's roles alone, in all of the above", () => {
    const { calls } = gateway.emulator;
    const about = calls.flatMap((call) => {
      const said = JSON.stringify(call.input);
      const [, region, account] = /arn:aws:ecs:([a-z0-9-]+):(\d{12}):/.exec(said) ?? [];
      return account === undefined || call.service === "sts" ? [] : [{ call, region, account }];
    });
    expect(new Set(about.map(({ account }) => account))).toEqual(
      new Set([home.account, shop.account]),
    );
    for (const { call, region, account } of about) {
      expect([call.operation, call.region, call.principal.split(":")[4]]).toEqual([
        call.operation,
        region,
        account,
      ]);
    }
  });
});
