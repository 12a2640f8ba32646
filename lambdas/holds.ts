import { type Circumstances, nextEvent, type StoredEvent } from "../core/event.ts";
import type { RecordReader } from "../core/event-store.ts";
import { type Hold, type Holding, holdingOf, leaving, personChain } from "../core/holds.ts";
import type { RequestState } from "../core/request-state.ts";
import type { Fenced } from "../core/restored.ts";

/** Who holds a chain now, by the set in force. */
export async function loadHolding(
  events: RecordReader,
  chain: string,
  { fences }: Fenced,
): Promise<Holding> {
  return holdingOf(chain, await events.tip(chain), fences);
}

/**
 * The events by which an attempt gives back its container and its place among its person's sessions: for the
 * transaction that says nothing of it is left. A chain it does not hold gets none.
 */
export async function givingBack(
  events: RecordReader,
  kind: "hold.returned" | "hold.released",
  state: RequestState,
  attempt: { attempt: number; slot: string },
  by: Circumstances,
  under: Fenced,
): Promise<StoredEvent[]> {
  const own: Hold = { requestId: state.id, attempt: attempt.attempt };
  const chains = [attempt.slot, personChain(state.requester.person)];
  const holdings = await Promise.all(chains.map((chain) => loadHolding(events, chain, under)));
  return holdings.flatMap((holding) => {
    const data = leaving(holding, own);
    return data === undefined ? [] : [nextEvent(holding.tail, { kind, data, values: {} }, by)];
  });
}
