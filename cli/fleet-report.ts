import type { z } from "zod";
import type { serviceListSchema } from "../api/response-schemas.ts";
import { counted } from "./counted.ts";
import { type Shown, shown } from "./shown.ts";
import { lastPart } from "./target.ts";
import { runnable, type Typed } from "./typed-again.ts";

export type FleetService = z.infer<typeof serviceListSchema>["items"][number];

/** What many services come to, in numbers of services and of their tasks. */
export interface FleetSummary {
  services: number;
  /** In every running task. */
  ready: number;
  /** In some of them. */
  partly: number;
  /** In none of them. */
  notAtAll: number;
  /** Nothing runs there, which may be meant so. */
  idle: number;
  tasks: { running: number; ready: number };
}

/**
 * The worst first: the smaller the share of tasks that are ready, then the more that are not; after them those
 * where nothing runs, and those with nothing wrong.
 */
export function worstFirst(services: readonly FleetService[]): FleetService[] {
  return services.toSorted(
    (a, b) =>
      shareOf(a) - shareOf(b) ||
      missing(b) - missing(a) ||
      (a.clusterArn === b.clusterArn ? 0 : a.clusterArn < b.clusterArn ? -1 : 1) ||
      (a.service < b.service ? -1 : 1),
  );
}

/** Nothing running is worse than all ready, and better than whatever is not. */
function shareOf({ tasks: { running, ready } }: FleetService): number {
  if (running === 0) return 1;
  return ready === running ? 2 : ready / running;
}

function missing({ tasks: { running, ready } }: FleetService): number {
  return running - ready;
}

export function summaryOf(services: readonly FleetService[]): FleetSummary {
  const those = (is: (service: FleetService["tasks"]) => boolean): number =>
    services.filter(({ tasks }) => is(tasks)).length;
  const sum = (of: "running" | "ready"): number =>
    services.reduce((total, { tasks }) => total + tasks[of], 0);
  return {
    services: services.length,
    ready: those(({ running, ready }) => running > 0 && ready === running),
    partly: those(({ running, ready }) => ready > 0 && ready < running),
    notAtAll: those(({ running, ready }) => running > 0 && ready === 0),
    idle: those(({ running }) => running === 0),
    tasks: { running: sum("running"), ready: sum("ready") },
  };
}

export function summaryLine(summary: FleetSummary): Shown {
  const { services, ready, partly, notAtAll, idle, tasks } = summary;
  return shown`${counted(services, "service")}: ${ready} ready, ${partly} in some tasks, ${notAtAll} in none, ${idle} with nothing running; ${tasks.ready} of ${counted(tasks.running, "task")} ready`;
}

/** A line of the table: what fails in most tasks, and how many other checks do. */
export function fleetRow(service: FleetService, typed: Typed): Shown[] {
  const { clusterArn, tasks, problems } = service;
  const [first, ...others] = problems;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return [
    shown`${lastPart(clusterArn)}`,
    shown`${service.service}`,
    shown`${tasks.ready}/${tasks.running}`,
    first === undefined ? shown`-` : shown`${first.check}${more}`,
    first === undefined ? shown`-` : shown`${runnable(typed, first.remedy)}`,
  ];
}

export const FLEET_CSV = ["cluster", "service", "running", "ready", "check", "failing", "remedy"];

/** The cells of a service: a line for each check that fails, and one where none does. */
export function fleetCells({ clusterArn, service, tasks, problems }: FleetService) {
  const common = [clusterArn, service, tasks.running, tasks.ready];
  if (problems.length === 0) return [[...common, "", 0, ""]];
  return problems.map(({ check, tasks: failing, remedy }) => [...common, check, failing, remedy]);
}
