import { createHash, randomUUID } from "node:crypto";

/** A frame as the far end of a test writes and reads it: with Node's own means, none of session/. */
export interface PlainFrame {
  type: string;
  sequenceNumber: number;
  payloadType: number | null;
  payload: Buffer;
  messageId: string;
  createdDate: number;
  flags: number;
  digest?: Buffer;
}

type Given = Partial<Omit<PlainFrame, "payload">> & {
  type: string;
  payload: Buffer | string | object;
};

/** Bytes of the agent's layout, or of the service's older one where `payloadType` is null. */
export function plainBytes(given: Given): Buffer {
  const payload =
    typeof given.payload === "string"
      ? Buffer.from(given.payload)
      : Buffer.isBuffer(given.payload)
        ? given.payload
        : Buffer.from(JSON.stringify(given.payload));
  const payloadType = given.payloadType === undefined ? 0 : given.payloadType;
  const headerLength = payloadType === null ? 112 : 116;
  const bytes = Buffer.alloc(headerLength + 4 + payload.length);
  bytes.writeUInt32BE(headerLength, 0);
  bytes.write(given.type.padEnd(32, payloadType === null ? "\0" : " "), 4, "latin1");
  bytes.writeUInt32BE(1, 36);
  bytes.writeBigUInt64BE(BigInt(given.createdDate ?? 1_795_489_000_000), 40);
  bytes.writeBigInt64BE(BigInt(given.sequenceNumber ?? 0), 48);
  bytes.writeBigUInt64BE(BigInt(given.flags ?? 0), 56);
  const id = Buffer.from((given.messageId ?? randomUUID()).replaceAll("-", ""), "hex");
  id.copy(bytes, 64, 8, 16);
  id.copy(bytes, 72, 0, 8);
  (given.digest ?? createHash("sha256").update(payload).digest()).copy(bytes, 80);
  if (payloadType !== null) bytes.writeUInt32BE(payloadType, 112);
  bytes.writeUInt32BE(payload.length, headerLength);
  payload.copy(bytes, headerLength + 4);
  return bytes;
}

/** Reads a frame of the client's; throws if it is not as the agent would have it. */
export function plainFrame(data: string | Uint8Array): PlainFrame {
  if (typeof data === "string") throw new Error(`a text frame: ${data}`);
  const bytes = Buffer.from(data);
  if (bytes.readUInt32BE(0) !== 116) throw new Error("a client's header is 116 bytes long");
  const payload = bytes.subarray(120);
  if (payload.length !== bytes.readUInt32BE(116)) throw new Error("the payload's length is wrong");
  const digest = bytes.subarray(80, 112);
  if (!createHash("sha256").update(payload).digest().equals(digest)) {
    throw new Error("the payload's digest is wrong");
  }
  const hex = Buffer.concat([bytes.subarray(72, 80), bytes.subarray(64, 72)]).toString("hex");
  return {
    type: bytes.subarray(4, 36).toString("latin1").trimEnd(),
    createdDate: Number(bytes.readBigUInt64BE(40)),
    sequenceNumber: Number(bytes.readBigInt64BE(48)),
    flags: Number(bytes.readBigUInt64BE(56)),
    messageId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
    payloadType: bytes.readUInt32BE(112),
    payload,
    digest,
  };
}

/** The service's channel_closed, in its own layout. */
export function channelClosed(output: string, payloadType: number | null = null): Buffer {
  return plainBytes({
    type: "channel_closed",
    payloadType,
    payload: {
      MessageType: "channel_closed",
      MessageId: randomUUID(),
      DestinationId: "ecs:demo_1_2",
      SessionId: "ecs-execute-command-1",
      SchemaVersion: 1,
      CreatedDate: "2026-11-24T03:04:37.683Z",
      Output: output,
    },
  });
}

export function startPublication(): Buffer {
  return plainBytes({
    type: "start_publication",
    payloadType: null,
    payload: "start_publication",
  });
}
