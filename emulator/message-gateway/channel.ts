import { isObject } from "../json.ts";
import {
  decodeFrame,
  encodeAgentFrame,
  encodeServiceFrame,
  FLAG_SYN,
  FLAGS_ACKNOWLEDGE,
  type Frame,
  PAYLOAD_HANDSHAKE_COMPLETE,
  PAYLOAD_HANDSHAKE_REQUEST,
  PAYLOAD_HANDSHAKE_RESPONSE,
  PAYLOAD_OUTPUT,
  PAYLOAD_SIZE,
  type Stamp,
  uuidFrom,
} from "./frame.ts";
import { handshakeComplete, handshakeFailure, handshakeRequest } from "./handshake.ts";
import { createInbox } from "./inbox.ts";
import { createOutbox } from "./outbox.ts";
import { chunkLength } from "./output-chunk.ts";

export interface ChannelOptions {
  sessionId: string;
  target: string;
  /** Ask for a handshake before any output, as the agent does where the cluster has a KMS key. */
  handshake: boolean;
  now: () => number;
  random: (n: number) => Uint8Array;
  /** Can the command take input now? What it cannot take is not acknowledged and comes again. */
  ready(): boolean;
  input(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Output waits: the pty should be read no further, until `flowing` says so. */
  congested(): void;
  flowing(): void;
  /** The handshake was refused or took too long: the session cannot go on. */
  failed(text: string): void;
}

/**
 * The agent's end of one session's data channel, and the service's own frames in it. Lives as long as
 * the session; a client comes and goes. It owns no timer and no socket: `tick` is called every 100 ms
 * while a client is attached.
 */
export interface AgentChannel {
  /** A client is there: `send` takes it one frame, `closed` says that the session's end was told. */
  attach(client: { send(frame: Uint8Array): void; closed(): void }): void;
  detach(): void;
  receive(frame: Uint8Array): void;
  output(bytes: Uint8Array): void;
  /** There will be no more output: once it is delivered, the client is told with this text. */
  finish(text: string): void;
  /** Tells the client that nobody answers any more, as when the task has gone. */
  pause(): void;
  tick(): void;
}

/** Frames in flight, unacknowledged: bounds what a client that never acknowledges can make us keep. */
const WINDOW = 256;
/** Output waiting for a client or for the window; beyond it the pty is not read. */
const CONGESTED_BYTES = 256 * 1_024;
const FLOWING_BYTES = CONGESTED_BYTES / 2;
/** How long the end waits for the last output to be acknowledged, counted from the last progress. */
const DRAIN_MS = 2_000;
const HANDSHAKE_MS = 15_000;

export function createChannel(options: ChannelOptions): AgentChannel {
  const { now, random } = options;
  const outbox = createOutbox();
  const inbox = createInbox();
  let client: { send(frame: Uint8Array): void; closed(): void } | undefined;
  let pending: Uint8Array = new Uint8Array();
  let congested = false;
  let handshake: "none" | "wanted" | "asked" | "done" | "failed" = options.handshake
    ? "wanted"
    : "none";
  let askedAt = 0;
  let ending: { text: string } | undefined;
  let progressAt = 0;
  let over = false;

  const stamp = (): Stamp => ({ messageId: uuidFrom(random(16)), createdAt: now() });

  const stream = (payloadType: number, payload: Uint8Array): void => {
    const frame = encodeAgentFrame(
      {
        messageType: "output_stream_data",
        sequenceNumber: outbox.next,
        flags: outbox.next === 0 ? FLAG_SYN : 0,
        payloadType,
        payload,
      },
      stamp(),
    );
    outbox.keep(frame, now());
    client?.send(frame);
  };

  const control = (type: "start_publication" | "pause_publication", text: string): void => {
    client?.send(encodeServiceFrame(type, Buffer.from(text), stamp()));
  };

  /** Moves output into frames while a client is there, the handshake done and the window open. */
  const pump = (): void => {
    const open = client !== undefined && (handshake === "none" || handshake === "done");
    while (open && pending.length > 0 && outbox.size < WINDOW) {
      const length = chunkLength(pending, ending !== undefined);
      if (length === 0) break;
      stream(PAYLOAD_OUTPUT, pending.subarray(0, length));
      pending = pending.subarray(length);
    }
    if (congested && pending.length < FLOWING_BYTES) {
      congested = false;
      options.flowing();
    }
    endIfDrained();
  };

  const endIfDrained = (): void => {
    if (ending === undefined || client === undefined || over) return;
    const drained = pending.length === 0 && outbox.size === 0;
    const waiting = handshake === "asked" && pending.length > 0; // it has its own timeout
    if (!drained && (waiting || now() - progressAt < DRAIN_MS)) return;
    over = true;
    const { messageId, createdAt } = stamp();
    const body = {
      MessageType: "channel_closed",
      MessageId: messageId,
      DestinationId: options.target,
      SessionId: options.sessionId,
      SchemaVersion: 1,
      CreatedDate: new Date(createdAt).toISOString(),
      Output: ending.text,
    };
    client.send(
      encodeServiceFrame("channel_closed", Buffer.from(JSON.stringify(body)), {
        messageId,
        createdAt,
      }),
    );
    client.closed();
  };

  const acknowledge = (frame: Frame): void => {
    const payload = Buffer.from(
      JSON.stringify({
        AcknowledgedMessageType: frame.messageType,
        AcknowledgedMessageId: frame.messageId,
        AcknowledgedMessageSequenceNumber: frame.sequenceNumber,
        IsSequentialMessage: true,
      }),
    );
    client?.send(
      encodeAgentFrame(
        {
          messageType: "acknowledge",
          sequenceNumber: 0,
          flags: FLAGS_ACKNOWLEDGE,
          payloadType: 0,
          payload,
        },
        stamp(),
      ),
    );
  };

  const deliver = ({ payloadType, payload }: Frame): void => {
    if (handshake === "asked") {
      // Keystrokes and sizes that come before the handshake is over are lost, as with the agent.
      if (payloadType !== PAYLOAD_HANDSHAKE_RESPONSE) return;
      const failure = handshakeFailure(payload);
      if (failure !== undefined) return fail(failure);
      handshake = "done";
      stream(PAYLOAD_HANDSHAKE_COMPLETE, handshakeComplete(now() - askedAt));
      return;
    }
    if (handshake === "failed") return;
    if (payloadType === PAYLOAD_OUTPUT) options.input(payload);
    else if (payloadType === PAYLOAD_SIZE) {
      const size = sizeOf(payload);
      if (size !== undefined) options.resize(size.cols, size.rows);
    }
    // Every other type is acknowledged and ignored, flags among them: only port sessions honour those.
  };

  /** What the command has put out meanwhile is nobody's: the end is told without waiting for it. */
  const fail = (why: string): void => {
    handshake = "failed";
    pending = new Uint8Array();
    options.failed(why);
  };

  return {
    attach(arrived) {
      client = arrived;
      progressAt = now();
      control("start_publication", "start_publication");
      if (handshake === "wanted") {
        handshake = "asked";
        askedAt = now();
        stream(PAYLOAD_HANDSHAKE_REQUEST, handshakeRequest());
      }
      pump();
    },
    detach() {
      client = undefined;
    },
    receive(bytes) {
      const frame = decodeFrame(bytes);
      if (frame === undefined || over) return;
      if (frame.messageType === "acknowledge") {
        const number = acknowledgedNumber(frame.payload);
        if (number !== undefined && outbox.acknowledge(number, now())) progressAt = now();
      } else if (frame.messageType === "input_stream_data") {
        const receipt = inbox.receive(frame, handshake === "asked" || options.ready());
        if (receipt.acknowledge) acknowledge(frame);
        for (const each of receipt.deliver) deliver(each);
      }
      pump();
    },
    output(bytes) {
      if (handshake === "failed") return;
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      if (!congested && pending.length >= CONGESTED_BYTES) {
        congested = true;
        options.congested();
      }
      pump();
    },
    finish(text) {
      ending ??= { text };
      progressAt = now();
      pump();
    },
    pause() {
      control("pause_publication", "pause_publication");
    },
    tick() {
      const overdue = outbox.overdue(now());
      if (overdue !== undefined && !over) client?.send(overdue);
      if (handshake === "asked" && now() - askedAt > HANDSHAKE_MS) {
        fail(
          "Handshake timed out. Please ensure that you have the latest version of the session manager plugin.",
        );
      }
      pump();
    },
  };
}

function acknowledgedNumber(payload: Uint8Array): number | undefined {
  const body = parsed(payload);
  const number = body?.["AcknowledgedMessageSequenceNumber"];
  return typeof number === "number" ? number : undefined;
}

/** A terminal's size as a client sends it, cut to 16 bits as the agent does; undefined where it is none. */
function sizeOf(payload: Uint8Array): { cols: number; rows: number } | undefined {
  const { cols, rows } = parsed(payload) ?? {};
  if (typeof cols !== "number" || typeof rows !== "number") return undefined;
  const size = { cols: cols & 0xffff, rows: rows & 0xffff };
  return size.cols > 0 && size.rows > 0 ? size : undefined;
}

function parsed(payload: Uint8Array): { [member: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
