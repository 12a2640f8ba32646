import { canonicalJson, type Json, type JsonObject } from "./canonical-json.ts";
import { type EpochMillis, type Random } from "./clock.ts";
import { bytesToHex, commitment, sha256Hex, utf8Length } from "./digest.ts";
import { SallyportError } from "./errors.ts";
import {
  type EventBody,
  type EventKind,
  eventKinds,
  type Family,
  type RequestKind,
} from "./event-kinds.ts";
import { ulid } from "./ids.ts";
import { unknownMember } from "./known-members.ts";

/**
 * Event format v1.
 *
 * An event's leaf is canonical JSON (RFC 8785) and holds the SHA-256 of the leaf before it in its chain.
 * A value that may have to be erased one day (command, reason, …) is not in the leaf: there stands only
 * SHA-256(salt ‖ value), and value and salt lie beside the leaf, in `open`. So the value can go while
 * every hash still verifies. One salt serves one field throughout a chain: equal values in one request
 * can be seen to be equal, and nothing can be compared across requests.
 */
export interface StoredEvent {
  chain: string;
  /** From 1, without gaps. */
  seq: number;
  /** The attribute the leaf is stored under; IAM pins who may write which. */
  family: Family;
  leaf: string;
  /** Tells our own write, found again after a lost answer, from somebody else's. Outside the leaf. */
  nonce: string;
  open: { [field: string]: { salt: string; value: string } };
}

/** Who did it. `principal` is `<account>:<unique id>[:<session>]`, as the authorizer verified it. */
export type Actor =
  | { kind: "person"; person: string; principal: string }
  | { kind: "program"; program: string; principal: string }
  | { kind: "bootstrap"; person: string; principal: string }
  /** The gateway's own doing, by one of its functions. */
  | { kind: "gateway"; function: "sweeper" | "watcher"; principal: string }
  /** Whoever restored the table, by the recovery role; CloudTrail says who assumed it. */
  | { kind: "recovery"; principal: string }
  /** A principal of nobody in the directory, or of several: it can only be refused. */
  | { kind: "unknown"; principal: string };

export interface EventHeader {
  v: 1;
  chain: string;
  seq: number;
  prev: string;
  eventId: string;
  at: EpochMillis;
  actor: Actor;
  /** The activation it was decided under; number 0 and an empty hash before the first. */
  configuration: { seq: number; hash: string };
  /** API Gateway's id of the call, to be found again in the front door's access log. */
  call?: string;
}

/** A read event. A committed value that was erased is missing from `values`. */
export type Event = EventHeader & EventBody & { commits: { [field: string]: string } };

/** One that stands on the chain of a request. */
export type RequestEvent = Extract<Event, { kind: RequestKind }>;

/** What the next event of a chain needs to know of the ones before it. */
export interface ChainTail {
  chain: string;
  seq: number;
  /** SHA-256 of the last leaf; 64 zeros before the first. */
  hash: string;
  salts: { [field: string]: string };
  at: EpochMillis;
}

export const LEAF_LIMIT_BYTES = 60_000;

export function emptyTail(chain: string): ChainTail {
  return { chain, seq: 0, hash: "0".repeat(64), salts: {}, at: 0 };
}

/** The tail after an event, for putting several events on one chain in one go. */
export function tailAfter(tail: ChainTail, event: StoredEvent): ChainTail {
  const salts = { ...tail.salts };
  for (const [field, { salt }] of Object.entries(event.open)) salts[field] ??= salt;
  const { at } = JSON.parse(event.leaf) as { at: EpochMillis };
  return { chain: tail.chain, seq: event.seq, hash: sha256Hex(event.leaf), salts, at };
}

export interface Circumstances {
  actor: Actor;
  configuration: { seq: number; hash: string };
  call?: string;
  now: EpochMillis;
  random: Random;
}

/**
 * Makes the next event of a chain. Its time is never before the one in front of it, whatever the clock
 * says. Throws `event_too_large` when the leaf would exceed 60,000 bytes: before any effect.
 */
