/** The most a frame's payload holds, as the official agent has it. */
export const MAX_PAYLOAD_BYTES = 1_024;

/**
 * How many bytes of the pending output make the next frame; 0 where more has to come first.
 *
 * A character of UTF-8 is never cut in two: its first bytes wait for the rest. Bytes that are no UTF-8
 * pass as they are. Once the output has ended, what is left goes out whatever it is; the real agent
 * loses up to three bytes there.
 */
export function chunkLength(pending: Uint8Array, ended: boolean): number {
  const length = Math.min(pending.length, MAX_PAYLOAD_BYTES);
  if (ended && length === pending.length) return length;
  return length - incompleteTail(pending.subarray(0, length));
}

/** How many bytes at the end are the beginning of a character that is not all there. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue; // a continuation byte: the lead is further back
    const needed = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && needed > back ? back : 0;
  }
  return 0;
}
