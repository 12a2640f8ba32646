import type { DataChannel } from "../session/ports.ts";

const CTRL_D = 0x04;
const NEWLINE = 0x0a;
const POLL_MS = 50;

/**
 * Sends a stream that is no terminal, at the pace at which the container takes it, and its end as Ctrl-D:
 * the protocol has no end of input, and what reads there reads a terminal. Ctrl-D is sent once the agent has
 * acknowledged all before it; after a line without an end it is sent twice, since the first only hands over
 * that line. What a terminal does not pass on is not passed on either: it takes at most 4,095 bytes a line,
 * and acts on control characters such as Ctrl-C.
 */
export function sendPipedInput(
  stdin: NodeJS.ReadStream,
  channel: DataChannel,
  setTimer: (ms: number, fn: () => void) => () => void,
): { drained(): void; close(): void } {
  let last = NEWLINE;
  let cancel: (() => void) | undefined;

  const data = (bytes: Buffer): void => {
    last = bytes.at(-1) ?? last;
    if (!channel.write(bytes)) stdin.pause();
  };
  const end = (): void => {
    const { bytesQueued, framesInFlight } = channel.stats;
    if (bytesQueued > 0 || framesInFlight > 0) {
      cancel = setTimer(POLL_MS, end);
      return;
    }
    channel.write(Uint8Array.from(last === NEWLINE ? [CTRL_D] : [CTRL_D, CTRL_D]));
  };
  // What cannot be read any further has ended.
  stdin.on("data", data);
  stdin.once("end", end);
  stdin.once("error", end);
  stdin.resume();
  return {
    drained: () => stdin.resume(),
    close() {
      cancel?.();
      stdin.off("data", data);
      stdin.off("end", end);
      stdin.off("error", end);
      stdin.pause();
    },
  };
}
