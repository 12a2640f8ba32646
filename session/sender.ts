import { inputFrame, type Stamp, sizePayload } from "./client-frames.ts";
import { inputQueue } from "./input-queue.ts";
import { outgoingWindow, type WindowStats } from "./outgoing-window.ts";
import { pace } from "./pace.ts";
import type { TerminalSize } from "./ports.ts";
import { type PayloadType, payloadTypes } from "./wire-names.ts";

/** What the agent and the session-manager-plugin use, in bytes. */
const LARGEST_PAYLOAD = 1_024;
const RESEND_SCAN_MS = 100;
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = 256 * 1024;

export interface SenderPorts {
  now(): number;
  setTimer(ms: number, fn: () => void): () => void;
  stamp(): Stamp;
  transmit(bytes: Uint8Array): void;
  onDrain(): void;
}

/** Our half of the stream: what waits, in which order it goes, and when it goes again. */
export interface Sender {
  write(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** Sends a payload of the handshake: before all else, whether or not the agent takes input. */
  answer(payloadType: PayloadType, payload: Uint8Array): void;
  /** Holds size and input back, as at the beginning. */
  hold(): void;
  /** Lets size and input go. The size is told again: the agent may not have had it. */
  release(): void;
  acknowledged(sequenceNumber: number): void;
  /** Input sent so far, in bytes. */
  inputSent(): number;
  stats(): WindowStats & { bytesQueued: number };
  /** Sends nothing more, and forgets what waits. */
  stop(): void;
}

export function sender(ports: SenderPorts, initialSize: TerminalSize | undefined): Sender {
  const window = outgoingWindow();
  const input = inputQueue();
  const inputPace = pace(ports.now());
  const answers: { payloadType: PayloadType; payload: Uint8Array }[] = [];
  let size = initialSize !== undefined && isSize(initialSize) ? initialSize : undefined;
  let sizeOwed = false;
  let released = false;
  let stopped = false;
  let brimming = false;
  let inputSent = 0;
  let turnTaken = false;
  let scanning = false;
  let cancelPace: (() => void) | undefined;

  /** Coalesces: whatever is asked for in this turn is sent after it. */
  function sendAfterThisTurn(): void {
    if (turnTaken || stopped) return;
    turnTaken = true;
    ports.setTimer(0, () => {
      turnTaken = false;
      sendWhatCan();
    });
  }

  function sendWhatCan(): void {
    cancelPace?.();
    cancelPace = undefined;
    while (!stopped && window.hasRoom()) {
      const answer = answers.shift();
      if (answer !== undefined) {
        send(answer.payloadType, answer.payload);
        continue;
      }
      if (!released) break;
      if (sizeOwed && size !== undefined) {
        sizeOwed = false;
        send(payloadTypes.Size, sizePayload(size));
        continue;
      }
      if (input.length === 0) break;
      const waitMs = inputPace.take(ports.now());
      if (waitMs > 0) {
        cancelPace = ports.setTimer(waitMs, sendWhatCan);
        break;
      }
      const payload = input.take(LARGEST_PAYLOAD);
      inputSent += payload.length;
      send(payloadTypes.Output, payload);
    }
    if (brimming && !stopped && input.length <= LOW_WATER) {
      brimming = false;
      ports.onDrain();
    }
  }

  function send(payloadType: PayloadType, payload: Uint8Array): void {
    const bytes = window.add(
      (sequenceNumber) => inputFrame(payloadType, payload, sequenceNumber, ports.stamp()),
      ports.now(),
    );
    scan();
    ports.transmit(bytes);
  }

  /** Looks for an overdue frame every 100 ms, as long as one is unacknowledged. */
  function scan(): void {
    if (scanning) return;
    scanning = true;
    ports.setTimer(RESEND_SCAN_MS, () => {
      scanning = false;
      if (stopped || window.isEmpty()) return;
      scan();
      const overdue = window.overdue(ports.now());
      if (overdue !== undefined) ports.transmit(overdue);
    });
  }

  return {
    write(bytes) {
      if (stopped) return false;
      input.push(bytes);
      sendAfterThisTurn();
      if (input.length > HIGH_WATER) brimming = true;
      return !brimming;
    },
    resize(newSize) {
      if (!isSize(newSize)) return;
      if (newSize.cols === size?.cols && newSize.rows === size.rows) return;
      size = { cols: newSize.cols, rows: newSize.rows };
      sizeOwed = true;
      sendAfterThisTurn();
    },
    answer(payloadType, payload) {
      answers.push({ payloadType, payload });
      sendAfterThisTurn();
    },
    hold() {
      released = false;
    },
    release() {
      released = true;
      sizeOwed = true;
      sendAfterThisTurn();
    },
    acknowledged(sequenceNumber) {
      window.acknowledged(sequenceNumber, ports.now());
      if (sizeOwed || answers.length > 0 || input.length > 0) sendAfterThisTurn();
    },
    inputSent: () => inputSent,
    stats: () => ({ ...window.stats(ports.now()), bytesQueued: input.length }),
    stop() {
      stopped = true;
      input.clear();
      answers.length = 0;
    },
  };
}

function isSize({ cols, rows }: TerminalSize): boolean {
  return [cols, rows].every((cells) => Number.isInteger(cells) && cells >= 1 && cells <= 65_535);
}
