import { acknowledgement, type Stamp } from "./client-frames.ts";
import { type DecodedFrame, decodeFrame, type Frame, FrameError, messageTypeOf } from "./frame.ts";
import { answerHandshake } from "./handshake.ts";
import { incomingOrder } from "./incoming-order.ts";
import { jsonPayload, textMember } from "./json-payload.ts";
import type {
  ChannelHandlers,
  ChannelOptions,
  ChannelStats,
  OutputStream,
  TerminalSize,
} from "./ports.ts";
import { sender } from "./sender.ts";
import { endOfOutput, type SessionEnd } from "./session-end.ts";
import { afterStartUpEvent, type StartUp, type StartUpEvent } from "./start-up.ts";
import { validateFrame } from "./validate-frame.ts";
import { messageTypes, payloadTypes } from "./wire-names.ts";

const QUIET_MS = 1_500;
/** How long an agent whose handshake we refused may take to close the channel. */
const REFUSED_GRACE_MS = 5_000;

export interface ConversationPorts {
  now(): number;
  setTimer(ms: number, fn: () => void): () => void;
  stamp(): Stamp;
  transmit(bytes: Uint8Array): void;
  /** A text of the other side's, made safe to show. */
  shown(text: string): string;
  /** Ends the session; `stop` is called from within. */
  end(how: SessionEnd): void;
}

