import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { type DecodedFrame, decodeFrame } from "../../session/frame.ts";
import { until } from "../kit/processes.ts";
import { plainBytes } from "../session/plain-frame.ts";
import type { Opened } from "./emulator-account.ts";

type Given = Parameters<typeof plainBytes>[0];

/** A data channel whose client is the test: nothing is acknowledged, ordered or sent again for it. */
export interface RawChannel {
  /** Every binary message, as it came. */
  readonly raw: Buffer[];
  readonly frames: DecodedFrame[];
  /** Text messages: the stock client dies of one. */
  readonly texts: string[];
  /** The WebSocket's close code, once it has closed. */
  readonly code: number | undefined;
  send(bytes: Buffer): void;
  /** Sends one frame of the input stream. */
  input(sequenceNumber: number, payload: Given["payload"], more?: Partial<Given>): void;
  acknowledge(sequenceNumber: number): void;
  /** Acknowledges what has come and will come of the output stream. */
  acknowledgeAll(): void;
  /** The payloads of the output stream's Output frames in their order, each once. */
  screen(): string;
  /** Numbers of the input frames that were acknowledged, in the order of the acknowledgements. */
  acknowledged(): number[];
  /** Waits for it, at most 5 s (or `ms`). Throws with what came instead. */
  comes(done: () => boolean, ms?: number): Promise<void>;
  leave(): void;
}

export const openingOf = (token: string): object => ({
  MessageSchemaVersion: "1.0",
  RequestId: randomUUID(),
  TokenValue: token,
  ClientId: randomUUID(),
});

/** Opens the WebSocket of a session and sends `first`, or the token that opens it. */
export async function rawChannel(
  { streamUrl, token }: Pick<Opened, "streamUrl" | "token">,
  first: string | Buffer = JSON.stringify(openingOf(token)),
): Promise<RawChannel> {
  const socket = new WebSocket(streamUrl, { perMessageDeflate: false });
  const raw: Buffer[] = [];
  const frames: DecodedFrame[] = [];
  const texts: string[] = [];
  let code: number | undefined;
  let all = false;
  const acknowledge = (sequenceNumber: number): void =>
    socket.send(
      plainBytes({
        type: "acknowledge",
        flags: 3,
        payload: {
          AcknowledgedMessageType: "output_stream_data",
          AcknowledgedMessageId: randomUUID(),
          AcknowledgedMessageSequenceNumber: sequenceNumber,
          IsSequentialMessage: true,
        },
      }),
    );
  const output = (): DecodedFrame[] =>
    frames.filter(({ messageType }) => messageType === "output_stream_data");
  const screen = (): string => {
    const byNumber = new Map(output().map((frame) => [frame.sequenceNumber, frame]));
    const sorted = [...byNumber.values()].sort((a, b) => a.sequenceNumber - b.sequenceNumber);
    return Buffer.concat(
      sorted.filter(({ payloadType }) => payloadType === 1).map(({ payload }) => payload),
    ).toString("utf8");
  };

  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary) return void texts.push(data.toString("utf8"));
    const frame = decodeFrame(data);
    raw.push(data);
    frames.push(frame);
    if (all && frame.messageType === "output_stream_data") acknowledge(frame.sequenceNumber);
  });
  socket.on("error", () => undefined);
  socket.on("close", (given) => {
    code = given;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });
  socket.send(first);

  return {
    raw,
    frames,
    texts,
    get code() {
      return code;
    },
    send: (bytes) => socket.send(bytes),
    input(sequenceNumber, payload, more = {}) {
      socket.send(
        plainBytes({ type: "input_stream_data", payloadType: 1, ...more, sequenceNumber, payload }),
      );
    },
    acknowledge,
    acknowledgeAll() {
      all = true;
      for (const { sequenceNumber } of output()) acknowledge(sequenceNumber);
    },
    screen,
    acknowledged: () =>
      frames
        .filter(({ messageType }) => messageType === "acknowledge")
        .map(({ payload }) => {
          const body = JSON.parse(Buffer.from(payload).toString("utf8")) as {
            AcknowledgedMessageSequenceNumber: number;
          };
          return body.AcknowledgedMessageSequenceNumber;
        }),
    async comes(done, ms = 5_000) {
      if (await until(done, ms)) return;
      const seen = frames.map((f) => `${f.messageType} ${f.sequenceNumber}`).join(", ");
      throw new Error(`did not come; closed: ${code}; frames: ${seen}; screen: ${screen()}`);
    },
    leave: () => socket.terminate(),
  };
}

/** What the end of a channel said, or undefined while it has not. */
export function endingOf({ frames }: RawChannel): { [member: string]: unknown } | undefined {
  const closed = frames.find(({ messageType }) => messageType === "channel_closed");
  if (closed === undefined) return undefined;
  return JSON.parse(Buffer.from(closed.payload).toString("utf8")) as { [member: string]: unknown };
}
