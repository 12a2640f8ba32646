import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../session/utf8.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const platform = new TextDecoder("utf-8", { ignoreBOM: true });

test(`any text, lone surrogates included, is encoded as the platform does (seed ${seed})`, () => {
  // Code points, surrogates among them, and halves of pairs next to each other.
  const point = fc.oneof(fc.nat(0x10ffff), fc.nat(0x7ff), fc.integer({ min: 0xd7f0, max: 0xe010 }));
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), (points) => {
      const odd = String.fromCodePoint(...points);
      const expected = new TextEncoder().encode(odd);
      expect(Buffer.compare(encodeUtf8(odd), expected)).toBe(0);
    }),
    { seed, numRuns: 1_000 },
  );
});

test(`any bytes are decoded as the platform does (seed ${seed})`, () => {
  // Lead and continuation bytes often enough for every branch of the decoder to be taken.
  const byte = fc.oneof(
    fc.nat(255),
    fc.integer({ min: 0x80, max: 0xbf }),
    fc.constantFrom(0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x9f, 0xa0, 0x8f, 0x90),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
      const given = Uint8Array.from(bytes);
      expect(decodeUtf8(given)).toBe(platform.decode(given));
    }),
    { seed, numRuns: 3_000 },
  );
});
