import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { EpochMillis, Random } from "./clock.ts";

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** 26 characters of Crockford's base32, lower case: 130 bits, of which the first 128 are the bytes'. */
function base32(bytes: Uint8Array): string {
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes.subarray(0, 16)) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += CROCKFORD.charAt((buffer >>> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return out + CROCKFORD.charAt((buffer << (5 - bits)) & 31);
}

/**
 * A ULID (lower case): 48 bits of time, 80 of chance. Ids of one process sort by the millisecond they
 * were made in; within one millisecond their order means nothing.
 */
export function ulid(at: EpochMillis, random: Random): string {
  let time = "";
  let rest = Math.floor(at);
  for (let i = 0; i < 10; i++) {
    time = CROCKFORD.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  const chance = random(10);
  let tail = "";
  for (let i = 0; i < 10; i += 5) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = chance.subarray(i, i + 5);
    const digits = [
      a >>> 3,
      ((a << 2) | (b >>> 6)) & 31,
      (b >>> 1) & 31,
      ((b << 4) | (c >>> 4)) & 31,
      ((c << 1) | (d >>> 7)) & 31,
      (d >>> 2) & 31,
      ((d << 3) | (e >>> 5)) & 31,
      e & 31,
    ];
    for (const digit of digits) tail += CROCKFORD.charAt(digit);
  }
  return time + tail;
}

/** When a ULID says it was made (epoch ms). Of any other text of its alphabet, some time or other. */
export function timeOfUlid(id: string): EpochMillis {
  let time = 0;
  for (const digit of id.slice(0, 10)) time = time * 32 + CROCKFORD.indexOf(digit);
  return time;
}

/**
 * The id of a request: a hash of who asks, by which route, under which idempotency key. The same call
 * repeated meets its own chain, so no store of keys is needed. Without a key the caller passes chance.
 * `principal` includes the session: behind one role may stand many people.
 */
export function requestId(principal: string, route: string, key: string): string {
  const parts = [principal, route, key].map((part) => `${part.length}:${part}`).join("");
  return base32(sha256(utf8ToBytes(`sallyport request\n${parts}`)));
}

/** What a request id looks like, wherever one is read from outside. */
export const requestIdPattern = /^[0-9a-hjkmnp-tv-z]{26}$/;
