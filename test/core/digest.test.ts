import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitment, digestOf, sha256Hex, utf8Length } from "../../core/digest.ts";
import { anyCharacter } from "../kit/any-character.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const text = fc.string({ unit: anyCharacter });

describe("digests", () => {
  it(`are SHA-256 as node:crypto has it, over UTF-8 bytes (seed ${seed})`, () => {
    fc.assert(
      fc.property(text, fc.uint8Array({ minLength: 16, maxLength: 16 }), (value, salt) => {
        const hex = Buffer.from(salt).toString("hex");
        expect(sha256Hex(value)).toBe(createHash("sha256").update(value).digest("hex"));
        expect(utf8Length(value)).toBe(Buffer.byteLength(value));
        expect(commitment(hex, value)).toBe(
          createHash("sha256").update(salt).update(value).digest("hex"),
        );
      }),
      { seed },
    );
  });

  it("do not depend on the order of members, and do on every value", () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf({ a: 1, b: 2 })).not.toBe(digestOf({ a: 1, b: "2" }));
  });
});
