import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkLength, MAX_PAYLOAD_BYTES } from "../../../emulator/message-gateway/output-chunk.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** Cuts as the channel does, until no more can be sent. */
function chunks(output: Uint8Array, ended: boolean): Uint8Array[] {
  const found: Uint8Array[] = [];
  let rest = output;
  while (rest.length > 0) {
    const length = chunkLength(rest, ended);
    if (length === 0) break;
    found.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return found;
}

describe("chunkLength", () => {
  it("sends what there is, at most 1,024 bytes", () => {
    expect(MAX_PAYLOAD_BYTES).toBe(1_024);
    for (const [length, sent] of [
      [0, 0],
      [1, 1],
      [1_024, 1_024],
      [1_025, 1_024],
    ] as const) {
      expect(chunkLength(Buffer.alloc(length, "a"), false)).toBe(sent);
    }
  });

  it.each(["é", "€", "😀"])(
    "keeps %s together, wherever the frame would end in it",
    (character) => {
      const size = Buffer.byteLength(character);
      for (let before = 1_024 - size + 1; before < 1_024; before++) {
        const output = Buffer.concat([Buffer.alloc(before, "a"), Buffer.from(character)]);
        expect(chunkLength(output, false)).toBe(before);
        expect(chunkLength(output, true)).toBe(before);
      }
    },
  );

  it.each([[[0xc3]], [[0xe2, 0x82]], [[0xf0, 0x9f, 0x98]], [[0xe2]], [[0xf0]]])(
    "waits for the rest of a character that begins with %j, until there is no rest",
    (start) => {
      const output = Uint8Array.from([0x61, ...start]);
      expect(chunkLength(output, false)).toBe(1);
      expect(chunkLength(output.subarray(1), false)).toBe(0);
      expect(chunkLength(output, true)).toBe(output.length);
    },
  );

  it.each([[[0xff]], [[0x80]], [[0x80, 0x80, 0x80, 0x80]], [[0xf8, 0x88]], [[0xc3, 0x28]]])(
    "waits for nothing after %j, which begins no character",
    (bytes) => {
      expect(chunkLength(Uint8Array.from(bytes), false)).toBe(bytes.length);
    },
  );

  it(`loses no byte of any output once it has ended (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 99 }),
        (part, times) => {
          const output = Buffer.concat(Array<Uint8Array>(times).fill(part));
          const all = chunks(output, true);
          expect(Buffer.concat(all).equals(output)).toBe(true);
          expect(all.every(({ length }) => length <= MAX_PAYLOAD_BYTES)).toBe(true);
        },
      ),
      { seed, numRuns: 50 },
    );
  });

  it(`makes every frame of a text a text by itself (seed ${seed})`, () => {
    const characters = fc.array(fc.constantFrom("a", "\n", "é", "€", "😀"), { minLength: 1 });
    fc.assert(
      fc.property(characters, (some) => {
        const written = some.join("").repeat(Math.ceil(2_500 / some.length));
        const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        const read = chunks(Buffer.from(written), false).map((chunk) => strict.decode(chunk));
        expect(read.join("") === written).toBe(true);
      }),
      { seed, numRuns: 50 },
    );
  });
});
