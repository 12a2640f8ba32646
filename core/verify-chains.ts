import { SallyportError } from "./errors.ts";
import { emptyTail, readEvent, type StoredEvent, tailAfter } from "./event.ts";
import { foldRequest } from "./fold-request.ts";

export interface ChainProblem {
  chain: string;
  /** The event at which it was noticed. */
  seq: number;
  what: string;
}

export interface Verification {
  chains: number;
  events: number;
  problems: ChainProblem[];
}

/**
 * Verifies every chain among the given events, from what is stored alone: numbers from 1 without gaps or
 * repeats, each leaf canonical and hashing the one before, each disclosed value matching its commitment,
 * each kind under its family and on its chain, and each request's events a legal history. Reports the
 * first thing wrong on each chain; what stands behind it on that chain proves nothing any more.
 *
 * It cannot tell that a whole chain, or the end of one, is missing: for that the ledger is needed.
 */
export function verifyChains(items: StoredEvent[]): Verification {
  const chains = new Map<string, StoredEvent[]>();
  for (const item of items) {
    const chain = chains.get(item.chain);
    if (chain === undefined) chains.set(item.chain, [item]);
    else chain.push(item);
  }
  const problems: ChainProblem[] = [];
  for (const [chain, events] of chains) {
    const problem = verifyChain(
      chain,
      events.toSorted((a, b) => a.seq - b.seq),
    );
    if (problem !== undefined) problems.push(problem);
  }
  return { chains: chains.size, events: items.length, problems };
}

function verifyChain(chain: string, events: StoredEvent[]): ChainProblem | undefined {
  let tail = emptyTail(chain);
  for (const stored of events) {
    const wrong = (what: string): ChainProblem => ({ chain, seq: stored.seq, what });
    if (stored.seq !== tail.seq + 1) {
      return wrong(
        stored.seq === tail.seq ? "the number stands twice" : `event ${tail.seq + 1} is missing`,
      );
    }
    try {
      const event = readEvent(stored);
      if (event.prev !== tail.hash) return wrong("it does not hash the event before it");
      if (event.at < tail.at) return wrong("its time is before the event before it");
    } catch (error) {
      return wrong(error instanceof SallyportError ? error.message : String(error));
    }
    tail = tailAfter(tail, stored);
  }
  if (!chain.startsWith("REQ#")) return undefined;
  try {
    foldRequest(chain.slice(4), events);
    return undefined;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const at = / #(\d+)[: ]/.exec(what)?.[1];
    return { chain, seq: at === undefined ? tail.seq : Number(at), what };
  }
}