/** What is said over an open socket: from the first frame after the opening one to channel_closed. */
export interface Conversation {
  /** The socket is open and the opening frame sent. */
  begin(): void;
  received(data: string | Uint8Array): void;
  write(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** Sends and tells nothing more. */
  stop(): void;
  /** How the session will end, once we have refused its handshake. */
  verdict(): SessionEnd | undefined;
  stats(): ChannelStats;
}

export function conversation(
  ports: ConversationPorts,
  options: ChannelOptions,
  handlers: ChannelHandlers,
): Conversation {
  const order = incomingOrder();
  const counts = {
    framesReceived: 0,
    framesInvalid: 0,
    framesIgnored: 0,
    framesRepeated: 0,
    framesDropped: 0,
    bytesReceived: 0,
  };
  const ours = sender({ ...ports, onDrain: () => handlers.onDrain?.() }, options.size);
  let stopped = false;
  let startUp: StartUp = "waiting";
  let announcedReady = false;
  let agentAttached = false;
  let handshakeAnswered = false;
  let verdict: SessionEnd | undefined;
  let cancelQuiet: (() => void) | undefined;

  function awaitQuiet(): void {
    cancelQuiet?.();
    cancelQuiet = ports.setTimer(options.quietMs ?? QUIET_MS, () => advance("quiet"));
  }

  function received(data: string | Uint8Array): void {
    if (stopped) return;
    // The service has no text frames.
    if (typeof data === "string") {
      counts.framesIgnored++;
      return;
    }
    const type = messageTypeOf(data);
    // Nobody agrees on what these two contain, so nothing of it is read.
    if (type === messageTypes.startPublication || type === messageTypes.pausePublication) {
      counts.framesReceived++;
      if (type === messageTypes.startPublication) attached();
      return;
    }
    const frame = soundFrame(data);
    if (frame === undefined) counts.framesInvalid++;
    else take(frame);
  }

  function take(frame: Frame): void {
    counts.framesReceived++;
    switch (frame.messageType) {
      case messageTypes.output:
        return stream(frame);
      case messageTypes.acknowledge:
        return acknowledged(frame);
      case messageTypes.channelClosed:
        return closed(frame);
      default:
        counts.framesIgnored++;
    }
  }

  function attached(): void {
    // Only once, or a service that repeats it could put the start off for ever.
    if (!agentAttached && startUp === "waiting") awaitQuiet();
    agentAttached = true;
  }

  function acknowledged(frame: Frame): void {
    const number = jsonPayload(frame.payload)?.["AcknowledgedMessageSequenceNumber"];
    if (typeof number === "number") ours.acknowledged(number);
    else counts.framesIgnored++;
  }

  function stream(frame: Frame): void {
    const arrival = order.arrived(frame, deliver, (it) =>
      ports.transmit(acknowledgement(it, ports.stamp())),
    );
    if (arrival === "repeated") counts.framesRepeated++;
    if (arrival === "dropped") counts.framesDropped++;
  }

  function deliver(frame: Frame): void {
    if (stopped) return;
    switch (frame.payloadType ?? 0) {
      case payloadTypes.Output:
        return output(frame.payload, "stdout");
      case payloadTypes.StdErr:
        return output(frame.payload, "stderr");
      case payloadTypes.ExitCode:
        return output(frame.payload, "exit_code");
      case payloadTypes.HandshakeRequest:
        return handshakeRequested(frame.payload);
      case payloadTypes.HandshakeComplete:
        return handshakeComplete(frame.payload);
      default:
        counts.framesIgnored++;
    }
  }

  function output(bytes: Uint8Array, stream: OutputStream): void {
    advance("output");
    if (stopped || bytes.length === 0) return;
    counts.bytesReceived += bytes.length;
    handlers.onOutput(bytes, stream);
  }

  function handshakeRequested(payload: Uint8Array): void {
    // The agent asks once; a second answer would block it.
    if (handshakeAnswered) {
      counts.framesIgnored++;
      return;
    }
    handshakeAnswered = true;
    const early = ours.inputSent();
    advance("handshake_requested");
    const { response, refusal } = answerHandshake(payload, options.clientVersion);
    ours.answer(payloadTypes.HandshakeResponse, response);
    if (refusal !== undefined) {
      const end = { ...refusal, text: ports.shown(refusal.text) };
      verdict = end;
      // The agent gets the answer and ends the session itself; without its word we end it here.
      ports.setTimer(REFUSED_GRACE_MS, () => ports.end(end));
    } else if (early > 0) {
      handlers.onNotice(
        `The agent began its handshake late: up to ${early} bytes typed before it were not received.`,
      );
    }
  }

  function handshakeComplete(payload: Uint8Array): void {
    advance("handshake_complete");
    const message = ports.shown(textMember(jsonPayload(payload), "CustomerMessage"));
    if (!stopped && message !== "") handlers.onNotice(message);
  }

  function advance(event: StartUpEvent): void {
    const before = startUp;
    startUp = afterStartUpEvent(before, event);
    if (startUp === before) return;
    cancelQuiet?.();
    if (startUp === "handshaking") {
      ours.hold();
      return;
    }
    ours.release();
    if (announcedReady) return;
    announcedReady = true;
    handlers.onReady();
  }

  function closed(frame: Frame): void {
    if (order.ahead() > 0) {
      handlers.onNotice(
        `The end of the output was lost: ${order.ahead()} frames came after one that never did.`,
      );
    }
    const payload = jsonPayload(frame.payload);
    const text =
      payload === undefined ? "The reason could not be read." : textMember(payload, "Output");
    ports.end(verdict ?? endOfOutput(ports.shown(text)));
  }

  return {
    begin: awaitQuiet,
    received,
    write: (bytes) => ours.write(bytes),
    resize: (size) => ours.resize(size),
    stop() {
      stopped = true;
      ours.stop();
    },
    verdict: () => verdict,
    stats() {
      const { inFlight, resent, timeoutMs, oldestUnacknowledgedMs, bytesQueued } = ours.stats();
      return {
        ...counts,
        framesResent: resent,
        framesInFlight: inFlight,
        bytesQueued,
        retransmissionTimeoutMs: timeoutMs,
        oldestUnacknowledgedMs,
        agentAttached,
      };
    },
  };
}

function soundFrame(data: Uint8Array): DecodedFrame | undefined {
  try {
    const frame = decodeFrame(data);
    return validateFrame(frame) === undefined ? frame : undefined;
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