export function nextEvent(tail: ChainTail, body: EventBody, by: Circumstances): StoredEvent {
  const at = Math.max(by.now, tail.at);
  const commits: JsonObject = {};
  const open: StoredEvent["open"] = {};
  for (const [field, value] of Object.entries(body.values)) {
    if (value === undefined) continue;
    const text = canonicalJson(value as Json);
    const salt = tail.salts[field] ?? bytesToHex(by.random(16));
    commits[field] = commitment(salt, text);
    open[field] = { salt, value: text };
  }
  const leaf = canonicalJson({
    v: 1,
    chain: tail.chain,
    seq: tail.seq + 1,
    prev: tail.hash,
    eventId: ulid(at, by.random),
    at,
    kind: body.kind,
    actor: { ...by.actor },
    configuration: { ...by.configuration },
    ...(by.call === undefined ? {} : { call: by.call }),
    data: body.data as unknown as JsonObject,
    commits,
  });
  if (utf8Length(leaf) > LEAF_LIMIT_BYTES) {
    throw new SallyportError("event_too_large", `the event would take ${utf8Length(leaf)} bytes`, {
      hint: `an event may take ${LEAF_LIMIT_BYTES} bytes; shorten the command or the reason`,
    });
  }
  return {
    chain: tail.chain,
    seq: tail.seq + 1,
    family: eventKinds[body.kind].family,
    leaf,
    nonce: bytesToHex(by.random(16)),
    open,
  };
}

/**
 * Reads a stored event: its leaf must be canonical, of this format, of a known kind, stored under that
 * kind's family, in the place it names; each value in `open` must match its commitment.
 * Throws `record_corrupt` otherwise: what does not verify is not used. Throws `sealed` where the format, the kind
 * or a member is none of this version's: what a later one wrote is not guessed at.
 */
export function readEvent(stored: StoredEvent): Event {
  const where = `${stored.chain} #${stored.seq}`;
  const corrupt = (what: string): SallyportError =>
    new SallyportError("record_corrupt", `event ${where}: ${what}`);
  let leaf: Event & { kind: EventKind };
  try {
    leaf = JSON.parse(stored.leaf) as typeof leaf;
    if (canonicalJson(leaf as unknown as Json) !== stored.leaf) throw new TypeError();
  } catch (error) {
    throw new SallyportError(
      "record_corrupt",
      `event ${where}: the leaf is not canonical JSON`,
      {},
      error,
    );
  }
  if (leaf === null || typeof leaf !== "object" || Array.isArray(leaf))
    throw corrupt("the leaf is no object");
  const version: unknown = leaf.v;
  if (typeof version === "number" && version > 1) throw later(where, "unknown format version");
  if (version !== 1) throw corrupt("no format version");
  if (leaf.chain !== stored.chain || leaf.seq !== stored.seq)
    throw corrupt("stands in another's place");
  if (!Object.hasOwn(eventKinds, leaf.kind)) throw later(where, "unknown kind of event");
  const kind = eventKinds[leaf.kind];
  if (kind.family !== stored.family) {
    throw corrupt(
      `${leaf.kind} belongs to family ${kind.family}, and is stored under ${stored.family}`,
    );
  }
  if (
    !kind.chains.some((prefix) => stored.chain === prefix || stored.chain.startsWith(`${prefix}#`))
  ) {
    throw corrupt(`${leaf.kind} does not belong on this chain`);
  }
  const unknown = unknownMember(leaf.kind, leaf);
  if (unknown !== undefined) throw later(where, unknown);
  const values: { [field: string]: Json } = {};
  for (const [field, opened] of Object.entries(stored.open)) {
    if (leaf.commits[field] === undefined) throw corrupt(`value ${field} has no commitment`);
    if (
      !/^[0-9a-f]{32}$/.test(opened.salt) ||
      commitment(opened.salt, opened.value) !== leaf.commits[field]
    ) {
      throw corrupt(`value ${field} does not match its commitment`);
    }
    values[field] = JSON.parse(opened.value) as Json;
  }
  return { ...leaf, values } as Event;
}

function later(where: string, what: string): SallyportError {
  return new SallyportError("sealed", `event ${where}: ${what}`, {
    hint: "a later version may have written it: deploy that one again",
  });
}
