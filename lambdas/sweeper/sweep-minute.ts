import type { EpochMillis } from "../../core/clock.ts";
import { CONF } from "../activated.ts";
import type { SweeperPorts } from "../ports.ts";
import { guarded } from "./guarded.ts";
import { sweepRequest } from "./sweep-request.ts";
import { sweepVoided } from "./sweep-voided.ts";

/** Requests swept at once: one whose end cannot be seen must not keep the others waiting. */
const AT_ONCE = 8;

/**
 * Sweeps every request that is due in the minute that `until` is in, but for places in `handled`, to which those
 * are added that are done, and for chains in `failed`, which were tried in this round: it adds its own. Whether all
 * of them are: of one that failed, or left something that no event dates, it is for the caller to come back. Throws
 * what the record does where it cannot be asked what is due.
 */
export async function sweepMinute(
  ports: SweeperPorts,
  handled: Set<string>,
  failed: Set<string>,
  until: EpochMillis,
): Promise<boolean> {
  const places = await ports.events.due(until);
  const due = places.filter(({ chain, seq }) => !handled.has(`${chain}/${seq}`));
  const done = new Map<string, boolean>();
  const chains = [...new Set(due.map(({ chain }) => chain))].filter((chain) => !failed.has(chain));
  const worker = async (): Promise<void> => {
    for (let chain = chains.pop(); chain !== undefined; chain = chains.pop()) {
      const id = chain.slice("REQ#".length);
      const ok =
        chain === CONF
          ? await guarded(ports, "what a restore voids could not be ended", () =>
              sweepVoided(ports),
            )
          : await guarded(ports, `request ${id} could not be swept`, () => sweepRequest(ports, id));
      done.set(chain, ok === true);
      if (ok !== true) failed.add(chain);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const { chain, seq } of due) if (done.get(chain) === true) handled.add(`${chain}/${seq}`);
  return due.every(({ chain }) => done.get(chain) === true);
}
