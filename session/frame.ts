import { uuidFromWire, uuidToWire } from "./uuid.ts";

/** The header of the client and the agent: ends with PayloadType, its MessageType padded with spaces. */
export const HEADER_LENGTH = 116;
/** The older header of the service's own frames: no PayloadType, its MessageType padded with NULs. */
const SERVICE_HEADER_LENGTH = 112;

/** Everything a frame says. Its bytes follow from these fields alone. */
export interface Frame {
  /** 116 or 112 where we encode; what a decoded frame claims may be longer. */
  headerLength: number;
  messageType: string;
  schemaVersion: number;
  /** Epoch milliseconds. */
  createdDate: number;
  sequenceNumber: number;
  /** Bit 0 begins a stream, bit 1 ends one; nobody acts on them. */
  flags: bigint;
  messageId: string;
  /** 32 bytes, as the frame claims them. */
  payloadDigest: Uint8Array;
  /** Null where the header is too short to have one. */
  payloadType: number | null;
  payload: Uint8Array;
}

/** `payloadLength` is what the header claims. The payload is whatever follows the header, as on both AWS sides. */
export type DecodedFrame = Frame & { payloadLength: number };

export type FrameErrorCode =
  | "too_short"
  | "header_length"
  | "message_type"
  | "message_id"
  | "number_out_of_range"
  | "digest_length"
  | "payload_type";

/** Why bytes are not a frame, or fields cannot become one. */
export class FrameError extends Error {
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode) {
    super(`not a data channel frame: ${code}`);
    this.name = "FrameError";
    this.code = code;
  }
}

const TYPE_AT = 4;
const TYPE_LENGTH = 32;
const SPACE = 0x20;

/** The message type that bytes claim, without looking at the rest; empty if there is none. */
export function messageTypeOf(bytes: Uint8Array): string {
  const field = bytes.subarray(TYPE_AT, TYPE_AT + TYPE_LENGTH);
  if (field.length < TYPE_LENGTH) return "";
  return String.fromCharCode(...field)
    .replaceAll(/^\0+|\0+$/g, "")
    .trim();
}

/**
 * Reads one binary frame of either layout. The payload is not copied. Throws `FrameError` and nothing
 * else, whatever the bytes; says nothing of whether the frame is to be believed (`validateFrame` does).
 */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length < SERVICE_HEADER_LENGTH + 4) throw new FrameError("too_short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(0);
  if (headerLength < SERVICE_HEADER_LENGTH || headerLength + 4 > bytes.length) {
    throw new FrameError("header_length");
  }
  const messageType = messageTypeOf(bytes);
  if (messageType === "") throw new FrameError("message_type");
  return {
    headerLength,
    messageType,
    schemaVersion: view.getUint32(36),
    createdDate: exact(view.getBigUint64(40)),
    sequenceNumber: exact(view.getBigInt64(48)),
    flags: view.getBigUint64(56),
    messageId: uuidFromWire(bytes.subarray(64, 80)),
    payloadDigest: bytes.subarray(80, 112),
    payloadType: headerLength >= HEADER_LENGTH ? view.getUint32(112) : null,
    payloadLength: view.getUint32(headerLength),
    payload: bytes.subarray(headerLength + 4),
  };
}

/**
 * The bytes of a frame, for a header of 116 or 112 bytes; the layout fixes the padding and whether there is
 * a payload type. Throws `FrameError` if a field does not fit.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { headerLength, payload } = frame;
  if (headerLength !== HEADER_LENGTH && headerLength !== SERVICE_HEADER_LENGTH) {
    throw new FrameError("header_length");
  }
  if (!/^[!-~]{1,32}$/.test(frame.messageType)) throw new FrameError("message_type");
  if ((frame.payloadType === null) !== (headerLength === SERVICE_HEADER_LENGTH)) {
    throw new FrameError("payload_type");
  }
  if (frame.payloadDigest.length !== 32) throw new FrameError("digest_length");
  const id = uuidToWire(frame.messageId);
  if (id === undefined) throw new FrameError("message_id");

  const bytes = new Uint8Array(headerLength + 4 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength);
  bytes.fill(headerLength === HEADER_LENGTH ? SPACE : 0, TYPE_AT, TYPE_AT + TYPE_LENGTH);
  for (let i = 0; i < frame.messageType.length; i++) {
    bytes[TYPE_AT + i] = frame.messageType.charCodeAt(i);
  }
  view.setUint32(36, natural(frame.schemaVersion, 0xffff_ffff));
  view.setBigUint64(40, BigInt(natural(frame.createdDate)));
  view.setBigInt64(48, BigInt(natural(frame.sequenceNumber)));
  view.setBigUint64(56, BigInt.asUintN(64, frame.flags));
  bytes.set(id, 64);
  bytes.set(frame.payloadDigest, 80);
  if (frame.payloadType !== null) view.setUint32(112, natural(frame.payloadType, 0xffff_ffff));
  view.setUint32(headerLength, payload.length);
  bytes.set(payload, headerLength + 4);
  return bytes;
}

/** A 64-bit number that JavaScript can hold exactly: no real date or sequence is beyond it. */
function exact(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new FrameError("number_out_of_range");
  }
  return Number(value);
}

function natural(value: number, highest: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || value < 0 || value > highest) {
    throw new FrameError("number_out_of_range");
  }
  return value;
}
