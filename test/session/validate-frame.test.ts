import { describe, expect, test } from "vitest";
import { decodeFrame } from "../../session/frame.ts";
import { validateFrame } from "../../session/validate-frame.ts";
import { plainBytes } from "./plain-frame.ts";

const wrong = Buffer.alloc(32, 1);
const check = (given: Parameters<typeof plainBytes>[0]) =>
  validateFrame(decodeFrame(plainBytes(given)));

describe("validation", () => {
  test("accepts a sound frame of either layout", () => {
    expect(check({ type: "output_stream_data", payloadType: 1, payload: "a" })).toBeUndefined();
    expect(check({ type: "channel_closed", payloadType: null, payload: "{}" })).toBeUndefined();
  });

  test("checks the digest of the service's layout too", () => {
    expect(check({ type: "channel_closed", payloadType: null, payload: "{}", digest: wrong })).toBe(
      "digest_mismatch",
    );
  });

  test("notices a single changed bit of the payload or of the digest", () => {
    const sound = plainBytes({ type: "output_stream_data", payloadType: 1, payload: "abc" });
    for (const at of [80, 111, 120, 122]) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(validateFrame(decodeFrame(bytes))).toBe("digest_mismatch");
    }
  });

  test("does not ask for a digest where there is no payload", () => {
    const given = { type: "output_stream_data", payloadType: 1, payload: "", digest: wrong };
    expect(check(given)).toBeUndefined();
  });

  test("a payload length of zero in the header does not spare a payload the check", () => {
    const bytes = plainBytes({
      type: "output_stream_data",
      payloadType: 1,
      payload: "abc",
      digest: wrong,
    });
    bytes.writeUInt32BE(0, 116);
    expect(validateFrame(decodeFrame(bytes))).toBe("digest_mismatch");
  });

  test.each(["start_publication", "pause_publication"])("%s is exempt from all checks", (type) => {
    const given = { type, payloadType: null, payload: type, createdDate: 0, digest: wrong };
    expect(check(given)).toBeUndefined();
    expect(check({ ...given, type: "channel_closed" })).toBe("no_date");
  });
});
