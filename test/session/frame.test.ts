import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  messageTypeOf,
} from "../../session/frame.ts";
import { validateFrame } from "../../session/validate-frame.ts";
import { recorded } from "./recorded-frames.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

const binary = recorded.filter(({ opcode }) => opcode === "binary (0x2)");

/** What a decoder may do with bytes: give a frame, or throw a FrameError. Returns the error's code, if any. */
function decodes(bytes: Uint8Array): string {
  try {
    const frame = decodeFrame(bytes);
    expect(frame.payload.length).toBe(bytes.length - frame.headerLength - 4);
    expect(frame.payloadDigest).toHaveLength(32);
    expect(Number.isSafeInteger(frame.sequenceNumber) && frame.sequenceNumber >= 0).toBe(true);
    validateFrame(frame);
    return "frame";
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return error.code;
  }
}

const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    service: fc.boolean(),
    messageType: fc.stringMatching(/^[!-~]{1,32}$/),
    schemaVersion: fc.nat(0xffff_ffff),
    createdDate: fc.nat(Number.MAX_SAFE_INTEGER),
    sequenceNumber: fc.nat(Number.MAX_SAFE_INTEGER),
    flags: fc.bigInt(0n, 2n ** 64n - 1n),
    messageId: fc.uuid(),
    payloadDigest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    payloadType: fc.nat(0xffff_ffff),
    payload: fc.uint8Array({ maxLength: 2_000 }),
  })
  .map(({ service, payloadType, ...frame }) => ({
    ...frame,
    headerLength: service ? 112 : 116,
    payloadType: service ? null : payloadType,
  }));

