import { configurationHash } from "../core/configuration-hash.ts";
import { parseDirectory } from "../core/directory-text.ts";
import { SallyportError } from "../core/errors.ts";
import { readEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import type { Configuration } from "../core/policy-engine.ts";

export const CONF = "CONF";
export const LOCK = "LOCK";

export interface Activated extends Configuration {
  activatedAt: number;
}

/** A few activations are enough: one in force, one coming, and those of tests. */
const CACHED = 8;
/** By the store they came from: what one function has in memory is no other's. */
const kept = new WeakMap<EventStore, Map<string, Promise<Activated>>>();

/**
 * The set in force, by the tip of CONF as it is now; undefined while nothing was ever activated. Texts are
 * found by their hashes and kept in memory. Throws `sealed` when the record was made for another table:
 * a restored copy must not honour what its original has already used up.
 */
export async function activatedSet(events: EventStore): Promise<Activated | undefined> {
  const tip = await events.tip(CONF);
  if (tip === undefined) return undefined;
  const event = readEvent(tip);
  if (event.kind !== "policy.activated") {
    throw new SallyportError(
      "sealed",
      `the configuration holds ${event.kind}, which this version cannot read`,
    );
  }
  if (event.data.tableArn !== events.tableArn) {
    throw new SallyportError("sealed", "this record belongs to another table", {
      hint: "it was restored from a backup; whoever operates the gateway has to fence it first",
    });
  }
  const { texts } = event.data;
  const hash = configurationHash(texts);
  const key = `${event.seq} ${hash}`;
  const byHash = kept.get(events) ?? new Map<string, Promise<Activated>>();
  kept.set(events, byHash);
  let loading = byHash.get(key);
  if (loading === undefined) {
    loading = load(events, event.seq, hash, texts, event.at);
    byHash.set(key, loading);
    const [oldest] = byHash.keys();
    if (byHash.size > CACHED && oldest !== undefined) byHash.delete(oldest);
    loading.catch(() => byHash.delete(key));
  }
  return loading;
}

/** The same, where nothing can be done without it. Throws `not_activated`. */
export async function requireActivated(events: EventStore): Promise<Activated> {
  const set = await activatedSet(events);
  if (set === undefined) {
    throw new SallyportError("not_activated", "no rules were ever activated here", {
      hint: "a bootstrap person activates the first set: `sallyport policy activate DIR --reason TEXT`",
    });
  }
  return set;
}

async function load(
  events: EventStore,
  seq: number,
  hash: string,
  texts: { policies: string; schema: string; directory: string },
  activatedAt: number,
): Promise<Activated> {
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
  return { seq, hash, policies, schema, directory: parsed.directory, activatedAt };
}

/**
 * The number of the last event on LOCK, to fence on: locks are written by a later version, and one that
 * this version cannot read must stop it.
 */
export async function lockSeq(events: EventStore): Promise<number> {
  const tip = await events.tip(LOCK);
  if (tip === undefined) return 0;
  throw new SallyportError("sealed", "locks are on record that this version cannot read");
}
