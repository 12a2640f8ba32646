import { createHash } from "node:crypto";

/*
 * The binary frame of the Session Manager data channel, as the agent's and the client's sources have
 * it. All integers big-endian:
 *
 *     0 HeaderLength u32    4 MessageType 32 bytes   36 SchemaVersion u32   40 CreatedDate u64 ms
 *    48 SequenceNumber i64  56 Flags u64             64 MessageId 16 bytes, halves swapped
 *    80 PayloadDigest, SHA-256                      112 PayloadType u32    116 PayloadLength u32
 *
 * Frames that the service itself makes have no PayloadType: HeaderLength is 112 and everything after
 * moves up by four; their MessageType is padded with NUL instead of spaces.
 */

export const PAYLOAD_OUTPUT = 1;
export const PAYLOAD_SIZE = 3;
export const PAYLOAD_HANDSHAKE_REQUEST = 5;
export const PAYLOAD_HANDSHAKE_RESPONSE = 6;
export const PAYLOAD_HANDSHAKE_COMPLETE = 7;

/** Sent with sequence number 0 of a stream; nobody reads it. */
export const FLAG_SYN = 1;
/** SYN and FIN, as acknowledgements carry; nobody reads it either. */
export const FLAGS_ACKNOWLEDGE = 3;

const AGENT_HEADER = 116;
const SERVICE_HEADER = 112;

export interface Frame {
  messageType: string;
  sequenceNumber: number;
  /** Absent in the layout of 112 bytes. */
  payloadType?: number;
  messageId: string;
  payload: Uint8Array;
}

/** What every frame carries beside its content: fresh for each, the same when one is sent again. */
export interface Stamp {
  /** UUID text. */
  messageId: string;
  /** Epoch milliseconds, not 0. */
  createdAt: number;
}

/** A frame as the agent sends it. */
export function encodeAgentFrame(
  frame: {
    messageType: "output_stream_data" | "acknowledge";
    sequenceNumber: number;
    flags: number;
    payloadType: number;
    payload: Uint8Array;
  },
  stamp: Stamp,
): Uint8Array {
  const bytes = header(AGENT_HEADER, frame.messageType.padEnd(32, " "), frame.payload, stamp);
  bytes.writeBigInt64BE(BigInt(frame.sequenceNumber), 48);
  bytes.writeBigUInt64BE(BigInt(frame.flags), 56);
  bytes.writeUInt32BE(frame.payloadType, 112);
  return bytes;
}

/** A frame as the service itself sends it. */
export function encodeServiceFrame(
  messageType: "start_publication" | "pause_publication" | "channel_closed",
  payload: Uint8Array,
  stamp: Stamp,
): Uint8Array {
  return header(SERVICE_HEADER, messageType.padEnd(32, "\0"), payload, stamp);
}

/**
 * Reads a frame of either layout, or undefined where it is none: too short, a header that points
 * outside, no type, no date, lengths that disagree, a digest that is not the payload's.
 *
 * The real agent checks neither length nor digest. Here they are checked, so that a client that gets
 * them wrong is found by a test and not by whoever checks them next.
 */
export function decodeFrame(data: Uint8Array): Frame | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < SERVICE_HEADER + 4) return undefined;
  const headerLength = bytes.readUInt32BE(0);
  if (headerLength !== SERVICE_HEADER && headerLength !== AGENT_HEADER) return undefined;
  if (bytes.length < headerLength + 4) return undefined;
  const messageType = bytes
    .toString("latin1", 4, 36)
    .replace(/^\0+|\0+$/g, "")
    .trim();
  const sequenceNumber = Number(bytes.readBigInt64BE(48));
  const payload = bytes.subarray(headerLength + 4);
  if (messageType === "" || bytes.readBigUInt64BE(40) === 0n) return undefined;
  if (!Number.isSafeInteger(sequenceNumber)) return undefined;
  if (bytes.readUInt32BE(headerLength) !== payload.length) return undefined;
  if (!sha256(payload).equals(bytes.subarray(80, 112))) return undefined;
  return {
    messageType,
    sequenceNumber,
    ...(headerLength === AGENT_HEADER ? { payloadType: bytes.readUInt32BE(112) } : {}),
    messageId: uuidText(bytes.subarray(64, 80)),
    payload,
  };
}

/** A version 4 UUID made of 16 random bytes. */
export function uuidFrom(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return hyphenated(bytes.toString("hex"));
}

function header(length: number, type: string, payload: Uint8Array, stamp: Stamp): Buffer {
  const bytes = Buffer.alloc(length + 4 + payload.length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(type, 4, "latin1");
  bytes.writeUInt32BE(1, 36);
  bytes.writeBigUInt64BE(BigInt(stamp.createdAt), 40);
  const id = Buffer.from(stamp.messageId.replaceAll("-", ""), "hex");
  id.copy(bytes, 64, 8, 16);
  id.copy(bytes, 72, 0, 8);
  sha256(payload).copy(bytes, 80);
  bytes.writeUInt32BE(payload.length, length);
  bytes.set(payload, length + 4);
  return bytes;
}

function uuidText(wire: Buffer): string {
  return hyphenated(Buffer.concat([wire.subarray(8), wire.subarray(0, 8)]).toString("hex"));
}

function hyphenated(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function sha256(data: Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}
