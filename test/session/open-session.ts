import { randomBytes } from "node:crypto";
import { openDataChannel } from "../../session/data-channel.ts";
import type {
  ChannelHandlers,
  ChannelOptions,
  DataChannel,
  OutputStream,
} from "../../session/ports.ts";
import type { SessionEnd } from "../../session/session-end.ts";
import { ModelAgent } from "./model-agent.ts";
import { plainFrame } from "./plain-frame.ts";
import { type FarEnd, type Link, perfectLink, socketPair } from "./socket-pair.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const TOKEN = "AAEAAf3wSecretTokenValue0123456789==";
export const STREAM_URL =
  "wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/ecs-execute-command-1?role=publish_subscribe";

/** Everything a session told, and the means to play the other side. */
export interface Harness {
  clock: VirtualClock;
  channel: DataChannel;
  far: FarEnd;
  agent: ModelAgent;
  output: { bytes: Buffer; stream: OutputStream }[];
  notices: string[];
  ends: SessionEnd[];
  /** What was told, in order: "ready", "output", "notice", "end", "drain". */
  told: string[];
}

/** A data channel over an in-memory socket, with the model agent at the far end. The socket is not yet open. */
export function openSession(
  given: {
    options?: Partial<ChannelOptions>;
    handlers?: Partial<ChannelHandlers>;
    streamUrl?: string;
    toFarEnd?: Link;
    toClient?: Link;
    connect?: () => never;
  } = {},
): Harness {
  const clock = new VirtualClock();
  const pair = socketPair(
    given.streamUrl ?? STREAM_URL,
    clock.setTimer,
    given.toFarEnd ?? perfectLink,
    given.toClient ?? perfectLink,
  );
  const { far } = pair;
  const agent = new ModelAgent({
    now: clock.now,
    setTimer: clock.setTimer,
    send: (bytes) => far.send(bytes),
  });
  far.onmessage = (data) => agent.receive(data);
  const told: string[] = [];
  const output: Harness["output"] = [];
  const notices: string[] = [];
  const ends: SessionEnd[] = [];
  const channel = openDataChannel(
    {
      sessionId: "ecs-execute-command-1",
      streamUrl: given.streamUrl ?? STREAM_URL,
      tokenValue: TOKEN,
    },
    { clientVersion: "1.2.650.0", ...given.options },
    {
      connect: given.connect ?? (() => pair.socket),
      now: clock.now,
      setTimer: clock.setTimer,
      randomBytes: (n) => randomBytes(n),
    },
    {
      onReady() {
        told.push("ready");
        given.handlers?.onReady?.();
      },
      onOutput(bytes, stream) {
        told.push("output");
        output.push({ bytes: Buffer.from(bytes), stream });
        given.handlers?.onOutput?.(bytes, stream);
      },
      onNotice(text) {
        told.push("notice");
        notices.push(text);
        given.handlers?.onNotice?.(text);
      },
      onEnd(end) {
        told.push("end");
        ends.push(end);
        given.handlers?.onEnd?.(end);
      },
      onDrain() {
        told.push("drain");
        given.handlers?.onDrain?.();
      },
    },
  );
  return { clock, channel, far, agent, output, notices, ends, told };
}

/** All output of one kind, joined. */
export function outputOf(harness: Harness, stream: OutputStream = "stdout"): string {
  return Buffer.concat(
    harness.output.filter((piece) => piece.stream === stream).map((piece) => piece.bytes),
  ).toString("latin1");
}

/** The client's frames so far, without the opening one. */
export const framesOf = (harness: Harness) =>
  harness.far.sent.slice(1).map((data) => plainFrame(data));
/** The frames of the client's stream so far. */
export const inputFramesOf = (harness: Harness) =>
  framesOf(harness).filter(({ type }) => type === "input_stream_data");
/** What the command has been given so far. */
export const typed = (harness: Harness) => Buffer.concat(harness.agent.input).toString();

/** An open session in which the agent has said a prompt, so that input flows. */
export function readySession(given: Parameters<typeof openSession>[0] = {}): Harness {
  const harness = openSession(given);
  harness.far.open();
  harness.agent.output("$ ");
  harness.clock.advance(5);
  return harness;
}
