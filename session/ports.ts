import type { SessionEnd } from "./session-end.ts";

/**
 * A WebSocket, as the data channel wants it: without subprotocol or further headers, following no redirect.
 * A binary message is a `Uint8Array` that is not changed afterwards.
 */
export interface DataChannelSocket {
  send(data: string | Uint8Array): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((data: string | Uint8Array) => void) | null;
  onclose: ((code: number, reason: string) => void) | null;
  onerror: ((error: unknown) => void) | null;
}

/** Everything the data channel takes from outside itself. */
export interface ChannelDeps {
  connect(url: string): DataChannelSocket;
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `fn` once after `ms`, never before the present turn is over; returns what cancels it. */
  setTimer(ms: number, fn: () => void): () => void;
  /** Unpredictable bytes. */
  randomBytes(n: number): Uint8Array;
}

/** What ExecuteCommand answered. The token is sent in the first frame and appears nowhere else. */
export interface SessionCredentials {
  sessionId: string;
  streamUrl: string;
  tokenValue: string;
}

/** In character cells, 1 to 65,535. */
export interface TerminalSize {
  cols: number;
  rows: number;
}

export interface ChannelOptions {
  /** Four numbers, such as "1.2.650.0"; the agent compares them with versions of the session-manager-plugin. */
  clientVersion: string;
  /** Sent once the agent takes input. Without it the terminal stays 0 × 0 until `resize`. */
  size?: TerminalSize;
  /** Lets the stream URL lead to ws://127.0.0.1, for a gateway on this machine. */
  allowLoopback?: boolean;
  /** How long the agent may be silent before we presume that there will be no handshake. 1,500 by default. */
  quietMs?: number;
}

export type OutputStream = "stdout" | "stderr" | "exit_code";

/** What the data channel tells. None is called before `openDataChannel` has returned, or after `onEnd`. */
export interface ChannelHandlers {
  /** The agent takes input, as far as can be known. Once, before the first output. */
  onReady(): void;
  /** Bytes exactly as the agent sent them, in order. A character may be split between two calls. */
  onOutput(bytes: Uint8Array, stream: OutputStream): void;
  /** A line for the person: the agent's message of the day, or something that went wrong and was survived. */
  onNotice(text: string): void;
  /** Once. */
  onEnd(end: SessionEnd): void;
  /** After `write` returned false: there is room again. */
  onDrain?(): void;
}

/** Counts since the channel was opened; times in milliseconds. */
export interface ChannelStats {
  framesReceived: number;
  /** Not a frame, without a date, or with a wrong digest: dropped, not acknowledged. */
  framesInvalid: number;
  /** Of a type, or with a payload, that we have no use for. */
  framesIgnored: number;
  framesRepeated: number;
  /** Too far ahead of the stream to be kept: dropped, not acknowledged. */
  framesDropped: number;
  framesResent: number;
  framesInFlight: number;
  bytesReceived: number;
  /** Input given to `write` and not yet sent. */
  bytesQueued: number;
  retransmissionTimeoutMs: number;
  /** How long the agent has owed an answer: the sign of a task that is gone. 0 if it owes none. */
  oldestUnacknowledgedMs: number;
  /** The service said that the agent is there. */
  agentAttached: boolean;
}

export interface DataChannel {
  /**
   * Queues input; it is copied. What is written in one turn goes out together, in frames of at most 1,024
   * bytes, once the agent takes input. False: over 1 MiB waits, better wait for `onDrain`. Ignored after the end.
   */
  write(bytes: Uint8Array): boolean;
  /** Tells the terminal's size, if it changed. A size outside 1 to 65,535 is ignored: there is no such terminal. */
  resize(size: TerminalSize): void;
  /** Lets go: closes the socket and reports `stopped`. The session itself may run on. */
  stop(): void;
  readonly stats: ChannelStats;
}
