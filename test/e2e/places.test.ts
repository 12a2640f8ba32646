import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { targetListSchema } from "../../api/response-schemas.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";

/** Where one may ask: services, families, clusters that encrypt, and clusters the gateway's role may not exec in. */
describe.skipIf(!engineHere)("the places one may ask for", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  const kinds = async (id: string) =>
    (await gateway.events.load(`REQ#${id}`)).map((event) => JSON.parse(event.leaf).kind as string);
  const approve = async (who: Profile, asked: { id: string; digest: string }) =>
    await gateway.as(who)("POST", `/v1/requests/${asked.id}/decisions`, {
      decision: "approve",
      digest: asked.digest,
    });

  async function listed(who: Profile, query: string) {
    const items: z.infer<typeof targetListSchema>["items"] = [];
    let cursor = "";
    do {
      const page = await gateway.as(who)("GET", `/v1/targets?${query}${cursor}`);
      expect(page.status, JSON.stringify(page.body)).toBe(200);
      const read = targetListSchema.parse(page.body);
      items.push(...read.items);
      cursor = read.cursor === undefined ? "" : `&cursor=${read.cursor}`;
    } while (cursor !== "");
    return items.map((item) => [
      item.clusterArn.split("/").at(-1),
      item.service ?? `family ${item.family}`,
      item.exec.ready,
    ]);
  }

  it("lists running tasks of services and those of none under their family, each once", async () => {
    expect(await listed("dev", "cluster=demo")).toEqual([
      ["demo", "broken", false],
      ["demo", "legacy", false],
      ["demo", "payments-api", true],
      ["demo", "payments-api", true],
      ["demo", "reports", true],
      ["demo", "family nightly", true],
    ]);
  });

  it("lists one service alone when it is named, and nothing to whom no rule lets ask", async () => {
    expect(await listed("dev", "cluster=demo&service=reports")).toEqual([
      ["demo", "reports", true],
    ]);
    const arn = "arn:aws:ecs:us-east-1:111122223333:service/demo/reports";
    expect(await listed("dev", `cluster=demo&service=${arn}`)).toEqual([["demo", "reports", true]]);
    expect(await listed("dev", "cluster=demo&service=nowhere")).toEqual([]);
    expect(await listed("dev", "cluster=vault")).toEqual([]);
    expect(await listed("auditor", "")).toEqual([]);
  });

  it("opens a session in a task of a family, and takes no service's task for one", async () => {
    const wish = { command: "/bin/uname -r", reason: "which kernel" };
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", family: "nightly" },
      ...wish,
    });
    expect([asked.status, asked.body.target.kind], JSON.stringify(asked.body)).toEqual([
      201,
      "family",
    ]);
    expect((await approve("lead", asked.body)).body.status).toBe("approved");
    const opened = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
    expect([opened.status, opened.body.containerName], JSON.stringify(opened.body)).toEqual([
      201,
      "job",
    ]);
    const before = executed();
    const foreign = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", family: "one" },
      ...wish,
    });
    expect([foreign.status, foreign.body.code], JSON.stringify(foreign.body)).toEqual([
      409,
      "preflight_failed",
    ]);
    expect(executed()).toBe(before);
  });

  it("refuses a cluster that encrypts with a key, before anybody is asked", async () => {
    const before = executed();
    const asked = await gateway.as("sre")("POST", "/v1/requests", {
      target: { cluster: "vault", service: "secrets" },
      command: "/bin/date",
      reason: "is its clock right",
      ticket: "OPS-1",
    });
    expect([asked.status, asked.body.code], JSON.stringify(asked.body)).toEqual([
      409,
      "preflight_failed",
    ]);
    expect(asked.body.problems).toMatchObject([{ check: "cluster_kms_key" }]);
    expect(await kinds(asked.body.requestId)).toEqual(["request.refused"]);
    expect(executed()).toBe(before);
  });

  it("tells that AWS refused the gateway and not the caller, and gives the use back", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "outside", service: "elsewhere" },
      command: "/bin/date",
      reason: "is its clock right",
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    expect((await approve("lead", asked.body)).body.status).toBe("approved");
    for (const attempt of [1, 2]) {
      const opened = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
      expect([opened.status, opened.body.code, attempt]).toEqual([
        403,
        "aws_denied_gateway",
        attempt,
      ]);
      expect(opened.body.aws.error).toBe("AccessDeniedException");
      expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
    }
    expect((await kinds(asked.body.id)).slice(2)).toEqual([
      "exec.intent",
      "exec.failed",
      "exec.intent",
      "exec.failed",
    ]);
  });
});
