import { sha256 } from "@noble/hashes/sha2.js";
import type { Frame } from "./frame.ts";
import { messageTypes } from "./wire-names.ts";

export type FrameProblem = "no_date" | "digest_mismatch";

/**
 * Why a decoded frame must be dropped without an acknowledgement, or undefined if it is sound. These are
 * the checks of the session-manager-plugin beyond those of decoding: a date, and a digest that matches
 * where there is a payload. The service's start and pause frames are exempt, since nobody agrees on
 * what they contain. The PayloadLength is not compared with the payload: neither AWS side does, and
 * refusing a frame that will be resent as it is would stop the session for good.
 */
export function validateFrame(frame: Frame): FrameProblem | undefined {
  if (
    frame.messageType === messageTypes.startPublication ||
    frame.messageType === messageTypes.pausePublication
  ) {
    return undefined;
  }
  if (frame.createdDate === 0) return "no_date";
  if (frame.payload.length > 0 && !digestMatches(frame)) return "digest_mismatch";
  return undefined;
}

/** Whether the payload's SHA-256 is the one the header claims. */
export function digestMatches(frame: Frame): boolean {
  const digest = sha256(frame.payload);
  return digest.every((byte, i) => byte === frame.payloadDigest[i]);
}
