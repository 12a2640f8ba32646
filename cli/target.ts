import type { ExecCard } from "../core/card.ts";
import { usage } from "./failure.ts";

/** A target as it is sent: as the person wrote it, cut into its parts. */
export interface Target {
  cluster?: string;
  service?: string;
  task?: string;
  container?: string;
}

const SERVICE_ARN = /^(arn:[^:/]+:ecs:[^:/]+:[^:/]+):service\/(?:([^:/]+)\/)?[^:/]+$/;
const TASK_ARN = /^(arn:[^:/]+:ecs:[^:/]+:[^:/]+):task\/([^:/]+)\/[^:/]+$/;
const TARGET = /^(?:([^/:]+)\/)?([^/:]+)(?::([^/:]+))?$/;

/**
 * Reads `[CLUSTER/]SERVICE[:CONTAINER]`, or the ARN of a service in place of its name, or `--task`. Whether
 * these can be names is the gateway's to say. Throws Failure with exit status 2.
 */
export function parseTarget(
  text: string | undefined,
  options: {
    task?: string | undefined;
    cluster?: string | undefined;
    container?: string | undefined;
  },
): Target {
  if ((text === undefined) === (options.task === undefined)) {
    throw usage(
      text === undefined ? "no target is named" : "a target and --task are both named",
      "name a service as [CLUSTER/]SERVICE[:CONTAINER], or a task with --task ID",
    );
  }
  const read = text === undefined ? fromTask(options.task ?? "") : fromText(text);
  return {
    ...read,
    ...onceOnly("cluster", read.cluster, options.cluster),
    ...onceOnly("container", read.container, options.container),
  };
}

/**
 * Whether a target on a card is one that these words name. A cluster that was not named is `default`; a
 * container that was not named is any.
 */
export function isNamedBy(words: Target, target: ExecCard["target"]): boolean {
  const { cluster = "default", container, service = "", task } = words;
  if (container !== undefined && container !== target.container) return false;
  if (!isName(cluster, target.clusterArn)) return false;
  return task === undefined
    ? target.kind === "service" && isName(service, target.serviceArn ?? "")
    : lastPart(target.taskArn ?? "") === lastPart(task);
}

function isName(text: string, arn: string): boolean {
  return text.startsWith("arn:") ? text === arn : text === lastPart(arn);
}

/** The name or id at an ARN's end. */
export function lastPart(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}

function fromTask(task: string): Target {
  const [, prefix, cluster] = TASK_ARN.exec(task) ?? [];
  return { task, ...(cluster === undefined ? {} : { cluster: `${prefix}:cluster/${cluster}` }) };
}

function fromText(text: string): Target {
  if (text.startsWith("arn:")) {
    const arn = /^(.*:service\/[^:]*)(?::([^:]*))?$/.exec(text);
    const [, service = "", container] = arn ?? [];
    const [, prefix, cluster] = SERVICE_ARN.exec(service) ?? [];
    if (prefix === undefined || container === "") throw malformed(text);
    return {
      service,
      ...(cluster === undefined ? {} : { cluster: `${prefix}:cluster/${cluster}` }),
      ...(container === undefined ? {} : { container }),
    };
  }
  const [, cluster, service, container] = TARGET.exec(text) ?? [];
  if (service === undefined) throw malformed(text);
  return {
    service,
    ...(cluster === undefined ? {} : { cluster }),
    ...(container === undefined ? {} : { container }),
  };
}

function malformed(text: string): Error {
  return usage(
    `not a target: ${text}`,
    "it looks like [CLUSTER/]SERVICE[:CONTAINER], such as prod/payments-api:app",
  );
}

function onceOnly<Name extends "cluster" | "container">(
  name: Name,
  inTarget: string | undefined,
  inOption: string | undefined,
): { [name in Name]?: string } {
  if (inOption === undefined) return {};
  if (inTarget !== undefined && inTarget !== inOption) {
    throw usage(`the ${name} is named twice: ${inTarget} and ${inOption}`);
  }
  return { [name]: inOption } as { [name in Name]?: string };
}
