import { configurationHash } from "../core/configuration-hash.ts";
import { emptyTail, nextEvent, readEvent, tailAfter } from "../core/event.ts";
import { nextFence, type RestoreLook } from "../core/restore-plan.ts";
import { CONF } from "../lambdas/activated.ts";
import { commit } from "../lambdas/commit.ts";
import type { CommonPorts } from "../lambdas/ports.ts";

const APPEND_MS = 20_000;

/**
 * Puts the fences of a restore on CONF, the one that opens the table last. If we stop in between, the table stays
 * sealed and the next restore goes on. Answers their numbers; none where the table was open already.
 *
 * Throws `sealed` where CONF ends with what this version cannot read, and what the record does.
 */
export async function putFences(
  ports: Pick<CommonPorts, "events" | "clock" | "random">,
  look: Pick<RestoreLook, "ends" | "highestNamed">,
  by: { principal: string; reason: string },
): Promise<number[]> {
  const put: number[] = [];
  let left = look.ends;
  for (;;) {
    const seq = await commit<number | undefined>(ports, ports.clock.now() + APPEND_MS, async () => {
      const tip = await ports.events.tip(CONF);
      if (tip === undefined) return { events: [], result: undefined };
      const last = readEvent(tip);
      const body = nextFence(left, look.highestNamed, last, ports.events.tableArn, by.reason);
      if (body === undefined) return { events: [], result: undefined };
      const event = nextEvent(tailAfter(emptyTail(CONF), tip), body, {
        actor: { kind: "recovery", principal: by.principal },
        configuration: { seq: tip.seq, hash: configurationHash(body.data.texts) },
        now: ports.clock.now(),
        random: ports.random,
      });
      return { events: [event], fences: [], result: event.seq };
    });
    if (seq === undefined) return put;
    put.push(seq);
    const [stored] = await ports.events.load(CONF, seq - 1);
    const event = stored === undefined ? undefined : readEvent(stored);
    const named = new Set(event?.kind === "restore.fence" ? event.data.ends : []);
    left = left.filter((id) => !named.has(id));
  }
}