test(`any frame of either layout comes back from its bytes as it was (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      expect(decodeFrame(encodeFrame(frame))).toEqual({
        ...frame,
        payloadLength: frame.payload.length,
      });
    }),
    { seed, numRuns: 300 },
  );
});

test(`decoding random bytes gives a frame or a FrameError, never anything else (seed ${seed})`, () => {
  const seen = new Set<string>();
  // Bytes with a random header length fail at that, so that some get a possible one.
  const likely = fc.uint8Array({ minLength: 116, maxLength: 300 }).map((bytes) => {
    bytes.set([0, 0, 0, 112 + ((bytes[3] ?? 0) >> 4)]);
    return bytes;
  });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ minLength: 116, maxLength: 300 }),
    likely,
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      seen.add(decodes(bytes));
    }),
    { seed, numRuns: 3_000 },
  );
  expect(seen).toContain("too_short");
  expect(seen).toContain("header_length");
  expect(seen).toContain("number_out_of_range");
});

test(`decoding a recorded frame with bytes changed, cut or added never fails otherwise (seed ${seed})`, () => {
  const seen = new Set<string>();
  const change = fc.record({
    of: fc.nat(binary.length - 1),
    at: fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 8 }),
    header: fc.option(fc.tuple(fc.nat(3), fc.nat(255)), { nil: undefined }),
    cut: fc.nat(600),
    added: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(change, ({ of, at, header, cut, added }) => {
      const original = binary[of]?.bytes ?? Buffer.alloc(0);
      const bytes = Buffer.concat([original.subarray(0, cut), added]);
      for (const [index, value] of at) if (index < bytes.length) bytes[index] = value;
      if (header !== undefined && bytes.length >= 4) bytes[header[0]] = header[1];
      seen.add(decodes(bytes));
    }),
    { seed, numRuns: 3_000 },
  );
  expect(seen).toContain("frame");
});

describe("decoding", () => {
  const whole = binary[4]?.bytes ?? Buffer.alloc(0);
  const withHeader = (length: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32BE(length, 0);
    return bytes;
  };

  test.each([
    ["nothing", Buffer.alloc(0), "too_short"],
    ["one byte less than the shortest header", Buffer.alloc(115), "too_short"],
    ["a header length of zero", withHeader(0), "header_length"],
    ["a header shorter than the service's", withHeader(111), "header_length"],
    [
      "a header that leaves no room for the payload's length",
      withHeader(whole.length - 3),
      "header_length",
    ],
    ["the largest header length", withHeader(0xffff_ffff), "header_length"],
    ["text", Buffer.from("{".padEnd(300, "a")), "header_length"],
  ])("refuses %s", (_, bytes, code) => {
    expect(() => decodeFrame(bytes)).toThrowError(new FrameError(code as FrameError["code"]));
  });

  test("refuses a blank message type, whichever padding it is of", () => {
    for (const padding of ["\0", " "]) {
      const bytes = Buffer.from(whole);
      bytes.fill(padding, 4, 36);
      expect(decodes(bytes)).toBe("message_type");
    }
  });

  test("refuses a negative sequence number and one that JavaScript would round", () => {
    for (const number of [-1n, 2n ** 53n, 2n ** 63n - 1n]) {
      const bytes = Buffer.from(whole);
      bytes.writeBigInt64BE(number, 48);
      expect(decodes(bytes)).toBe("number_out_of_range");
    }
  });

  test("accepts both paddings in both layouts, and a longer header with the payload behind it", () => {
    for (const padding of [" ", "\0"]) {
      const bytes = Buffer.from(whole);
      const type = messageTypeOf(bytes);
      bytes.write(type.padEnd(32, padding), 4, "latin1");
      expect(decodeFrame(bytes).messageType).toBe(type);
    }
    const longer = Buffer.concat([whole.subarray(0, 116), Buffer.alloc(8), whole.subarray(116)]);
    longer.writeUInt32BE(124, 0);
    expect(Buffer.from(decodeFrame(longer).payload)).toEqual(whole.subarray(120));
    expect(decodeFrame(longer).payloadType).toBe(decodeFrame(whole).payloadType);
  });

  test("reads a frame in the middle of a larger buffer", () => {
    const around = Buffer.concat([Buffer.alloc(7, 1), whole, Buffer.alloc(5, 2)]);
    const view = new Uint8Array(around.buffer, around.byteOffset + 7, whole.length);
    expect(decodeFrame(view)).toEqual(decodeFrame(new Uint8Array(whole)));
  });

  test("does not read a payload type from a header that has none", () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32BE(112, 0);
    expect(decodeFrame(bytes).payloadType).toBeNull();
  });
});

describe("encoding", () => {
  const frame: Frame = {
    headerLength: 116,
    messageType: "input_stream_data",
    schemaVersion: 1,
    createdDate: 1,
    sequenceNumber: 0,
    flags: 0n,
    messageId: "922996f9-3117-4c21-9150-6638ebd7d359",
    payloadDigest: new Uint8Array(32),
    payloadType: 1,
    payload: Uint8Array.of(97),
  };

  test.each([
    ["a header of another length", { headerLength: 120 }, "header_length"],
    ["a message type that is too long", { messageType: "x".repeat(33) }, "message_type"],
    [
      "a message type with a space, which padding would swallow",
      { messageType: "a " },
      "message_type",
    ],
    ["a message type beyond ASCII", { messageType: "é" }, "message_type"],
    ["a payload type where the header has no room", { headerLength: 112 }, "payload_type"],
    ["no payload type where the header has room", { payloadType: null }, "payload_type"],
    ["an id that is no UUID", { messageId: "922996F9-3117-4c21-9150-6638ebd7d359" }, "message_id"],
    ["a short digest", { payloadDigest: new Uint8Array(31) }, "digest_length"],
    ["a negative sequence number", { sequenceNumber: -1 }, "number_out_of_range"],
    ["a date that is not whole", { createdDate: 0.5 }, "number_out_of_range"],
    ["a payload type of 33 bits", { payloadType: 2 ** 32 }, "number_out_of_range"],
  ] satisfies [string, Partial<Frame>, string][])("refuses %s", (_, change, code) => {
    expect(() => encodeFrame({ ...frame, ...change })).toThrowError(
      new FrameError(code as FrameError["code"]),
    );
    expect(() => encodeFrame(frame)).not.toThrow();
  });
});
