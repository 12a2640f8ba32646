import { createDecipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openFrame } from "../../session/client-frames.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../session/frame.ts";
import { decodeUtf8, encodeUtf8 } from "../../session/utf8.ts";
import { digestMatches, validateFrame } from "../../session/validate-frame.ts";
import { payloadTypes } from "../../session/wire-names.ts";
import { type Recorded, recorded, recordedNamed } from "./recorded-frames.ts";

/**
 * A frame of the data channel is a data message of the WebSocket, opcode text or binary. The recording's
 * other entries are WebSocket pings and derived values of no opcode.
 */
const binary = recorded.filter(({ opcode }) => opcode === "binary (0x2)");
const text = recorded.filter(({ opcode }) => opcode === "text (0x1)");

const JSON_PAYLOAD_TYPES: ReadonlySet<number | null> = new Set([3, 5, 6, 7, 8, 9]);
const JSON_MESSAGE_TYPES = new Set(["acknowledge", "channel_closed", "agent_session_state"]);

/** The recording's own form of a payload: what it is follows from the header, or from its being no UTF-8. */
function payloadAsRecorded(frame: Frame): unknown {
  if (JSON_MESSAGE_TYPES.has(frame.messageType) || JSON_PAYLOAD_TYPES.has(frame.payloadType)) {
    return JSON.parse(decodeUtf8(frame.payload));
  }
  if (frame.payloadType === payloadTypes.Flag) {
    return { flag: Buffer.from(frame.payload).readUInt32BE(0) };
  }
  const decoded = decodeUtf8(frame.payload);
  return Buffer.from(encodeUtf8(decoded)).equals(frame.payload)
    ? decoded
    : { base64: Buffer.from(frame.payload).toString("base64") };
}

function payloadFromRecord(payload: unknown): Uint8Array {
  if (typeof payload === "string") return encodeUtf8(payload);
  const object = payload as { [name: string]: unknown };
  if (typeof object["base64"] === "string") return Buffer.from(object["base64"], "base64");
  if (typeof object["flag"] === "number") return Uint8Array.of(0, 0, 0, object["flag"]);
  return encodeUtf8(JSON.stringify(payload));
}

function payloadTypeName(type: number | null): string {
  if (type === null) return "(absent)";
  const found = Object.entries(payloadTypes).find(([, number]) => number === type);
  return type === 0 ? "(none)" : (found?.[0] ?? "(unknown)");
}

/** What the recording says of a frame, from the frame alone. */
function asRecorded(bytes: Uint8Array): Recorded["decoded"] {
  const frame = decodeFrame(bytes);
  return {
    headerLength: frame.headerLength,
    messageType: frame.messageType,
    schemaVersion: frame.schemaVersion,
    createdDate: frame.createdDate,
    sequenceNumber: frame.sequenceNumber,
    flags: Number(frame.flags),
    messageId: frame.messageId,
    payloadDigest: Buffer.from(frame.payloadDigest).toString("hex"),
    payloadType: frame.payloadType,
    payloadLength: frame.payloadLength,
    digestOk: digestMatches(frame),
    payload: payloadAsRecorded(frame),
    payloadTypeName: payloadTypeName(frame.payloadType),
  };
}

/** The frame that the recorded fields describe: nothing is looked up, nothing taken from the bytes. */
function fromRecord(decoded: Recorded["decoded"]): Frame {
  return {
    headerLength: Number(decoded["headerLength"]),
    messageType: String(decoded["messageType"]),
    schemaVersion: Number(decoded["schemaVersion"]),
    createdDate: Number(decoded["createdDate"]),
    sequenceNumber: Number(decoded["sequenceNumber"]),
    flags: BigInt(Number(decoded["flags"])),
    messageId: String(decoded["messageId"]),
    payloadDigest: Buffer.from(String(decoded["payloadDigest"]), "hex"),
    payloadType: decoded["payloadType"] as number | null,
    payload: payloadFromRecord(decoded["payload"]),
  };
}

/** Beside the frame's fields, the recording tells what was inside encrypted payloads. */
const NOTES = [
  "plaintextUtf8",
  "nonceHex",
  "challengePlainHex",
  "challengeNonceHex",
  "keyHalf",
] as const;

