import {
  type ChainTail,
  type Event,
  emptyTail,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "./event.ts";
import { isVoid, type RestoreFence } from "./restored.ts";
import { taskIdOf } from "./target.ts";

/**
 * Who is where: one chain for each container and one for each person, each event of which carries all who hold it
 * after it, so that the last one is enough to read. An intent takes both in its own transaction; they are given
 * back with the event that says nothing of that attempt is left.
 */
export interface Hold {
  requestId: string;
  attempt: number;
}

/** So many containers one person may be in at once. */
export const MOST_PER_PERSON = 5;

export interface Holding {
  tail: ChainTail;
  holds: Hold[];
  /** Who held it before the table was restored, and holds nothing any more. */
  voided: Hold[];
}

/** The chain of a container; of all containers of its task where those share a PID namespace. */
export function slotChain(taskArn: string, container: string, sharedPid: boolean): string {
  return `SLOT#${taskIdOf(taskArn)}#${sharedPid ? "*" : container}`;
}

export function personChain(id: string): string {
  return `PERSON#${id}`;
}

/** Who holds a chain, by its last event: nobody from before a fence of a restore. Throws `record_corrupt`. */
export function holdingOf(
  chain: string,
  tip: StoredEvent | undefined,
  fences: readonly RestoreFence[],
): Holding {
  if (tip === undefined) return { tail: emptyTail(chain), holds: [], voided: [] };
  const event = readEvent(tip);
  const tail = tailAfter(emptyTail(chain), tip);
  const held = holdsAfter(event);
  return isVoid(event.configuration.seq, fences) === undefined
    ? { tail, holds: held, voided: [] }
    : { tail, holds: [], voided: held };
}

/** What an event of such a chain says of who holds it after it. */
export function holdsAfter(event: Event): Hold[] {
  return "holds" in event.data ? event.data.holds : [];
}

/**
 * Why an event of such a chain does not follow from who held it before, or undefined: what each event carries
 * has to be what the ones before it come to.
 */
export function holdMisfit(
  before: readonly Hold[],
  event: Event,
  most: number,
): string | undefined {
  if (
    event.kind !== "hold.taken" &&
    event.kind !== "hold.returned" &&
    event.kind !== "hold.released"
  )
    return `${event.kind} says nothing of who holds it`;
  const { requestId, attempt, holds } = event.data;
  const own = { requestId, attempt };
  const others = before.filter((hold) => !sameHold(hold, own));
  const held = others.length < before.length;
  if (event.kind === "hold.taken") {
    if (held) return "it is taken twice by one attempt";
    const stay = others.filter((hold) => !event.data.displaced.some((one) => sameHold(one, hold)));
    if (stay.length + 1 > most) return "more hold it than may";
    return sameHolds(holds, [...stay, own]) ? undefined : "it forgets or invents somebody";
  }
  if (!held) return "it gives back what was not held";
  return sameHolds(holds, others) ? undefined : "it forgets or invents somebody";
}

export function sameHold(a: Hold, b: Hold): boolean {
  return a.requestId === b.requestId && a.attempt === b.attempt;
}

function sameHolds(a: readonly Hold[], b: readonly Hold[]): boolean {
  return a.length === b.length && a.every((hold, i) => sameHold(hold, b[i] ?? hold));
}

/**
 * The data of the event by which an attempt takes a chain; `displaced` are holders that are known to be over. Those that
 * a fence voids go with them, so that the chain follows from itself.
 */
export function taking(holding: Holding, own: Hold, displaced: Hold[]) {
  const stay = holding.holds.filter((hold) => !displaced.some((one) => sameHold(one, hold)));
  return { ...own, displaced: [...displaced, ...holding.voided], holds: [...stay, own] };
}

/** The data of the event that gives it back; undefined where that attempt does not hold it. */
export function leaving(holding: Holding, own: Hold) {
  const others = holding.holds.filter((hold) => !sameHold(hold, own));
  return others.length === holding.holds.length ? undefined : { ...own, holds: others };
}
