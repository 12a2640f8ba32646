import { writeSync } from "node:fs";

/** What is typed into a terminal and its program has not had room for yet. */
export interface PtyInput {
  /** Bytes that wait. */
  readonly waiting: number;
  write(bytes: Uint8Array): void;
  /** Forgets what waits, and takes no more. */
  end(): void;
}

const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 64;

/**
 * Writes to the controlling side of a terminal without ever waiting for the program on the other. Node's
 * own stream of it does wait: libuv cannot open that side a second time, so it sets the stream to blocking
 * writes and tries again without end, and one program that does not read stops this whole process.
 *
 * `fd` is non-blocking. `closed` says, at the time, whether it is closed: its number may be another's then.
 */
export function createPtyInput(fd: number, closed: () => boolean): PtyInput {
  let queue: Uint8Array[] = [];
  let waiting = 0;
  let ended = false;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  const end = (): void => {
    ended = true;
    queue = [];
    waiting = 0;
    clearTimeout(retry);
  };

  const flush = (): void => {
    retry = undefined;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const written = closed() ? "gone" : writeSome(fd, next);
      if (written === "gone") return end();
      if (written === 0) {
        retry = setTimeout(flush, retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        return;
      }
      retryMs = FIRST_RETRY_MS;
      waiting -= written;
      if (written < next.length) queue[0] = next.subarray(written);
      else queue.shift();
    }
  };

  return {
    get waiting() {
      return waiting;
    },
    write(bytes) {
      if (ended || bytes.length === 0) return;
      queue.push(bytes);
      waiting += bytes.length;
      if (retry === undefined) flush();
    },
    end,
  };
}

/** How many bytes the terminal took, or that it is no longer there. */
function writeSome(fd: number, bytes: Uint8Array): number | "gone" {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EAGAIN" || code === "EINTR" ? 0 : "gone";
  }
}