function withoutNotes(decoded: Recorded["decoded"]): Recorded["decoded"] {
  const notes: readonly string[] = NOTES;
  return Object.fromEntries(Object.entries(decoded).filter(([name]) => !notes.includes(name)));
}

test("the recording holds 242 frames: 227 binary and 15 text", () => {
  expect([binary.length, text.length, binary.length + text.length]).toEqual([227, 15, 242]);
  const others = recorded.filter((entry) => !binary.includes(entry) && !text.includes(entry));
  expect(others.filter(({ opcode }) => opcode === "ping (0x9)")).toHaveLength(12);
  expect(others.filter(({ opcode }) => opcode === null)).toHaveLength(4);
});

describe("each recorded binary frame", () => {
  test.each(binary)("$name decodes to its fields", ({ bytes, decoded }) => {
    expect(asRecorded(bytes)).toEqual(withoutNotes(decoded));
  });

  test.each(binary)("$name is encoded from its fields alone", ({ bytes, decoded }) => {
    expect(Buffer.from(encodeFrame(fromRecord(decoded))).toString("hex")).toBe(
      bytes.toString("hex"),
    );
  });
});

describe("each recorded text frame", () => {
  test.each(text)("$name decodes to its fields", ({ bytes, decoded }) => {
    expect(JSON.parse(decodeUtf8(bytes))).toEqual(decoded);
  });

  test.each(text)("$name is encoded from its fields alone", ({ bytes, decoded }) => {
    expect(Buffer.from(encodeUtf8(JSON.stringify(decoded))).equals(bytes)).toBe(true);
  });

  test("our opening frame is byte for byte the session-manager-plugin's", () => {
    const opening = text.filter(({ name }) => name.includes("open-data-channel"));
    const clients = opening.filter(({ decoded }) => decoded["ClientVersion"] !== undefined);
    expect(clients).toHaveLength(12);
    for (const { bytes, decoded } of clients) {
      const ours = openFrame({
        requestId: String(decoded["RequestId"]),
        tokenValue: String(decoded["TokenValue"]),
        clientId: String(decoded["ClientId"]),
        clientVersion: String(decoded["ClientVersion"]),
      });
      expect(Buffer.from(encodeUtf8(ours)).equals(bytes)).toBe(true);
    }
  });
});

describe("what the recording says of encrypted payloads", () => {
  const key = recordedNamed("kms/data-key").bytes;
  const encrypted = binary.filter(({ decoded }) => decoded["keyHalf"] !== undefined);

  test("there are seven of them", () => {
    expect(encrypted).toHaveLength(7);
  });

  test.each(encrypted)("$name decrypts to its plain text", ({ bytes, decoded }) => {
    const { payload, payloadType } = decodeFrame(bytes);
    const challenge = payloadType === 8 || payloadType === 9;
    const sealed = challenge
      ? Buffer.from(JSON.parse(decodeUtf8(payload)).Challenge, "base64")
      : Buffer.from(payload);
    const half = String(decoded["keyHalf"]).includes("first")
      ? key.subarray(0, 32)
      : key.subarray(32);
    const nonce = sealed.subarray(0, 12);
    const decipher = createDecipheriv("aes-256-gcm", half, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    expect(nonce.toString("hex")).toBe(decoded[challenge ? "challengeNonceHex" : "nonceHex"]);
    expect(challenge ? plain.toString("hex") : plain.toString()).toBe(
      decoded[challenge ? "challengePlainHex" : "plaintextUtf8"],
    );
  });
});

describe("validation", () => {
  test("refuses the recorded frame with a wrong digest, and no other part of it", () => {
    const frame = decodeFrame(recordedNamed("trace/reorder-duplicate-invalid/018").bytes);
    expect(validateFrame(frame)).toBe("digest_mismatch");
  });

  test("refuses the recorded frame with a date of zero, whose digest is right", () => {
    const frame = decodeFrame(recordedNamed("trace/reorder-duplicate-invalid/019").bytes);
    expect(validateFrame(frame)).toBe("no_date");
    expect(digestMatches(frame)).toBe(true);
  });

  test("accepts all 225 others", () => {
    const accepted = binary.filter(({ bytes }) => validateFrame(decodeFrame(bytes)) === undefined);
    expect(accepted).toHaveLength(225);
    expect(accepted.map(({ name }) => name).filter((name) => /invalid\/01[89]/.test(name))).toEqual(
      [],
    );
  });
});
