import type { Directory } from "./directory.ts";
import { arnIn, type LockSubject } from "./locks.ts";
import { parseCluster, parseTarget, type Territory } from "./target.ts";

export type ParsedSubject =
  | { kind: "subject"; subject: LockSubject; clusterArn?: string }
  | { kind: "invalid"; detail: string };

const LONG_ARN = /^(arn:[^:/]+:ecs:[^:/]+:[^:/]+):(service|task)\/([^/]+)\/[^/]+$/;

/**
 * Reads what is to be locked: the id of a person or program and the name of a group as the directory has them, a
 * cluster by name or ARN, a service or task as `[CLUSTER/]NAME` or by an ARN that names its cluster. A name that is
 * misspelt would lock nothing, so it is refused as far as it can be known here; whether a service or task exists is
 * asked of ECS only afterwards, for what is down has to be locked too.
 */
export function parseSubject(
  { kind, id }: LockSubject,
  directory: Directory,
  territory: Territory,
): ParsedSubject {
  const invalid = (detail: string): ParsedSubject => ({ kind: "invalid", detail });
  switch (kind) {
    case "person":
    case "group": {
      const detail = unknownSubject({ kind, id }, directory);
      return detail === undefined ? { kind: "subject", subject: { kind, id } } : invalid(detail);
    }
    case "cluster": {
      const cluster = parseCluster(id, territory);
      if (cluster.kind === "invalid") return invalid(cluster.detail);
      const { clusterArn } = cluster;
      return { kind: "subject", subject: { kind, id: clusterArn }, clusterArn };
    }
    case "service":
    case "task": {
      const parts = id.startsWith("arn:") ? fromArn(id, kind) : fromText(id, kind);
      if (parts === undefined) {
        return invalid(`neither [CLUSTER/]NAME nor the ARN of a ${kind} that names its cluster`);
      }
      const parsed = parseTarget(parts, territory);
      if (parsed.kind === "invalid") return invalid(parsed.detail);
      const { clusterArn, service, taskId } = parsed.target;
      const arn = arnIn(clusterArn, kind, (kind === "service" ? service : taskId) ?? "");
      return { kind: "subject", subject: { kind, id: arn }, clusterArn };
    }
  }
}

/** Why nobody of that name can be locked; undefined where somebody can, or nobody is meant. */
export function unknownSubject(
  { kind, id }: LockSubject,
  directory: Directory,
): string | undefined {
  if (kind === "person") {
    return [...directory.persons, ...directory.programs].some((known) => known.id === id)
      ? undefined
      : "the directory has no such person or program";
  }
  if (kind !== "group" || directory.groups.includes(id)) return undefined;
  return "the directory has no such group";
}

function fromArn(arn: string, kind: "service" | "task") {
  const [, prefix, type, cluster] = LONG_ARN.exec(arn) ?? [];
  return type === kind ? { cluster: `${prefix}:cluster/${cluster}`, [kind]: arn } : undefined;
}

function fromText(text: string, kind: "service" | "task") {
  const [first = "", second, ...more] = text.split("/");
  if (more.length > 0) return undefined;
  return second === undefined ? { [kind]: first } : { cluster: first, [kind]: second };
}
