/** Bytes waiting to be sent. */
export interface InputQueue {
  readonly length: number;
  /** Copies the bytes: the caller may reuse its buffer. */
  push(bytes: Uint8Array): void;
  /** Takes up to `most` bytes from the front, across the borders of what was pushed. */
  take(most: number): Uint8Array;
  clear(): void;
}

export function inputQueue(): InputQueue {
  let pieces: Uint8Array[] = [];
  let first = 0;
  let offset = 0;
  let length = 0;

  return {
    get length() {
      return length;
    },
    push(bytes) {
      if (bytes.length === 0) return;
      // Not slice(): that of a Node Buffer shares its memory.
      pieces.push(Uint8Array.from(bytes));
      length += bytes.length;
    },
    take(most) {
      const taken = new Uint8Array(Math.min(most, length));
      let filled = 0;
      while (filled < taken.length) {
        const piece = pieces[first];
        if (piece === undefined) break;
        const part = piece.subarray(offset, offset + taken.length - filled);
        taken.set(part, filled);
        filled += part.length;
        offset += part.length;
        if (offset === piece.length) {
          offset = 0;
          first++;
        }
      }
      length -= filled;
      // Dropping the used pieces one by one would make a long paste quadratic.
      if (first > 1_024 || first === pieces.length) {
        pieces = pieces.slice(first);
        first = 0;
      }
      return taken;
    },
    clear() {
      pieces = [];
      first = 0;
      offset = 0;
      length = 0;
    },
  };
}
