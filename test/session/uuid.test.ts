import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { uuidFromWire, uuidToWire, uuidV4 } from "../../session/uuid.ts";
import { recordedNamed } from "./recorded-frames.ts";

test("a UUID crosses the wire with its halves swapped", () => {
  const { bytes, decoded } = recordedNamed("unit/uuid-wire-order");
  const uuid = String(decoded["uuid"]);
  expect(Buffer.from(uuidToWire(uuid) ?? []).toString("hex")).toBe(bytes.toString("hex"));
  expect(uuidFromWire(bytes)).toBe(uuid);
});

test("what is not a lower-case hyphenated UUID has no bytes", () => {
  for (const text of [
    "",
    "922996f931174c2191506638ebd7d359",
    "922996F9-3117-4c21-9150-6638ebd7d359",
    "922996f9-3117-4c21-9150-6638ebd7d359\n",
    "g22996f9-3117-4c21-9150-6638ebd7d359",
  ]) {
    expect(uuidToWire(text)).toBeUndefined();
  }
});

test("a fresh UUID is of version 4 and keeps all other bits of the chance it was given", () => {
  const random = randomBytes(16);
  const uuid = uuidV4(random);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  const changed = [...bytes].map((byte, i) => byte ^ (random[i] ?? 0));
  expect(changed.filter((bits, i) => bits !== 0 && i !== 6 && i !== 8)).toEqual([]);
  expect((changed[6] ?? 0) & 0x0f).toBe(0);
  expect((changed[8] ?? 0) & 0x3f).toBe(0);
});
