import type { SeenSession } from "../../core/execute-command.ts";
import type { SweeperPorts } from "../ports.ts";
import { inTurn } from "./in-turn.ts";
import { sweepRequest } from "./sweep-request.ts";

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
  await inTurn(goingOn, async ({ sessionId }) => {
    for (const chain of await ports.events.chainsOfSession(sessionId)) {
      if (chain.startsWith("REQ#")) await sweepRequest(ports, chain.slice("REQ#".length));
    }
  });
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
