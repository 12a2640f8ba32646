import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { preflightSchema } from "../../api/response-schemas.ts";
import { type Card, cardDigest } from "../../core/card.ts";
import { unchecked } from "../../core/diagnosis.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { countingRefusals } from "../kit/counted-refusals.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";

const NOT_ENABLED =
  "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running.";

/** What ECS Exec needs: before anybody is asked, before anything is opened, and after it failed all the same. */
describe.skipIf(!engineHere)("what ECS Exec needs", () => {
  let gateway: TestGateway;
  /** Done between the intent and ExecuteCommand: what ECS said at the open is no longer so. */
  let meanwhile: () => void = () => {};
  /** Refusals that were counted, and are no events of their own. */
  let counted = 0;
  beforeAll(async () => {
    gateway = await startTestGateway({
      wrapCounts: (counts) => countingRefusals(counts, () => void counted++),
      wrapExec: (ports) => ({
        ...ports,
        execRoles: {
          async assume(grant) {
            const role = await ports.execRoles.assume(grant);
            return {
              executeCommand(input, deadlineMs) {
                meanwhile();
                return role.executeCommand(input, deadlineMs);
              },
            };
          },
        },
      }),
    });
  });
  afterEach(() => {
    meanwhile = () => {};
    gateway.emulator.clearFaults();
  });
  afterAll(async () => {
    await gateway.close();
  });

  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  const kinds = async (id: string): Promise<string[]> => {
    const stored = await gateway.events.load(`REQ#${id}`);
    expect(verifyChains(stored).problems).toEqual([]);
    return stored.map((event) => JSON.parse(event.leaf).kind);
  };
  const wishFor = (service: string, container = "app") => ({
    target: { cluster: "clinic", service, container },
    command: "/bin/uname -r",
    reason: "which kernel",
  });
  const ask = async (service: string) =>
    await gateway.as("dev")("POST", "/v1/requests", wishFor(service));
  const approved = async (service: string): Promise<string> => {
    const asked = await ask(service);
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest } = asked.body;
    const decided = await gateway.as("lead")("POST", `/v1/requests/${id}/decisions`, {
      decision: "approve",
      digest,
    });
    expect(decided.body.status, JSON.stringify(decided.body)).toBe("approved");
    return id;
  };
  const open = async (id: string) => await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
  const byCheck = (found: { check: string; status: string }[]) =>
    Object.fromEntries(found.map((f) => [f.check, f.status]));
  const task = (service: string) => {
    const found = gateway.emulator.fleet.clusters
      .find(({ name }) => name === "clinic")
      ?.tasks.find((t) => t.service === service && t.lastStatus === "RUNNING");
    if (found === undefined) throw new Error(`no task of ${service}`);
    return found;
  };

  describe("at the request", () => {
    it.each([
      ["readonly", "readonly_root", "/managed-agents"],
      ["roleless", "task_role", "taskRoleArn"],
      ["old", "platform_version", "1.3.0"],
    ])("refuses %s for its %s: on record, and nobody is asked", async (service, check, remedy) => {
      const before = executed();
      const asked = await ask(service);
      expect([asked.status, asked.body.code], JSON.stringify(asked.body)).toEqual([
        409,
        "preflight_failed",
      ]);
      expect(asked.body.problems).toEqual([
        { check, remedy: expect.stringContaining(remedy) as string },
      ]);
      expect(await kinds(asked.body.requestId)).toEqual(["request.refused"]);
      await gateway.project(asked.body.requestId);
      const waiting = await gateway.as("lead")("GET", "/v1/requests?approver=me");
      expect(JSON.stringify(waiting.body)).not.toContain(asked.body.requestId);
      expect(executed()).toBe(before);
    });

    it.each([
      ["mounted", "readonly_root"],
      ["keys", "aws_key_variables"],
      ["zombies", "init_process"],
      ["starting", "exec_agent"],
      ["shared", "pid_mode"],
    ])("asks for %s, and warns approvers of its %s", async (service, check) => {
      const asked = await ask(service);
      expect(asked.status, JSON.stringify(asked.body)).toBe(201);
      const seen = await gateway.as("lead")("GET", `/v1/requests/${asked.body.id}`);
      const { card, digest, preflight } = seen.body;
      expect(card.warnings).toContainEqual(expect.stringMatching(new RegExp(`^${check}: `)));
      expect(cardDigest(card as Card)).toBe(digest);
      expect(cardDigest({ ...card, warnings: [] } as Card)).not.toBe(digest);
      expect(byCheck(preflight)).toMatchObject({ [check]: "warning" });
      expect(JSON.stringify(seen.body)).not.toContain("AKIDEXAMPLE");
    });

    it("warns of nothing where nothing is wrong, and says what an instance leaves open", async () => {
      for (const service of ["healthy", "spot", "instances"]) {
        const asked = await ask(service);
        // Past the gateway, whoever may start a session on the host is in all of its containers.
        const warned = asked.body.card.warnings.map((text: string) => text.split(":")[0]);
        expect(warned, service).toEqual(service === "instances" ? ["host_access"] : []);
        expect(asked.body.card.transcript).toBe("expected");
        expect(byCheck(asked.body.preflight)["platform_version"]).toBe(
          service === "instances" ? "not_checked" : "passed",
        );
      }
    });
  });

  describe("at the open", () => {
    it.each(["STOPPED", "PENDING"] as const)(
      "opens nothing while the agent is %s: no intent, and the use is free",
      async (state) => {
        const id = await approved("healthy");
        const before = [await kinds(id), executed()];
        gateway.emulator.fleet.setAgent("clinic/healthy", state);
        const opened = await open(id);
        gateway.emulator.fleet.setAgent("clinic/healthy", "RUNNING");
        expect([opened.status, opened.body.code], JSON.stringify(opened.body)).toEqual([
          409,
          "agent_not_running",
        ]);
        expect(opened.body.problems).toMatchObject([{ check: "exec_agent" }]);
        expect([await kinds(id), executed()]).toEqual(before);
        expect((await open(id)).status).toBe(201);
      },
    );

    it("opens nothing where a deployment has made ECS Exec impossible meanwhile", async () => {
      const id = await approved("zombies");
      const before = [await kinds(id), executed()];
      gateway.emulator.fleet.setTaskDefinition("clinic/zombies", "readonly:1");
      gateway.emulator.fleet.replaceTask("clinic/zombies");
      const opened = await open(id);
      expect([opened.status, opened.body.code], JSON.stringify(opened.body)).toEqual([
        409,
        "preflight_failed",
      ]);
      expect(opened.body.problems).toMatchObject([{ check: "readonly_root" }]);
      expect([await kinds(id), executed()]).toEqual(before);
    });

    it("goes by the definition that the task runs by, while the service moves to another", async () => {
      gateway.emulator.fleet.setTaskDefinition("clinic/spot", "readonly:1");
      const old = await ask("spot");
      expect(old.status, JSON.stringify(old.body)).toBe(201);
      expect(byCheck(old.body.preflight)["readonly_root"]).toBe("passed");
      gateway.emulator.fleet.replaceTask("clinic/spot");
      gateway.emulator.fleet.setTaskDefinition("clinic/spot", "healthy:1");
      expect((await ask("spot")).body.problems).toMatchObject([{ check: "readonly_root" }]);
    });
  });

  describe("after ECS has refused", () => {
    it("tells of TargetNotConnected what was checked, what was not, and gives the use back", async () => {
      const id = await approved("lost");
      const before = executed();
      const opened = await open(id);
      expect([opened.status, opened.body.code], JSON.stringify(opened.body)).toEqual([
        409,
        "target_not_connected",
      ]);
      expect(opened.body.aws.error).toBe("TargetNotConnectedException");
      expect(byCheck(opened.body.diagnosis)).toEqual({
        task_status: "passed",
        exec_enabled: "passed",
        platform_version: "passed",
        task_role: "passed",
        pid_mode: "passed",
        container_status: "passed",
        exec_agent: "passed",
        readonly_root: "passed",
        aws_key_variables: "passed",
        ...Object.fromEntries(unchecked.map(({ check }) => [check, "not_checked"])),
      });
      expect(executed()).toBe(before + 1);
      expect((await kinds(id)).slice(2)).toEqual(["exec.intent", "exec.failed"]);
      gateway.emulator.fleet.setAgent("clinic/lost", "RUNNING");
      expect((await open(id)).status).toBe(201);
    });

    it("names what is not as it should be, by what ECS says now", async () => {
      const id = await approved("keys");
      meanwhile = () => gateway.emulator.fleet.setAgent("clinic/keys", "LOST");
      const opened = await open(id);
      expect(opened.body.code).toBe("target_not_connected");
      expect(byCheck(opened.body.diagnosis)).toMatchObject({
        aws_key_variables: "failed",
        exec_agent: "passed",
      });
      expect(JSON.stringify(opened.body)).not.toContain("AKIDEXAMPLE");
    });

    it("calls no check made where ECS cannot be asked", async () => {
      const id = await approved("healthy");
      meanwhile = () => {
        gateway.emulator.fault(
          { operation: "ExecuteCommand" },
          { kind: "error", code: "TargetNotConnectedException", status: 400 },
        );
        gateway.emulator.fault(
          { operation: "DescribeTasks" },
          { kind: "error", code: "AccessDeniedException", status: 400 },
        );
      };
      const opened = await open(id);
      expect([opened.status, opened.body.code]).toEqual([409, "target_not_connected"]);
      const statuses = opened.body.diagnosis.map((f: { status: string }) => f.status);
      expect(new Set(statuses)).toEqual(new Set(["not_checked"]));
      expect((await kinds(id)).at(-1)).toBe("exec.failed");
    });

    it.each([
      ["exec_not_enabled", "started without ECS Exec", false],
      ["agent_not_running", "of an agent that was not running", true],
    ])("tells %s apart: the task was %s", async (code, _, enabled) => {
      const id = await approved("healthy");
      const running = task("healthy");
      meanwhile = () => {
        running.enableExecuteCommand = enabled;
        gateway.emulator.fault(
          { operation: "ExecuteCommand", times: 1 },
          { kind: "error", code: "InvalidParameterException", status: 400, message: NOT_ENABLED },
        );
      };
      const opened = await open(id);
      running.enableExecuteCommand = true;
      expect([opened.status, opened.body.code], JSON.stringify(opened.body)).toEqual([409, code]);
      expect(opened.body.aws).toEqual({
        error: "InvalidParameterException",
        message: NOT_ENABLED,
      });
      expect(byCheck(opened.body.diagnosis)["exec_enabled"]).toBe(enabled ? "passed" : "failed");
      const [last] = (await gateway.events.load(`REQ#${id}`)).slice(-1);
      expect(JSON.parse(last?.leaf ?? "{}")).toMatchObject({
        kind: "exec.failed",
        data: { code, aws: "InvalidParameterException" },
      });
      meanwhile = () => {};
      expect((await open(id)).status).toBe(201);
    });
  });

  describe("only looked at", () => {
    const stored = async (): Promise<number> => {
      let count = 0;
      let from: Record<string, never> | undefined;
      do {
        const page = await gateway.dynamodb.send(
          new ScanCommand({
            TableName: "events",
            Select: "COUNT",
            ConsistentRead: true,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        count += page.Count ?? 0;
        from = page.LastEvaluatedKey as Record<string, never> | undefined;
      } while (from !== undefined);
      return count;
    };
    const unreadable = ["body_invalid", "command_invalid", "interactive_required"];
    const look = async (who: Profile, body: unknown) => {
      const before = [await stored(), executed()];
      counted = 0;
      const answer = await gateway.as(who)("POST", "/v1/preflight", body);
      // A refusal of what was read is one event and its place in the day's index, or is counted; no more is written.
      const isRefusal = answer.status !== 200 && !unreadable.includes(answer.body.code);
      const [items = 0, sent = 0] = before;
      const written = isRefusal ? 2 - 2 * counted : 0;
      expect([await stored(), executed()]).toEqual([items + written, sent]);
      return answer;
    };

    it("shows the card that would be asked with, every check, and who could agree", async () => {
      const looked = await look("dev", wishFor("healthy"));
      expect(looked.status, JSON.stringify(looked.body)).toBe(200);
      const found = preflightSchema.parse(looked.body);
      expect([found.ready, found.problems]).toEqual([true, []]);
      expect(byCheck(found.checks)).toMatchObject({
        exec_agent: "passed",
        task_role_permissions: "not_checked",
      });
      expect(found.rules.find((rule) => rule.id === "team-command")?.lacks).toMatchObject([
        { group: "payments-leads", count: 1, persons: ["lead"] },
      ]);
      const asked = await ask("healthy");
      expect(asked.body.card).toEqual(found.card);
      expect([asked.body.digest, cardDigest(found.card)]).toEqual([found.digest, found.digest]);
    });

    it("shows what would keep it from being asked", async () => {
      const looked = await look("dev", wishFor("readonly"));
      expect(looked.status).toBe(200);
      expect(looked.body.ready).toBe(false);
      expect(looked.body.problems).toMatchObject([{ check: "readonly_root" }]);
    });

    const bodies = [
      wishFor("healthy"),
      wishFor("readonly"),
      wishFor("no-such-service"),
      { ...wishFor("healthy"), target: { cluster: "clinic", task: "0".repeat(32) } },
      { ...wishFor("healthy"), target: { cluster: "clinic", family: "healthy" } },
      { ...wishFor("healthy"), target: { cluster: "nowhere", service: "healthy" } },
      { ...wishFor("healthy"), target: { cluster: "vault", service: "secrets" } },
      wishFor("healthy", "no-such-container"),
      { ...wishFor("healthy"), command: "'open" },
      { ...wishFor("healthy"), interactive: false },
      { ...wishFor("healthy"), more: 1 },
      {},
    ];
    it.each([
      ["stranger", 0],
      ["auditor", 0],
      ["dev", 3],
    ] as const)(
      "tells %s of what may not be asked no more than asking does",
      async (who, shownCards) => {
        const said = async (path: string, body: unknown) => {
          const looking = path === "/v1/preflight";
          const answer = looking
            ? await look(who, body)
            : await gateway.as(who)("POST", path, body);
          const { instance: _, requestId: __, ...told } = answer.body;
          return [answer.status, told];
        };
        const refusals: { looked: unknown; asked: unknown }[] = [];
        for (const body of bodies) {
          const looked = await said("/v1/preflight", body);
          if (looked[0] !== 200) {
            refusals.push({ looked, asked: await said("/v1/requests", body) });
          }
        }
        expect(refusals).toHaveLength(bodies.length - shownCards);
        for (const { looked, asked } of refusals) expect(looked).toEqual(asked);
      },
    );

    it("tells a stranger of every service, task and cluster the same as of none", async () => {
      const words = async (target: object) => {
        const { body } = await look("stranger", { ...wishFor("x"), target });
        return JSON.stringify({ ...body, instance: "" });
      };
      const missing = await words({ cluster: "clinic", service: "none" });
      for (const service of ["healthy", "readonly", "lost"]) {
        expect(await words({ cluster: "clinic", service })).toBe(missing);
      }
      expect(await words({ cluster: "clinic", task: task("healthy").id })).toBe(
        await words({ cluster: "clinic", task: "f".repeat(32) }),
      );
    });

    it("refuses by the rules as asking would", async () => {
      const shell = { ...wishFor("healthy"), command: "/bin/sh", durationMinutes: 600 };
      const looked = await look("dev", shell);
      expect([looked.status, looked.body.code]).toEqual([403, "refused_by_rule"]);
      expect(looked.body).not.toHaveProperty("card");
    });
  });
});
