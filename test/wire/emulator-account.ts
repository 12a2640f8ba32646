import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  ECSClient,
  ExecuteCommandCommand,
  type ExecuteCommandCommandInput,
} from "@aws-sdk/client-ecs";
import {
  DescribeSessionsCommand,
  type DescribeSessionsCommandInput,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { expect } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator/server.ts";
import { until } from "../kit/processes.ts";

export const account = "111122223333";
export const region = "us-east-1";
export const arn = (rest: string): string => `arn:aws:ecs:${region}:${account}:${rest}`;

/** Long-term or temporary keys, as AWS's clients take them. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Keys of somebody who may do everything, and of somebody who may do nothing. */
export const admin: Keys = { accessKeyId: "AKIAADMIN", secretAccessKey: "secret of admin" };
export const nobody: Keys = { accessKeyId: "AKIANOBODY", secretAccessKey: "secret of nobody" };

/** AWS's own clients, set to ask once and no second time. */
export function clientsOf(url: string, credentials: Keys) {
  const settings = { region, endpoint: url, credentials, maxAttempts: 1 };
  return {
    ecs: new ECSClient(settings),
    sts: new STSClient(settings),
    ssm: new SSMClient(settings),
  };
}

/** An emulator of one cluster with two tasks: `web`, of containers app and envoy, and `other`. */
export async function startAccount(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const service = (name: string) => ({
    name,
    taskDefinition: "web:3",
    desiredCount: 1,
    enableExecuteCommand: true,
    tags: {},
  });
  const user = (keys: Keys, name: string, actions: string[]) => ({
    ...keys,
    arn: `arn:aws:iam::${account}:user/${name}`,
    userId: `AIDA${name.toUpperCase()}`,
    account,
    policies: actions.map((action) => ({
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Allow" as const, Action: action, Resource: "*" }],
    })),
  });
  return startEmulator({
    port: 0,
    gatewayPort: 0,
    account,
    region,
    identities: [user(admin, "admin", ["ecs:*", "ssm:*", "sts:*"]), user(nobody, "nobody", [])],
    roles: [],
    fleet: {
      taskDefinitions: [
        {
          family: "web",
          revision: 3,
          containers: [
            {
              name: "app",
              image: "app",
              environment: { COLOUR: "green", HOME: "/", TERM: "vt52" },
            },
            { name: "envoy", image: "envoy" },
          ],
        },
      ],
      clusters: [{ name: "demo", services: [service("web"), service("other")] }],
    },
    ...options,
  });
}

/** What is needed of an emulator to call it, also where it runs in another process. */
export interface Reached {
  url: string;
  fleet: Pick<Emulator["fleet"], "clusters">;
}

/** Starts an emulator in a process of its own. `kill` resolves once that has gone; nothing is cleaned up. */
export async function forkAccount(): Promise<Reached & { kill(): Promise<void> }> {
  const child = fork(new URL("emulator-process.ts", import.meta.url), { execArgv: [] });
  const exit = once(child, "exit");
  const [reached] = (await once(child, "message")) as [Reached];
  return {
    ...reached,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

/** The running task of a service. */
export function taskOf(emulator: Reached, service: string) {
  const task = emulator.fleet.clusters[0]?.tasks.find(
    (each) => each.service === service && each.lastStatus === "RUNNING",
  );
  if (task === undefined) throw new Error(`no task of ${service}`);
  return task;
}

export interface Opened {
  sessionId: string;
  token: string;
  streamUrl: string;
}

/** Executes a command in a container of the task of a service, by ExecuteCommand as AWS's client sends it. */
export async function execute(
  emulator: Reached,
  command: string,
  to: { service?: string; container?: string; keys?: Keys } = {},
): Promise<Opened> {
  const { ecs } = clientsOf(emulator.url, to.keys ?? admin);
  const { session } = await ecs.send(
    new ExecuteCommandCommand({
      cluster: "demo",
      task: taskOf(emulator, to.service ?? "web").arn,
      container: to.container ?? "app",
      command,
      interactive: true,
    }),
  );
  return {
    sessionId: session?.sessionId ?? "",
    token: session?.tokenValue ?? "",
    streamUrl: session?.streamUrl ?? "",
  };
}

/** The sessions as SSM lists them. */
export async function sessionsOf(emulator: Emulator, input: DescribeSessionsCommandInput) {
  const { ssm } = clientsOf(emulator.url, admin);
  const { Sessions: found } = await ssm.send(
    new DescribeSessionsCommand({ MaxResults: 200, ...input }),
  );
  return found ?? [];
}

/** How many sessions there have been. */
export async function sessionCount(emulator: Emulator): Promise<number> {
  const active = await sessionsOf(emulator, { State: "Active" });
  return active.length + (await sessionsOf(emulator, { State: "History" })).length;
}

/**
 * Sends an ExecuteCommand that makes the file `witness` if it is obeyed, so that a refusal is also seen
 * to have run nothing.
 */
export function touch(
  emulator: Emulator,
  witness: string,
  keys: Keys,
  input: Partial<ExecuteCommandCommandInput> = {},
  signal?: AbortSignal,
) {
  return clientsOf(emulator.url, keys).ecs.send(
    new ExecuteCommandCommand({
      cluster: "demo",
      task: taskOf(emulator, "web").arn,
      container: "app",
      command: `touch ${witness}`,
      interactive: true,
      ...input,
    }),
    signal === undefined ? {} : { abortSignal: signal },
  );
}

export const touched = (witness: string): Promise<boolean> =>
  until(() => existsSync(witness), 3_000);

/** Waits long enough for a command that was started to have made the witness. */
export async function expectNotStarted(
  emulator: Emulator,
  witness: string,
  sessionsBefore: number,
): Promise<void> {
  expect(await sessionCount(emulator)).toBe(sessionsBefore);
  expect(await until(() => existsSync(witness), 250)).toBe(false);
}
