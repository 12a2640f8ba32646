import { sha256 } from "@noble/hashes/sha2.js";
import { encodeFrame, type Frame, HEADER_LENGTH } from "./frame.ts";
import { encodeUtf8 } from "./utf8.ts";
import { messageTypes, type PayloadType } from "./wire-names.ts";

/** Both SYN and FIN: what a frame outside the stream carries. */
const FLAGS_ALONE = 3n;
const FLAGS_NONE = 0n;

/** What every frame of ours needs from outside: a fresh id and the time in epoch milliseconds. */
export interface Stamp {
  messageId: string;
  createdDate: number;
}

/** The text frame that opens a connection: the only place where the token goes. Never answered. */
export function openFrame(open: {
  requestId: string;
  tokenValue: string;
  clientId: string;
  clientVersion: string;
}): string {
  return JSON.stringify({
    MessageSchemaVersion: "1.0",
    RequestId: open.requestId,
    TokenValue: open.tokenValue,
    ClientId: open.clientId,
    ClientVersion: open.clientVersion,
  });
}

/** The acknowledgement of one frame. Selective: it says nothing of frames before. */
export function acknowledgement(of: Frame, stamp: Stamp): Uint8Array {
  const payload = encodeUtf8(
    JSON.stringify({
      AcknowledgedMessageType: of.messageType,
      AcknowledgedMessageId: of.messageId,
      AcknowledgedMessageSequenceNumber: of.sequenceNumber,
      IsSequentialMessage: true,
    }),
  );
  return clientFrame(messageTypes.acknowledge, FLAGS_ALONE, 0, 0, payload, stamp);
}

/** A frame of the client's stream: keys, the window's size, an answer to the handshake. */
export function inputFrame(
  payloadType: PayloadType,
  payload: Uint8Array,
  sequenceNumber: number,
  stamp: Stamp,
): Uint8Array {
  return clientFrame(messageTypes.input, FLAGS_NONE, payloadType, sequenceNumber, payload, stamp);
}

/** The payload of a Size frame; its keys in the agent's order. */
export function sizePayload(size: { cols: number; rows: number }): Uint8Array {
  return encodeUtf8(JSON.stringify({ cols: size.cols, rows: size.rows }));
}

function clientFrame(
  messageType: string,
  flags: bigint,
  payloadType: number,
  sequenceNumber: number,
  payload: Uint8Array,
  stamp: Stamp,
): Uint8Array {
  return encodeFrame({
    headerLength: HEADER_LENGTH,
    messageType,
    schemaVersion: 1,
    createdDate: stamp.createdDate,
    sequenceNumber,
    flags,
    messageId: stamp.messageId,
    payloadDigest: sha256(payload),
    payloadType,
    payload,
  });
}
