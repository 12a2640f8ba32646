import { configurationHash } from "./configuration-hash.ts";
import { SallyportError } from "./errors.ts";
import { type Event, emptyTail, readEvent, type StoredEvent, tailAfter } from "./event.ts";
import { foldRequest } from "./fold-request.ts";
import { countMisfit, glassProblems } from "./glass-limit.ts";
import { type Hold, holdMisfit, holdsAfter, MOST_PER_PERSON } from "./holds.ts";
import { LOCK } from "./locks.ts";
import { countedMisfit } from "./refusal-counts.ts";
import { type RestoreFence, restoreFences } from "./restored.ts";
import { configurationChainProblem } from "./verify-configuration-chain.ts";
import { lastResortProblems, REVIEW, reviewMisfit, usedMisfit } from "./verify-last-resort.ts";
import { lockChainProblem, lockedEventProblems } from "./verify-locks.ts";
import { WATCH, watchMisfit, watchProblems } from "./verify-watch.ts";

/** The chain of activated sets. */
const CONF = "CONF";

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
 * each kind under its family and on its chain, no disclosed value taken away, and each request's events a
 * legal history that agrees with itself. What was broken open and what was counted are the same. Where the
 * rules' own chain is among them: that each event names a set that was activated, that each activation but the first
 * was asked for and agreed to, and that nothing goes on which a fence of a restore had voided. What stands locked follows
 * from event to event, and nothing was opened under a lock. What the watcher found is on record once, and each call it
 * matched is the one of an intent. What was said of a use of the last resort is of one on record, by somebody else, and
 * once. Reports the first thing wrong on each chain; what stands behind it on that chain proves nothing any more.
 *
 * It cannot tell that a whole chain, or the end of one, is missing: for that the ledger is needed. Where `items` are
 * the whole record and not some days of it, what put a set in force has to be there.
 */
export function verifyChains(items: StoredEvent[], { whole = false } = {}): Verification {
  const chains = new Map<string, StoredEvent[]>();
  for (const item of items) {
    const chain = chains.get(item.chain);
    if (chain === undefined) chains.set(item.chain, [item]);
    else chain.push(item);
  }
  const problems: ChainProblem[] = [];
  const sound: Event[] = [];
  const fences = restoreFences(chains.get(CONF) ?? []);
  for (const [chain, events] of chains) {
    const read: Event[] = [];
    const problem = verifyChain(
      chain,
      events.toSorted((a, b) => a.seq - b.seq),
      read,
      fences,
    );
    if (problem !== undefined) problems.push(problem);
    else sound.push(...read);
  }
  problems.push(
    ...configurationProblems(sound, new Set(problems.map(({ chain }) => chain)), whole),
  );
  problems.push(...glassProblems(sound, new Set(problems.map(({ chain }) => chain))));
  const isSound = (chain: string): boolean => !problems.some((one) => one.chain === chain);
  const tell = (wrong: readonly { event: Event; what: string }[]): void => {
    for (const { event, what } of wrong) {
      const { chain, seq } = event;
      if (isSound(chain)) problems.push({ chain, seq, what });
    }
  };
  tell(watchProblems(sound));
  tell(lastResortProblems(sound, items, whole));
  if (isSound(LOCK)) tell(lockedEventProblems(sound));
  return { chains: chains.size, events: items.length, problems };
}

