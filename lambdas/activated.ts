import { configurationHash } from "../core/configuration-hash.ts";
import { parseDirectory } from "../core/directory-text.ts";
import { SallyportError } from "../core/errors.ts";
import { type Event, readEvent, type StoredEvent } from "../core/event.ts";
import type { RecordReader } from "../core/event-store.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type Fenced, fencesAfter } from "../core/restored.ts";
import { configurationChainProblem } from "../core/verify-configuration-chain.ts";

export const CONF = "CONF";

export interface Activated extends Configuration, Fenced {
  activatedAt: number;
}

/** A few activations are enough: one in force, one coming, and those of tests. */
const CACHED = 8;
/** By the record they came from: what one function has in memory is no other's. */
const kept = new WeakMap<RecordReader, Map<string, Promise<Activated>>>();
/** The set that was read last. */
const last = new WeakMap<RecordReader, Activated>();
const behind = new WeakMap<RecordReader, RecordReader>();

/** Says that a record is another one as a call may use it: what is kept of the one is of the other. */
export function standsBefore<Front extends RecordReader>(
  front: Front,
  record: RecordReader,
): Front {
  behind.set(front, behind.get(record) ?? record);
  return front;
}

/**
 * The set in force, by the tip of CONF as it is now; undefined while nothing was ever activated. Texts are
 * found by their hashes and kept in memory. Throws `sealed` when the record was made for another table:
 * a restored copy must not honour what its original has already used up.
 */
export async function activatedSet(events: RecordReader): Promise<Activated | undefined> {
  const tip = await events.tip(CONF);
  if (tip === undefined) return undefined;
  const event = readEvent(tip);
  if (event.kind !== "policy.activated" && event.kind !== "restore.fence") {
    throw new SallyportError(
      "sealed",
      `the configuration holds ${event.kind}, which this version cannot read`,
    );
  }
  if (event.data.tableArn !== events.tableArn) {
    throw new SallyportError("sealed", "this record belongs to another table", {
      hint: "it was restored from a backup; whoever operates the gateway has to fence it first: `sallyport restore`",
    });
  }
  const { texts } = event.data;
  const hash = configurationHash(texts);
  const key = `${event.seq} ${hash}`;
  // Not as one call may use it, which may not be admitted: others wait for the same texts.
  const record = behind.get(events) ?? events;
  const byHash = kept.get(record) ?? new Map<string, Promise<Activated>>();
  kept.set(record, byHash);
  let loading = byHash.get(key);
  if (loading === undefined) {
    loading = load(record, event, hash);
    byHash.set(key, loading);
    const [oldest] = byHash.keys();
    if (byHash.size > CACHED && oldest !== undefined) byHash.delete(oldest);
    loading.catch(() => byHash.delete(key));
  }
  const set = await loading;
  last.set(record, set);
  return set;
}

/**
 * The set that this process read last; it may have been replaced since. For what may be a call late, such as
 * whose limit a call counts for: nothing is decided by it.
 */
export function lastActivated(events: RecordReader): Activated | undefined {
  return last.get(behind.get(events) ?? events);
}

/** The same, where nothing can be done without it. Throws `not_activated`. */
export async function requireActivated(events: RecordReader): Promise<Activated> {
  const set = await activatedSet(events);
  if (set === undefined) {
    throw new SallyportError("not_activated", "no rules were ever activated here", {
      hint: "a bootstrap person activates the first set: `sallyport policy activate DIR --reason TEXT`",
    });
  }
  return set;
}

async function load(
  events: RecordReader,
  event: Event & { kind: "policy.activated" | "restore.fence" },
  hash: string,
): Promise<Activated> {
  const { seq, at: activatedAt } = event;
  const { texts } = event.data;
  if (event.kind === "restore.fence") requireSameSet(await events.load(CONF), seq);
  const [policies, schema, directory] = await Promise.all(
    [texts.policies, texts.schema, texts.directory].map((name) => events.getText(name)),
  );
  if (policies === undefined || schema === undefined || directory === undefined) {
    throw new SallyportError("record_corrupt", "a text of the activated set is missing");
  }
  const parsed = parseDirectory(directory);
  if (parsed.kind === "defects") {
    throw new SallyportError("record_corrupt", "the activated directory cannot be read");
  }
  const fences = fencesAfter(event);
  return { seq, hash, policies, schema, directory: parsed.directory, activatedAt, fences };
}

/**
 * Whoever restores a table puts no rules in force: a fence names the set that was. Throws `record_corrupt`. Where a
 * set was activated behind it, that one was agreed to, and what the fence said is for the verifier.
 */
function requireSameSet(conf: readonly StoredEvent[], seq: number): void {
  const problem = configurationChainProblem(conf.filter((one) => one.seq <= seq).map(readEvent));
  if (problem === undefined) return;
  throw new SallyportError("record_corrupt", `CONF #${problem.seq}: ${problem.what}`);
}
