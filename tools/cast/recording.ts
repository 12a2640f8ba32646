/** One piece of output and when it came, in seconds from the start of the recording. */
interface Output {
  atSeconds: number;
  text: string;
}

export interface Recording {
  columns: number;
  rows: number;
  title?: string;
  outputs: Output[];
}

/** More would be no terminal anybody sat at, and a picture nobody can read. */
const largestSide = 500;

/**
 * Reads an asciicast v2 file: a header line, then one event a line. Only output is kept; input, markers
 * and resizes are not. Throws an Error that names the line.
 *
 * Format: https://docs.asciinema.org/manual/asciicast/v2/
 */
export function readRecording(file: string): Recording {
  const [first = "", ...rest] = file.split("\n");
  const header = parse(first, 1);
  if (!isObject(header) || header["version"] !== 2) {
    throw new Error("line 1: not the header of an asciicast v2 recording");
  }
  const outputs: Output[] = [];
  for (const [index, line] of rest.entries()) {
    if (line.trim() === "") continue;
    const event = parse(line, index + 2);
    if (!Array.isArray(event)) throw new Error(`line ${index + 2}: not an event`);
    const [atSeconds, kind, text] = event as unknown[];
    if (kind !== "o") continue;
    if (typeof atSeconds !== "number" || typeof text !== "string" || atSeconds < 0) {
      throw new Error(`line ${index + 2}: not an output event`);
    }
    // Clocks may step back; a picture cannot.
    outputs.push({ atSeconds: Math.max(atSeconds, outputs.at(-1)?.atSeconds ?? 0), text });
  }
  const title = header["title"];
  return {
    columns: side(header["width"], "width"),
    rows: side(header["height"], "height"),
    ...(typeof title === "string" ? { title } : {}),
    outputs,
  };
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`line ${number}: ${(error as Error).message}`, { cause: error });
  }
}

function side(value: unknown, name: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > largestSide) {
    throw new Error(`line 1: ${name} is not a whole number from 1 to ${largestSide}`);
  }
  return value as number;
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
