import type { SeenSession } from "../../core/execute-command.ts";
import type { SweeperPorts } from "../ports.ts";
import { sweepRequest } from "./sweep-request.ts";

/** Sessions looked at in one go: a lock on a cluster ends many, and none waits for the others. */
const AT_ONCE = 8;

/**
 * Sweeps the request of every session that goes on, as SSM lists them: where what anybody may be in has changed, by
 * other rules or by a lock. One that fails keeps none of the others from being swept. Throws the first failure
 * once all were tried: then somebody has to come back. A session that SSM does not list yet is swept when its
 * own event comes by the stream.
 */
export async function sweepLive(
  ports: SweeperPorts,
  goingOn: readonly SeenSession[],
): Promise<void> {
  const left = [...goingOn];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      try {
        for (const chain of await ports.events.chainsOfSession(one.sessionId)) {
          if (chain.startsWith("REQ#")) await sweepRequest(ports, chain.slice("REQ#".length));
        }
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}

/** The same in every place of the deployment, at once: one that does not answer keeps no other waiting. */
export async function sweepAllLive(ports: SweeperPorts): Promise<void> {
  const places = await Promise.allSettled(
    ports.deployment.territory.places.map(async (place) =>
      sweepLive(ports, await ports.sessionWatch.goingOn(place)),
    ),
  );
  const failed = places.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
