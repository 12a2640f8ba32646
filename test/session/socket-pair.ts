import type { DataChannelSocket } from "../../session/ports.ts";

/** One message's fate: after how many milliseconds it arrives, once for each number; none for a lost one. */
export type Link = (data: string | Uint8Array) => readonly number[];

export const perfectLink: Link = () => [0];

/** The far end of a socket, as a test plays it. */
export interface FarEnd {
  url: string;
  /** Everything the client sent, at the moment it sent it. */
  readonly sent: (string | Uint8Array)[];
  /** Called for what reaches this end. */
  onmessage: (data: string | Uint8Array) => void;
  send(data: string | Uint8Array): void;
  open(): void;
  close(code: number, reason?: string): void;
  fail(error: unknown): void;
  /** The code the client closed with; undefined while it has not. */
  closedWith: number | undefined;
}

/** A socket in memory: nothing arrives within the turn it was sent in, as on a real one. */
export function socketPair(
  url: string,
  setTimer: (ms: number, fn: () => void) => () => void,
  toFarEnd: Link = perfectLink,
  toClient: Link = perfectLink,
): { socket: DataChannelSocket; far: FarEnd } {
  const far: FarEnd = {
    url,
    sent: [],
    onmessage: () => {},
    send(data) {
      for (const delay of toClient(data)) setTimer(delay, () => socket.onmessage?.(data));
    },
    open: () => socket.onopen?.(),
    close: (code, reason = "") => socket.onclose?.(code, reason),
    fail: (error) => socket.onerror?.(error),
    closedWith: undefined,
  };
  const socket: DataChannelSocket = {
    send(data) {
      if (far.closedWith !== undefined) throw new Error("the socket is closed");
      far.sent.push(data);
      for (const delay of toFarEnd(data)) setTimer(delay, () => far.onmessage(data));
    },
    close(code) {
      far.closedWith = code ?? 1005;
    },
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
  };
  return { socket, far };
}