/** How events stand to the rules' chain: the first problem on each chain that is otherwise sound. */
function configurationProblems(
  events: readonly Event[],
  broken: Set<string>,
  whole: boolean,
): ChainProblem[] {
  const activations = events.filter(
    (event) => event.kind === "policy.activated" || event.kind === "restore.fence",
  );
  if (activations.length === 0) return [];
  const [first] = activations.toSorted((a, b) => a.seq - b.seq);
  const hashes = new Map(activations.map(({ seq, data }) => [seq, configurationHash(data.texts)]));
  const problems = new Map<string, ChainProblem>();
  const wrong = ({ chain, seq }: Event, what: string): void => {
    if (!problems.has(chain)) problems.set(chain, { chain, seq, what });
  };
  for (const event of events) {
    const { seq, hash } = event.configuration;
    if (event.kind === "policy.activated") {
      const { request, texts } = event.data;
      if ((request === null) !== (event.seq === 1)) {
        wrong(event, "only the first set comes into force without having been asked for");
      }
      if (request === null || broken.has(`REQ#${request}`)) continue;
      const asked = events.filter(({ chain }) => chain === `REQ#${request}`);
      // Asked for before the days that were exported.
      if (asked.length === 0 && !whole) continue;
      const wanted = asked.find((one) => one.kind === "activation.asked")?.data.texts;
      const agreed = asked.some(
        (one) => one.kind === "decision.approved" && one.data.grant !== null,
      );
      if (
        !agreed ||
        wanted === undefined ||
        configurationHash(wanted) !== configurationHash(texts)
      ) {
        wrong(event, `request ${request} did not agree to it`);
      }
    } else if (seq === 0 && hash === "" && isBefore(event, first)) {
      continue; // AWS is watched before there are rules
    } else if (event.kind !== "restore.fence" && hashes.get(seq) !== hash) {
      wrong(event, `it names a set of rules #${seq} that was not in force`);
    }
  }
  return [...problems.values()];
}

/** Whether the watcher found it before the first set came into force. */
function isBefore(event: Event, first: Event | undefined): boolean {
  return event.chain.startsWith(WATCH) && first?.seq === 1 && event.at <= first.at;
}

/** How many may hold a chain at once; undefined for one that nobody holds. */
function most(chain: string): number | undefined {
  if (chain.startsWith("SLOT#")) return 1;
  return chain.startsWith("PERSON#") ? MOST_PER_PERSON : undefined;
}

/** The first problem of a chain, or undefined; `read` takes its events as they were read. */
function verifyChain(
  chain: string,
  events: StoredEvent[],
  read: Event[],
  fences: readonly RestoreFence[],
): ChainProblem | undefined {
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
      const gone = Object.keys(event.commits).find((field) => !Object.hasOwn(stored.open, field));
      // Nothing is erased by this version, so a value that is not there was taken away.
      if (gone !== undefined) return wrong(`the value ${gone} is missing`);
      read.push(event);
    } catch (error) {
      return wrong(error instanceof SallyportError ? error.message : String(error));
    }
    tail = tailAfter(tail, stored);
  }
  if (chain.startsWith("REFUSED#")) {
    for (const event of read) {
      const what = countedMisfit(event);
      if (what !== undefined) return { chain, seq: event.seq, what };
    }
  }
  if (chain.startsWith(WATCH)) {
    for (const event of read) {
      const what =
        watchMisfit(event) ?? (event.kind === "last_resort.used" ? usedMisfit(event) : undefined);
      if (what !== undefined) return { chain, seq: event.seq, what };
    }
  }
  if (chain.startsWith(REVIEW)) {
    for (const event of read) {
      const what = reviewMisfit(event);
      if (what !== undefined) return { chain, seq: event.seq, what };
    }
  }
  const holders = most(chain);
  if (holders !== undefined) {
    let before: Hold[] = [];
    for (const event of read) {
      const what = holdMisfit(before, event, holders);
      if (what !== undefined) return { chain, seq: event.seq, what };
      before = holdsAfter(event);
    }
  }
  if (chain.startsWith("GLASS#")) {
    for (const event of read) {
      const what = countMisfit(event);
      if (what !== undefined) return { chain, seq: event.seq, what };
    }
  }
  if (chain === CONF) {
    const problem = configurationChainProblem(read);
    if (problem !== undefined) return { chain, ...problem };
  }
  if (chain === LOCK) {
    const problem = lockChainProblem(read, fences);
    if (problem !== undefined) return { chain, ...problem };
  }
  if (!chain.startsWith("REQ#")) return undefined;
  try {
    foldRequest(chain.slice(4), events, fences);
    return undefined;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const at = / #(\d+)[: ]/.exec(what)?.[1];
    return { chain, seq: at === undefined ? tail.seq : Number(at), what };
  }
}
