import { describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { requestId, requestIdPattern, ulid } from "../../core/ids.ts";

describe("ulid", () => {
  it("is time and chance in Crockford's base32", () => {
    expect(ulid(0, (n) => new Uint8Array(n))).toBe("0".repeat(26));
    expect(ulid(2 ** 48 - 1, (n) => new Uint8Array(n).fill(255))).toBe(`7${"z".repeat(25)}`);
    // The time of the specification's own example, 01ARYZ6S41…
    expect(ulid(1_469_918_176_385, systemRandom).slice(0, 10)).toBe("01aryz6s41");
  });

  it("sorts by millisecond", () => {
    const times = [0, 31, 32, 1_023, 1_024, 1_700_000_000_000, 1_700_000_000_001];
    const ids = times.map((at) => ulid(at, systemRandom));
    expect(ids.toSorted()).toEqual(ids);
  });

  it("keeps every bit of chance", () => {
    const one = (bit: number) =>
      ulid(0, (n) =>
        Uint8Array.from({ length: n }, (_, i) => (i === bit >> 3 ? 1 << (bit & 7) : 0)),
      );
    expect(new Set(Array.from({ length: 80 }, (_, bit) => one(bit))).size).toBe(80);
  });
});

describe("requestId", () => {
  it("is the same for the same caller, route and key, and another for any other", () => {
    const id = requestId("1:a", "POST /x", "k");
    expect(requestId("1:a", "POST /x", "k")).toBe(id);
    expect(id).toMatch(requestIdPattern);
    const others = [
      requestId("1:b", "POST /x", "k"),
      requestId("1:a", "POST /y", "k"),
      requestId("1:a", "POST /x", "l"),
      requestId("1:aP", "OST /x", "k"),
      requestId("1:a", "POST /xk", ""),
    ];
    expect(new Set([id, ...others]).size).toBe(6);
  });
});
