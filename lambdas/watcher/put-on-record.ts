import type { EventBody } from "../../core/event-kinds.ts";
import type { MetricName } from "../../core/metrics.ts";
import type { WatcherPorts } from "../ports.ts";
import { putFinding } from "../put-finding.ts";
import { WATCHER } from "./actor.ts";

const APPEND_MS = 20_000;

/** Puts on record what the watcher found, as `putFinding` does. */
export async function putOnRecord(
  ports: WatcherPorts,
  account: string,
  find: () => Promise<EventBody | undefined>,
  alarm: (body: EventBody) => MetricName | undefined,
): Promise<void> {
  const deadline = ports.clock.now() + APPEND_MS;
  await putFinding(ports, { actor: WATCHER, account, deadline, find, alarm });
}
