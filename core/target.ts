import type { Place } from "./containers.ts";
import type { ErrorCode } from "./errors.ts";

/** What a caller names, as they name it. */
export interface TargetInput {
  cluster?: string | undefined;
  service?: string | undefined;
  family?: string | undefined;
  task?: string | undefined;
  container?: string | undefined;
}

/** The same, read: where it is, and by which short names ECS is to be asked. */
export interface TargetName {
  place: Place;
  clusterArn: string;
  clusterName: string;
  service?: string;
  family?: string;
  taskId?: string;
  container?: string;
}

export type ParsedTarget =
  | { kind: "target"; target: TargetName }
  | { kind: "invalid"; code: ErrorCode; pointer: string; detail: string };

/** Where the deployment may look, first the home region's place; and the partition its ARNs are in. */
export interface Territory {
  partition: string;
  places: readonly [Place, ...Place[]];
}

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const TASK_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const CONTAINER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/;
const ARN =
  /^arn:(aws[a-z-]{0,20}):ecs:([a-z0-9-]{1,32}):([0-9]{12}):([a-z-]{1,20})\/([A-Za-z0-9_/-]{1,600})$/;

interface Arn {
  partition: string;
  place: Place;
  type: string;
  parts: string[];
}

/** The parts of an ARN of ECS; undefined where it is none. */
export function parseArn(text: string): Arn | undefined {
  const match = ARN.exec(text);
  if (match === null) return undefined;
  const [, partition = "", region = "", account = "", type = "", path = ""] = match;
  return { partition, place: { account, region }, type, parts: path.split("/") };
}

/** `arn:<partition>:ecs:<region>:<account>:cluster/<name>` */
export function clusterArnOf(partition: string, place: Place, name: string): string {
  return `arn:${partition}:ecs:${place.region}:${place.account}:cluster/${name}`;
}

/** Reads the name or the ARN of a cluster. */
export function parseCluster(
  text: string,
  territory: Territory,
):
  | { kind: "cluster"; place: Place; clusterArn: string; clusterName: string }
  | { kind: "invalid"; detail: string } {
  const arn = parseArn(text);
  let place = territory.places[0];
  let clusterName = text;
  if (arn !== undefined && arn.type === "cluster" && arn.parts.length === 1) {
    if (arn.partition !== territory.partition) {
      return { kind: "invalid", detail: "an ARN of another partition" };
    }
    place = arn.place;
    clusterName = arn.parts[0] ?? "";
  }
  if (!NAME.test(clusterName)) {
    return { kind: "invalid", detail: "neither a cluster name nor a cluster ARN" };
  }
  const clusterArn = clusterArnOf(territory.partition, place, clusterName);
  return { kind: "cluster", place, clusterArn, clusterName };
}

/**
 * Reads a target: short names and ARNs of either generation, matched exactly, so that two spellings of
 * one thing give one target and anything else is refused. Values are rebuilt from their parts, never
 * passed on as they came. An omitted cluster is `default`, as in ECS. Whether the thing exists, and
 * whether the deployment may look there, is not asked here.
 */
export function parseTarget(input: TargetInput, territory: Territory): ParsedTarget {
  const invalid = (code: ErrorCode, pointer: string, detail: string): ParsedTarget => ({
    kind: "invalid",
    code,
    pointer,
    detail,
  });

  const cluster = parseCluster(input.cluster ?? "default", territory);
  if (cluster.kind === "invalid") {
    return invalid("cluster_invalid", "/target/cluster", cluster.detail);
  }
  const { place, clusterName } = cluster;
  const target: TargetName = { place, clusterArn: cluster.clusterArn, clusterName };

  /** The last part of an ARN that lies in the same place and, where it says so, the same cluster. */
  const shortName = (text: string, type: string): string | undefined => {
    const arn = parseArn(text);
    if (arn === undefined) return text;
    const [first = "", second] = arn.parts;
    const here =
      arn.type === type &&
      arn.partition === territory.partition &&
      arn.place.account === place.account &&
      arn.place.region === place.region &&
      arn.parts.length <= 2 &&
      (second === undefined || first === clusterName);
    return here ? (second ?? first) : undefined;
  };

  if (input.task !== undefined) {
    const taskId = shortName(input.task, "task");
    if (taskId === undefined)
      return invalid("task_not_found", "/target/task", "a task of another cluster");
    if (!TASK_ID.test(taskId))
      return invalid("target_invalid", "/target/task", "neither a task id nor a task ARN");
    target.taskId = taskId;
  }
  if (input.service !== undefined) {
    const service = shortName(input.service, "service");
    if (service === undefined)
      return invalid("service_not_found", "/target/service", "a service of another cluster");
    if (!NAME.test(service))
      return invalid(
        "target_invalid",
        "/target/service",
        "neither a service name nor a service ARN",
      );
    target.service = service;
  }
  if (input.family !== undefined) {
    if (!NAME.test(input.family))
      return invalid(
        "target_invalid",
        "/target/family",
        "not the name of a task definition family",
      );
    target.family = input.family;
  }
  if (target.service !== undefined && target.family !== undefined) {
    return invalid("target_invalid", "/target/family", "name a service or a family, not both");
  }
  if (target.service === undefined && target.family === undefined && target.taskId === undefined) {
    return invalid("target_invalid", "/target", "name a service, a family or a task");
  }
  if (input.container !== undefined) {
    if (!CONTAINER.test(input.container))
      return invalid("target_invalid", "/target/container", "not a container name");
    target.container = input.container;
  }
  return { kind: "target", target };
}

/** The family in a task definition ARN, without its revision. */
export function familyOf(taskDefinitionArn: string): string {
  return (taskDefinitionArn.split("/").at(-1) ?? "").split(":")[0] ?? "";
}

/** The id in a task ARN of either generation. */
export function taskIdOf(taskArn: string): string {
  return taskArn.split("/").at(-1) ?? "";
}

/** SSM's target string for one container: what the agent computes for itself, and KMS is told. */
export function ssmTarget(clusterName: string, taskArn: string, runtimeId: string): string {
  return `ecs:${clusterName}_${taskIdOf(taskArn)}_${runtimeId}`;
}

/** The cluster and task of a target of SSM's; undefined for what is no task of ECS. A cluster's name may hold `_`. */
export function readSsmTarget(target: string): { clusterName: string; taskId: string } | undefined {
  const [, clusterName, taskId] = /^ecs:(.+)_([0-9a-f-]{32,36})_[^_]+$/.exec(target) ?? [];
  return clusterName === undefined || taskId === undefined ? undefined : { clusterName, taskId };
}
