import { configurationHash } from "../configuration-hash.ts";
import { sha256Hex } from "../digest.ts";
import { parseDirectory } from "../directory-text.ts";
import { SallyportError } from "../errors.ts";
import { readEvent, type StoredEvent } from "../event.ts";
import type { Configuration } from "../policy-engine.ts";
import { type RestoreFence, restoreFences } from "../restored.ts";

/** Texts by their SHA-256, as the record keeps those of sets. */
export type Texts = ReadonlyMap<string, string>;

interface Hashes {
  policies: string;
  schema: string;
  directory: string;
}

/** What was taken from a record to make its decisions again: events, and the texts that they name. */
export interface TakenRecord {
  /** Events of a chain before a number, in order. */
  before(chain: string, seq: number): StoredEvent[];
  /**
   * The set that an event names. Throws `record_corrupt` where its activation is not there or is another, or
   * where a text is not there or is not what its hash says.
   */
  setOf(named: { seq: number; hash: string }): Configuration;
  /** Every fence of a restore, as far as activations were taken along. */
  fences: readonly RestoreFence[];
  /** Throws `record_corrupt`. */
  textsOf(hashes: Hashes): Hashes;
}

export function takenRecord(events: readonly StoredEvent[], texts: Texts): TakenRecord {
  const chains = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const chain = chains.get(event.chain);
    if (chain === undefined) chains.set(event.chain, [event]);
    else chain.push(event);
  }
  for (const chain of chains.values()) chain.sort((a, b) => a.seq - b.seq);
  const sets = new Map<string, Configuration>();

  const text = (hash: string, what: string): string => {
    const found = texts.get(hash);
    if (found === undefined) throw corrupt(`the text of the ${what}, ${hash}, is not there`);
    if (sha256Hex(found) !== hash) throw corrupt(`the text of the ${what} is not ${hash}`);
    return found;
  };
  const textsOf = ({ policies, schema, directory }: Hashes): Hashes => ({
    policies: text(policies, "rules"),
    schema: text(schema, "schema"),
    directory: text(directory, "directory"),
  });
  return {
    before: (chain, seq) => (chains.get(chain) ?? []).filter((event) => event.seq < seq),
    textsOf,
    fences: restoreFences(chains.get("CONF") ?? []),
    setOf({ seq, hash }) {
      const known = sets.get(`${seq} ${hash}`);
      if (known !== undefined) return known;
      const stored = chains.get("CONF")?.find((event) => event.seq === seq);
      if (stored === undefined) throw corrupt(`the activation #${seq} is not there`);
      const event = readEvent(stored);
      const isSet = event.kind === "policy.activated" || event.kind === "restore.fence";
      if (!isSet || configurationHash(event.data.texts) !== hash) {
        throw corrupt(`the activation #${seq} is not of ${hash}`);
      }
      const set = configurationOf(seq, hash, textsOf(event.data.texts));
      sets.set(`${seq} ${hash}`, set);
      return set;
    },
  };
}

/** A set from its texts. Throws `record_corrupt` where its directory cannot be read. */
export function configurationOf(seq: number, hash: string, texts: Hashes): Configuration {
  const parsed = parseDirectory(texts.directory);
  if (parsed.kind === "defects") throw corrupt(`the directory of #${seq} cannot be read`);
  const { policies, schema } = texts;
  return { seq, hash, policies, schema, directory: parsed.directory };
}

export function corrupt(what: string): SallyportError {
  return new SallyportError("record_corrupt", what);
}
