import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFrame,
  encodeAgentFrame,
  encodeServiceFrame,
  uuidFrom,
} from "../../../emulator/message-gateway/frame.ts";
import { plainBytes } from "../../session/plain-frame.ts";
import { recorded, recordedNamed } from "../../session/recorded-frames.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

const good = (): Buffer =>
  plainBytes({ type: "input_stream_data", sequenceNumber: 7, payloadType: 1, payload: "ls\r" });

/** A good frame with one thing about it changed. */
function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = good();
  change(bytes);
  return bytes;
}

const ours = recorded.filter(
  ({ opcode, decoded, name }) =>
    opcode === "binary (0x2)" && decoded["digestOk"] === true && !name.includes("invalid"),
);

describe("decodeFrame", () => {
  it("reads every frame of the official programs as it was recorded", () => {
    expect(ours.length).toBeGreaterThan(100);
    const read = ours.map(({ name, bytes }) => {
      const frame = decodeFrame(bytes);
      return [
        name,
        frame?.messageType,
        frame?.sequenceNumber,
        frame?.messageId,
        frame?.payloadType ?? null,
        frame?.payload.length,
      ];
    });
    expect(read).toEqual(
      ours.map(({ name, decoded }) => [
        name,
        decoded["messageType"],
        decoded["sequenceNumber"],
        decoded["messageId"],
        decoded["payloadType"],
        decoded["payloadLength"],
      ]),
    );
  });

  it.each<[string, Buffer]>([
    ["whose digest is of another payload", changed((b) => b.write("rm", 120))],
    ["whose digest is changed by a bit", changed((b) => b.writeUInt8(b.readUInt8(80) ^ 1, 80))],
    ["without a date", changed((b) => b.writeBigUInt64BE(0n, 40))],
    ["without a type", changed((b) => b.fill(" ", 4, 36))],
    ["that claims a longer payload", changed((b) => b.writeUInt32BE(4, 116))],
    ["that claims a shorter payload", changed((b) => b.writeUInt32BE(2, 116))],
    ["with no header", changed((b) => b.writeUInt32BE(0, 0))],
    ["whose header is of neither layout", changed((b) => b.writeUInt32BE(120, 0))],
    ["whose header points outside", changed((b) => b.writeUInt32BE(0xffff_ffff, 0))],
    ["whose number no double holds", changed((b) => b.writeBigInt64BE(2n ** 60n, 48))],
    ["that ends in its header", good().subarray(0, 115)],
    ["that ends before its payload's length", good().subarray(0, 118)],
    ["of no bytes", Buffer.alloc(0)],
  ])("is none of a frame %s", (_, bytes) => {
    expect(decodeFrame(good())?.sequenceNumber).toBe(7);
    expect(decodeFrame(bytes)).toBeUndefined();
  });

  it(`throws at no bytes whatever, and takes none whose digest is wrong (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.nat(good().length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (at, with_) => {
          const bytes = changed((b) => b.set(with_.subarray(0, b.length - at), at));
          const frame = decodeFrame(bytes);
          if (frame === undefined) return;
          const digest = createHash("sha256").update(frame.payload).digest();
          expect(digest.equals(bytes.subarray(80, 112))).toBe(true);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

describe("encodeAgentFrame", () => {
  it("lays the header out as the official agent did", () => {
    const { bytes, decoded } = recordedNamed("trace/interactive-no-handshake/006");
    const again = encodeAgentFrame(
      {
        messageType: "output_stream_data",
        sequenceNumber: 0,
        flags: 1,
        payloadType: 1,
        payload: bytes.subarray(120),
      },
      { messageId: String(decoded["messageId"]), createdAt: Number(decoded["createdDate"]) },
    );
    expect(Buffer.from(again).toString("hex")).toBe(bytes.toString("hex"));
  });
});

describe("encodeServiceFrame", () => {
  it.each(["start_publication", "channel_closed"] as const)(
    "lays out %s with the 112 bytes and the NULs of the service's own header",
    (type) => {
      const found = recorded.find(
        ({ decoded }) => decoded["messageType"] === type && decoded["headerLength"] === 112,
      );
      const { bytes, decoded } = found ?? recordedNamed("none");
      const again = encodeServiceFrame(type, bytes.subarray(116), {
        messageId: String(decoded["messageId"]),
        createdAt: Number(decoded["createdDate"]),
      });
      expect(Buffer.from(again).toString("hex")).toBe(bytes.toString("hex"));
    },
  );
});

describe("uuidFrom", () => {
  it("marks 16 bytes as version 4 and changes no other bit", () => {
    expect(uuidFrom(Buffer.alloc(16, 0xff))).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(uuidFrom(Buffer.alloc(16))).toBe("00000000-0000-4000-8000-000000000000");
  });
});
