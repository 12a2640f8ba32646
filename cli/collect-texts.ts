import { storedTextSchema } from "../api/record-schemas.ts";
import { sha256Hex } from "../core/digest.ts";
import { readEvent, type StoredEvent } from "../core/event.ts";
import type { ApiClient } from "./api-client.ts";
import { Failure } from "./failure.ts";

/** A line of an export beside the events: a text of a set, by its SHA-256. */
export interface TextLine {
  hash: string;
  text: string;
}

/** Hashes of the texts that events name: of sets that came into force, and of those that were asked for. */
export function textsNamed(events: readonly StoredEvent[]): string[] {
  const hashes = new Set<string>();
  for (const stored of events) {
    if (stored.family !== "configured" && stored.family !== "restored") continue;
    for (const hash of textsOf(stored)) hashes.add(hash);
  }
  return [...hashes].toSorted();
}

function textsOf(stored: StoredEvent): string[] {
  try {
    const event = readEvent(stored);
    if (!("texts" in event.data)) return [];
    const { policies, schema, directory } = event.data.texts;
    return [policies, schema, directory];
  } catch {
    return []; // whoever verifies is told of it
  }
}

/**
 * The texts of hashes, verified, and the hashes of which the record has none. Throws Failure where the gateway
 * answers another text than that of the hash.
 */
export async function collectTexts(
  api: Pick<ApiClient, "call">,
  hashes: readonly string[],
  progress: (done: number) => void = () => {},
): Promise<{ texts: TextLine[]; missing: string[] }> {
  const texts: TextLine[] = [];
  const missing: string[] = [];
  for (const [i, hash] of hashes.entries()) {
    progress(i);
    try {
      texts.push({ hash, text: await textAt(api, { hash }) });
    } catch (error) {
      if (!(error instanceof Failure) || error.problem?.code !== "not_on_record") throw error;
      missing.push(hash);
    }
  }
  return { texts, missing };
}

/** The text of a hash, verified; by `request`, for who could agree to that activation. Throws Failure. */
export async function textAt(
  api: Pick<ApiClient, "call">,
  query: { hash: string; request?: string },
): Promise<string> {
  const { text } = await api.call("GET", "/v1/texts", { query, schema: storedTextSchema });
  if (sha256Hex(text) !== query.hash) throw new Failure(`the gateway's text is not ${query.hash}`);
  return text;
}
