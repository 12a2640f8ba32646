/** An export with one byte changed, and which. */
export interface Flipped {
  bytes: Buffer;
  offset: number;
  before: string;
  after: string;
}

/**
 * Flips the lowest bit of one byte: the first of who is named in the leaf of the second event of a chain.
 * It stays JSON and a legal event, so nothing but the hashes can tell. Throws where there is no such event,
 * or none after it: what nothing hashes yet, nobody can vouch for.
 */
export function flipByte(exported: Buffer, chain: string): Flipped {
  let start = 0;
  let offset = -1;
  let last = 0;
  for (const line of exported.toString("latin1").split("\n")) {
    const item = line === "" ? {} : (JSON.parse(line) as { chain?: string; seq?: number });
    if (item.chain === chain) {
      last = Math.max(last, item.seq ?? 0);
      const person = '\\"person\\":\\"';
      const at = line.indexOf(person, line.indexOf('"leaf":'));
      if (item.seq === 2 && at >= 0) offset = start + at + person.length;
    }
    start += line.length + 1;
  }
  if (offset < 0 || last < 3) throw new Error(`the export has no event of ${chain} to change`);
  const bytes = Buffer.from(exported);
  const byte = bytes.readUInt8(offset);
  bytes.writeUInt8(byte ^ 1, offset);
  return {
    bytes,
    offset,
    before: String.fromCharCode(byte),
    after: String.fromCharCode(byte ^ 1),
  };
}
