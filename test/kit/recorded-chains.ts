import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readExport } from "../../cli/read-export.ts";
import type { StoredEvent } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { LOCK, locksOf } from "../../core/locks.ts";
import { statusAt } from "../../core/request-state.ts";
import { restoreFences } from "../../core/restored.ts";

/** What one version recorded, and what that version made of it. */
export interface RecordedChains {
  version: string;
  events: StoredEvent[];
  texts: Map<string, string>;
  made: Made;
}

export interface Made {
  /** The instant at which it was made, and the table it is in. */
  now: number;
  tableArn: string;
  /** Ids of requests that wait, are approved, and are in a session. */
  underWay: { pending: string; approved: string; open: string };
  requests: { [id: string]: unknown };
  locks: string[];
  fences: unknown;
}

const folder = fileURLToPath(new URL("../fixtures/chains/", import.meta.url));

/** Of every version, oldest first. */
export function recordedChains(): RecordedChains[] {
  return readdirSync(folder).map((version) => {
    const { events, texts } = readExport(readFileSync(`${folder}${version}/record.jsonl`, "utf8"));
    const made = JSON.parse(readFileSync(`${folder}${version}/made.json`, "utf8")) as Made;
    return { version, events, texts, made };
  });
}

/** What this version makes of a record. */
export function madeOf(
  events: readonly StoredEvent[],
  now: number,
): Pick<Made, "requests" | "locks" | "fences"> {
  const byChain = Map.groupBy(events, ({ chain }) => chain);
  const fences = restoreFences(byChain.get("CONF") ?? []);
  const requests: Made["requests"] = {};
  for (const [chain, stored] of byChain) {
    if (!chain.startsWith("REQ#")) continue;
    const id = chain.slice("REQ#".length);
    const state = foldRequest(id, stored, fences);
    requests[id] = {
      stage: state.stage,
      status: statusAt(state, now),
      kind: state.kind,
      requester: state.requester.person,
      under: state.configuration.seq,
      rules: state.rules.map((rule) => rule.id),
      digest: state.digest ?? null,
      command: state.exec?.command ?? null,
      grant: state.grant ?? null,
      decisions: state.decisions.map(({ person, decision, counts }) => ({
        person,
        decision,
        counts,
      })),
      attempts: state.attempts.map(({ attempt, state: stands, sessionId, end, expiresAt }) => ({
        attempt,
        state: stands,
        sessionId: sessionId ?? null,
        cause: end?.cause ?? null,
        expiresAt,
      })),
      extensions: state.extensions.map(({ number, stage }) => ({ number, stage })),
      review: state.breakGlass?.review?.verdict ?? null,
      outcome: state.outcome?.code ?? null,
    };
  }
  const locks = locksOf(byChain.get(LOCK)?.at(-1), []).locks.map(({ subject }) => subject.id);
  return { requests, locks, fences };
}
