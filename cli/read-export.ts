import { storedEventListSchema, storedTextSchema } from "../api/record-schemas.ts";
import { sha256Hex } from "../core/digest.ts";
import type { StoredEvent } from "../core/event.ts";
import { parseStrictJson } from "../core/strict-json.ts";

export interface ReadExport {
  events: StoredEvent[];
  /** Texts of sets, by their hashes, which they have. */
  texts: Map<string, string>;
  /** Lines that hold no event, from 1, with what can still be told of them. */
  unreadable: { line: number; what: string; request?: string }[];
}

const storedEvent = storedEventListSchema.shape.items.element.strict();
const storedText = storedTextSchema.strict();
const REQUEST = /REQ#([0-9a-hjkmnp-tv-z]{26})/;

/** Reads an export's lines, one stored event or text each. Whether the events are genuine is not asked here. */
export function readExport(text: string): ReadExport {
  const read: ReadExport = { events: [], texts: new Map(), unreadable: [] };
  const lines = text.split("\n");
  // A file ends with a newline: what stands behind the last one is no line.
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, i) => {
    const wrong = (what: string): void => {
      const request = REQUEST.exec(line)?.[1];
      read.unreadable.push({ line: i + 1, what, ...(request === undefined ? {} : { request }) });
    };
    const json = parseStrictJson(line);
    if (json.kind === "invalid") return wrong(`not JSON: ${json.issues[0]?.detail ?? ""}`);
    const text = storedText.safeParse(json.value);
    if (text.success) {
      const { hash } = text.data;
      if (sha256Hex(text.data.text) !== hash) return wrong(`the text is not ${hash}`);
      read.texts.set(hash, text.data.text);
      return;
    }
    const event = storedEvent.safeParse(json.value);
    if (event.success) read.events.push(event.data as StoredEvent);
    else wrong(`not a stored event: ${event.error.issues[0]?.message ?? ""}`);
  });
  return read;
}
