import { readFileSync } from "node:fs";

/** One entry of the recording: what crossed a wire, and what it means. */
export interface Recorded {
  name: string;
  opcode: "binary (0x2)" | "text (0x1)" | "ping (0x9)" | null;
  bytes: Buffer;
  decoded: { [name: string]: unknown };
}

interface Entry {
  name: string;
  opcode: Recorded["opcode"];
  hex: string;
  decoded: Recorded["decoded"];
}

const file = new URL("../fixtures/ssm-data-channel.json", import.meta.url);

/** The whole recording, in order. */
export const recorded: readonly Recorded[] = (
  JSON.parse(readFileSync(file, "utf8")) as Entry[]
).map(({ name, opcode, hex, decoded }) => ({
  name,
  opcode,
  bytes: Buffer.from(hex, "hex"),
  decoded,
}));

/** The entry whose name begins so. */
export function recordedNamed(prefix: string): Recorded {
  const found = recorded.find(({ name }) => name === prefix || name.startsWith(`${prefix}/`));
  if (found === undefined) throw new Error(`no entry ${prefix} in the recording`);
  return found;
}
