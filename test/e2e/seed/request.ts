import { expect, it } from "vitest";
import type { ObservedGateway } from "../../kit/observed-gateway.ts";
import { arn } from "./arn.ts";

const ROUTE = "/v1/execute-command";

/** The cases of each request field, by its name. */
export function requestFields(here: () => ObservedGateway): { [name: string]: () => void } {
  return {
    cluster() {
      it("omitted is the one named default, shown and recorded by its ARN", async () => {
        const { cluster: _, ...body } = here().waits();
        const task = here().taskOf("default", "hello");
        const { result, events } = await here().during(() =>
          here().execute({ ...body, task: task.id }),
        );
        expect([result.status, result.body.target.clusterArn]).toEqual([
          202,
          arn("cluster/default"),
        ]);
        expect(result.body.card.target.clusterArn).toBe(arn("cluster/default"));
        expect(events[0]?.data.target.clusterArn).toBe(arn("cluster/default"));
      });

      it("by its name and by its ARN is one wish, with one digest", async () => {
        const body = here().waits();
        const byName = await here().execute(body);
        const byArn = await here().execute({ ...body, cluster: arn("cluster/demo") });
        expect([byName.status, byArn.status]).toEqual([202, 202]);
        expect([byArn.body.id, byArn.body.digest]).toEqual([byName.body.id, byName.body.digest]);

        const { cluster: _, task, interactive: __, ...rest } = body;
        const [one, two] = await Promise.all(
          ["demo", arn("cluster/demo")].map((cluster) =>
            here().post("/v1/requests", { ...rest, target: { cluster, task } }),
          ),
        );
        expect([one?.body.digest, two?.body.digest]).toEqual([
          byName.body.digest,
          byName.body.digest,
        ]);
      });

      it.each([
        "",
        "demo/x",
        "a b",
        "arn:aws:ecs:us-east-1:1:cluster/x",
        "x".repeat(256),
        arn("service/demo"),
      ])("%j is none", async (cluster) => {
        await here().refused(
          { ...here().waits(), cluster },
          { status: 400, code: "cluster_invalid", pointer: "/cluster" },
        );
        const asked = await here().refused(
          { target: { cluster, service: "reports" }, command: "/bin/date", reason: "x" },
          { status: 400, code: "cluster_invalid", pointer: "/target/cluster" },
          { path: "/v1/requests" },
        );
        expect(asked.hint).toContain("sallyport targets");
      });

      it("that is missing, is not the gateway's or is closed to the caller answers the same", async () => {
        const bodies = [];
        for (const cluster of ["nowhere", arn("cluster/nowhere"), "vault"]) {
          const task = here().taskOf("vault", "secrets").id;
          bodies.push(
            await here().refused(
              { ...here().waits(), cluster, task },
              { status: 404, code: "cluster_not_found" },
            ),
          );
        }
        bodies.push(
          await here().refused(
            here().waits(),
            { status: 404, code: "cluster_not_found" },
            { who: "stranger" },
          ),
        );
        const [first, ...others] = bodies.map(({ instance: _instance, ...rest }) => rest);
        for (const body of others) expect(body).toEqual(first);
      });
    },

    command() {
      const none: [string, object][] = [
        ["absent", { command: undefined }],
        ["empty", { command: "" }],
        ["blank", { command: " \t" }],
        ["a comment", { command: "# date" }],
        ["an open quote", { command: "echo 'x" }],
        ["an open escape", { command: "echo \\" }],
        ["NUL", { command: "echo a\0b" }],
        ["half a character", { command: "echo \ud800" }],
        ["more than 8 KiB", { command: `echo ${"x".repeat(8192)}` }],
        ["more than 8 KiB in bytes", { command: `echo ${"é".repeat(4095)}` }],
        ["no text", { command: 7 }],
      ];
      it.each(none)("%s is none", async (_, change) => {
        await here().refused(
          { ...here().waits(), ...change },
          { status: 400, code: "command_invalid", pointer: "/command" },
        );
        const wish = { target: { cluster: "demo", service: "reports" }, reason: "x", ...change };
        const asked = await here().refused(
          wish,
          { status: 400, code: "command_invalid", pointer: "/command" },
          { path: "/v1/requests" },
        );
        expect(asked.retryable).toBe(false);
      });

      it("is sent to ECS byte for byte", async () => {
        const command = "/bin/sh  -c   'echo \"$HOME\" é; exit'  # so";
        const body = { ...here().waits(), command };
        const waiting = await here().execute(body);
        expect(waiting.body.argv).toEqual(["/bin/sh", "-c", 'echo "$HOME" é; exit']);
        await here().decide("approve", waiting.body);
        const path = `/v1/requests/${waiting.body.id}/decisions`;
        const second = { decision: "approve", digest: waiting.body.digest };
        expect((await here().post(path, second, "sre")).body.status).toBe("approved");
        expect((await here().execute(body)).status).toBe(200);
        expect(here().lastExecuteCommand()?.input["command"]).toBe(command);
      });

      it("that carries a secret is refused with the safe way, and is written nowhere", async () => {
        const secret = "hunter2-of-case-1";
        const command = `psql postgres://app:${secret}@db/app`;
        for (const path of [ROUTE, "/v1/requests", "/v1/preflight"]) {
          const { task, cluster, interactive, ...wish } = here().waits();
          const body = await here().refused(
            path === ROUTE
              ? { ...wish, command, task, cluster, interactive }
              : { ...wish, command, target: { cluster, task } },
            { status: 400, code: "secret_in_command", pointer: "/command" },
            { path },
          );
          expect(body.hint).toMatch(/environment.*Secrets Manager/);
          expect(JSON.stringify(body)).not.toContain(secret);
        }
        expect(JSON.stringify(here().written)).not.toContain(secret);
        expect(here().gateway.logged.join("\n")).not.toContain(secret);
      });
    },

    container() {
      it("omitted where there is one is filled in, and sent", async () => {
        const body = here().waits();
        const waiting = await here().execute(body);
        expect([waiting.status, waiting.body.target.container]).toEqual([202, "app"]);
        await here().decide("approve", waiting.body);
        const opened = await here().execute(body);
        expect([opened.status, opened.body.containerName]).toEqual([200, "app"]);
        expect(here().lastExecuteCommand()?.input["container"]).toBe("app");
      });

      it("omitted where there are several is asked for, by name", async () => {
        const { container: _, ...body } = here().atOnce();
        const answer = await here().refused(body, { status: 400, code: "container_required" });
        expect(answer.containers).toEqual(["app", "envoy"]);
        expect(answer.hint).toContain("app, envoy");
      });

      it("that is not there is refused with those that are", async () => {
        const answer = await here().refused(
          { ...here().atOnce(), container: "web" },
          { status: 400, code: "container_unknown" },
        );
        expect(answer.containers).toEqual(["app", "envoy"]);
      });
    },

    interactive() {
      it.each([undefined, false, "true", 1, null])(
        "%j is no session of ECS Exec",
        async (interactive) => {
          const { aws, hint } = await here().refused(
            { ...here().waits(), interactive },
            { status: 400, code: "interactive_required", pointer: "/interactive" },
          );
          expect([aws.error, hint]).toEqual([
            "InvalidParameterException",
            expect.stringContaining("interactive: true"),
          ]);
          if (interactive === undefined) return;
          const wish = { target: { cluster: "demo", service: "reports" }, command: "/bin/date" };
          const other = await here().refused(
            { ...wish, reason: "x", interactive },
            { status: 400, code: "interactive_required", pointer: "/interactive" },
            { path: "/v1/requests" },
          );
          expect(other.aws).toEqual(aws);
        },
      );

      it("omitted is true where a request is asked in the gateway's own shape", async () => {
        const target = { cluster: "demo", service: "reports" };
        const wish = { target, command: "/bin/uname -r", reason: "x" };
        expect((await here().post("/v1/requests", wish)).status).toBe(201);
      });
    },

    task() {
      it("by its id and by either form of its ARN is one wish", async () => {
        const body = here().waits();
        const ids = [];
        for (const task of [body.task, arn(`task/demo/${body.task}`), arn(`task/${body.task}`)]) {
          const answer = await here().execute({ ...body, task });
          expect([answer.status, answer.body.target.taskArn]).toEqual([
            202,
            arn(`task/demo/${body.task}`),
          ]);
          ids.push(answer.body.id);
        }
        expect(new Set(ids).size).toBe(1);
      });

      it("is needed in AWS's shape", async () => {
        const { task: _, ...body } = here().waits();
        await here().refused(body, { status: 400, code: "body_invalid", pointer: "/task" });
        const none = await here().refused(
          { ...body, task: "x" },
          { status: 400, code: "target_invalid", pointer: "/task" },
        );
        expect(none.detail).toBe("neither a task id nor a task ARN");
      });

      it("that is unknown, of another cluster or not the caller's is not there", async () => {
        const { instance: _, ...never } = await here().refused(
          { ...here().waits(), task: "0".repeat(32) },
          { status: 400, code: "task_not_found" },
        );
        expect(never.tasks).toBeUndefined();
        expect(never.hint).toContain("sallyport targets");
        const elsewhere = arn(`task/vault/${here().taskOf("vault", "secrets").id}`);
        await here().refused(
          { ...here().waits(), task: elsewhere },
          { status: 400, code: "task_not_found", pointer: "/task" },
        );
        const other = here().taskOf("default", "hello").id;
        const { instance: __, ...foreign } = await here().refused(
          { ...here().waits(), task: other },
          { status: 400, code: "task_not_found" },
        );
        expect(foreign).toEqual(never);
      });

      it("that has stopped says so, with up to five of its service that run", async () => {
        const stopped = here().taskOf("demo", "payments-api");
        here().gateway.emulator.fleet.replaceTask("payments-api");
        const gone = here()
          .gateway.emulator.fleet.clusters.find(({ name }) => name === "demo")
          ?.tasks.find((task) => task.lastStatus === "STOPPED");
        expect(gone?.id).toBe(stopped.id);
        const answer = await here().refused(
          { ...here().atOnce(), task: stopped.id },
          { status: 400, code: "task_not_running" },
        );
        const there = here()
          .tasksOf("demo", "payments-api")
          .map((task) => task.arn);
        expect(answer.tasks.toSorted()).toEqual(there.toSorted());
        expect(answer.hint).toContain(there[0]?.split("/").at(-1));
        const { instance: _, ...stranger } = await here().refused(
          { ...here().atOnce(), task: stopped.id },
          { status: 404, code: "cluster_not_found" },
          { who: "stranger" },
        );
        expect(stranger.tasks).toBeUndefined();
      });
    },
  };
}
