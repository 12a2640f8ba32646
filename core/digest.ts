import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson, type Json } from "./canonical-json.ts";

/** SHA-256 of a text's UTF-8 bytes, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** SHA-256 of the canonical JSON of a value: what two parties compare to know they mean the same thing. */
export function digestOf(value: Json): string {
  return sha256Hex(canonicalJson(value));
}

/**
 * SHA-256(salt ‖ value), the commitment an event's leaf holds in place of a value that may have to be
 * erased. `saltHex` is 32 hex digits (16 bytes); `value` is canonical JSON text.
 */
export function commitment(saltHex: string, value: string): string {
  const hash = sha256.create();
  hash.update(hexToBytes(saltHex));
  hash.update(utf8ToBytes(value));
  return bytesToHex(hash.digest());
}

/** Length in UTF-8 bytes: every limit of the record is counted in these, never in characters. */
export function utf8Length(text: string): number {
  return utf8ToBytes(text).length;
}

export { bytesToHex };
