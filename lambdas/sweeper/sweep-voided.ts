import type { EpochMillis } from "../../core/clock.ts";
import { UNCLAIMED_MS } from "../../core/due.ts";
import { readEvent } from "../../core/event.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { goesOn } from "../../core/request-state.ts";
import type { RestoreFence } from "../../core/restored.ts";
import { clusterArnOf, readSsmTarget } from "../../core/target.ts";
import { CONF, requireActivated } from "../activated.ts";
import { loadRequest } from "../load-request.ts";
import type { SweeperPorts } from "../ports.ts";
import { waitUntilOver } from "../wait-until-over.ts";
import { inTurn } from "./in-turn.ts";
import { sweepRequest } from "./sweep-request.ts";

/**
 * Ends what was running when the table was restored. What the fences name is swept like anything whose grant is void.
 * What SSM lists in our clusters from before the last fence, and no event names, was opened after the instant that was
 * restored to, or around us: nobody can say by whose agreement, so it is ended too. Doing it twice ends the same.
 *
 * Throws the first failure once all were tried: then somebody has to come back.
 */
export async function sweepVoided(ports: SweeperPorts): Promise<void> {
  const configuration = await requireActivated(ports.events);
  const { fences } = configuration;
  const last = fences.at(-1);
  if (last === undefined) return;
  const conf = (await ports.events.load(CONF)).map(readEvent);
  const named = conf.flatMap((event) => (event.kind === "restore.fence" ? event.data.ends : []));
  await inTurn([...new Set(named)], async (id) => {
    await sweepRequest(ports, id);
    const { state } = await loadRequest(ports.events, id, configuration);
    if (goesOn(state)) throw new Error(`what runs under request ${id} is not known to be over`);
  });
  const { places, partition } = ports.deployment.territory;
  await inTurn(places, async (place) => {
    const goingOn = await ports.sessionWatch.goingOn(place);
    const old = goingOn.filter((seen) => {
      const cluster = readSsmTarget(seen.target)?.clusterName;
      const isOurs =
        cluster !== undefined &&
        ports.deployment.clusters.includes(clusterArnOf(partition, place, cluster));
      return isOurs && isBefore(seen, last, ports.clock.now());
    });
    await inTurn(old, async ({ sessionId }) => {
      if ((await ports.events.chainsOfSession(sessionId)).length > 0) return;
      await ports.sessionEnder.terminate(place, sessionId);
      if ((await waitUntilOver(ports, place, sessionId)) === undefined) {
        ports.metrics.count("EndUnverified");
        throw new Error(`session ${sessionId}, which no event names, is not known to be over`);
      }
      ports.log.info("a session from before the restore, which no event names, was ended", {
        sessionId,
      });
    });
  });
}

/**
 * Where SSM does not say when it began, it began before: what is ours is on record by the time it is listed. So it did
 * where no event has named it for so long, for the fence is dated by the clock of whoever restores.
 */
function isBefore({ begunAt }: SeenSession, fence: RestoreFence, now: EpochMillis): boolean {
  return begunAt === null || begunAt <= Math.max(fence.at, now - UNCLAIMED_MS);
}
