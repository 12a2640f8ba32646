const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A version 4 UUID, lower-case and hyphenated, of 16 unpredictable bytes. */
export function uuidV4(random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return text(bytes);
}

/**
 * The 16 bytes of a UUID in the order of the data channel: its least significant half first. Undefined
 * if the text is not a lower-case hyphenated UUID.
 */
export function uuidToWire(uuid: string): Uint8Array | undefined {
  if (!UUID.test(uuid)) return undefined;
  const hex = uuid.replaceAll("-", "");
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) {
    bytes[(i + 8) % 16] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** The text of a UUID from the first 16 bytes given, which are in the order of the data channel. */
export function uuidFromWire(wire: Uint8Array): string {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = wire[(i + 8) % 16] ?? 0;
  return text(bytes);
}

function text(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}
