import { describe, expect, it } from "vitest";
import type { Containers, Task } from "../../../core/containers.ts";
import { diagnoseFailure } from "../../../lambdas/exec/diagnose-failure.ts";
import { definitionOf, siteOf, taskOf } from "../../kit/build-request.ts";

const { place } = siteOf().target;

/** ECS as it is said to be, with a clock on which waiting is over at once unless `patient`. */
function portsWith(
  describeTasks: () => Promise<Task[]>,
  options: { patient?: boolean; now?: number } = {},
) {
  const slept: number[] = [];
  const logged: string[] = [];
  const containers = {
    describeTasks,
    describeTaskDefinition: async () => definitionOf(),
  } as Partial<Containers> as Containers;
  const ports = {
    containers,
    clock: {
      now: () => options.now ?? 0,
      async sleep(ms: number) {
        slept.push(ms);
        if (options.patient === true) await new Promise<never>(() => {});
      },
    },
    log: {
      info() {},
      error: (message: string) => void logged.push(message),
    },
  };
  return { ports, slept, logged };
}

const failure = (code: Parameters<typeof diagnoseFailure>[2]["code"]) => ({
  code,
  place,
  task: taskOf(1),
  container: "app",
});
const never = () => new Promise<never>(() => {});
const statuses = (found: Awaited<ReturnType<typeof diagnoseFailure>>) =>
  new Set(found?.diagnosis.map((f) => f.status));

describe("diagnosing a failed ExecuteCommand", () => {
  it("looks at nothing for a failure that has nothing to do with the agent", async () => {
    const { ports } = portsWith(() => {
      throw new Error("ECS was asked");
    });
    for (const code of ["throttled", "aws_denied_gateway", "aws_client_error"] as const) {
      expect(await diagnoseFailure(ports, 60_000, failure(code))).toBeUndefined();
    }
  });

  it("gives up after three seconds, and says that no check was made", async () => {
    const { ports, slept } = portsWith(never);
    const found = await diagnoseFailure(ports, 60_000, failure("target_not_connected"));
    expect(slept).toEqual([3_000]);
    expect(found).toMatchObject({ code: "target_not_connected", looked: false });
    expect(statuses(found)).toEqual(new Set(["not_checked"]));
  });

  it("gives up earlier where the failure could not be recorded in time otherwise", async () => {
    const short = portsWith(never, { now: 59_000 });
    await diagnoseFailure(short.ports, 60_000, failure("target_not_connected"));
    expect(short.slept).toEqual([1_000]);
    const late = portsWith(never, { now: 60_000, patient: true });
    const found = await diagnoseFailure(late.ports, 60_000, failure("target_not_connected"));
    expect(late.slept).toEqual([]);
    expect(statuses(found)).toEqual(new Set(["not_checked"]));
  });

  it("does not throw where ECS fails, and leaves AWS's word as it is", async () => {
    const { ports, logged } = portsWith(
      async () => {
        throw new Error("refused");
      },
      { patient: true },
    );
    const found = await diagnoseFailure(ports, 60_000, failure("exec_not_enabled"));
    expect(found).toMatchObject({ code: "exec_not_enabled", looked: false });
    expect(statuses(found)).toEqual(new Set(["not_checked"]));
    expect(logged).toHaveLength(1);
  });

  it.each<[string, Task[], string, boolean]>([
    ["was started with ECS Exec", [taskOf(1)], "agent_not_running", true],
    ["was not", [taskOf(1, { enableExecuteCommand: false })], "exec_not_enabled", true],
    ["is gone", [], "exec_not_enabled", false],
  ])("where the task %s, one text of AWS becomes the code", async (_, tasks, code, looked) => {
    const { ports } = portsWith(async () => tasks, { patient: true });
    const found = await diagnoseFailure(ports, 60_000, failure("exec_not_enabled"));
    expect(found).toMatchObject({ code, looked });
  });
});
