import { sha256Hex } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import {
  type Circumstances,
  emptyTail,
  nextEvent,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "../../core/event.ts";
import type { Defect } from "../../core/policy-engine.ts";
import { proposedDirectory } from "../../core/propose.ts";
import type { RequestState } from "../../core/request-state.ts";
import { fencesAfter } from "../../core/restored.ts";
import { CONF } from "../activated.ts";
import type { DecidePorts } from "../ports.ts";

export interface Texts {
  policies: string;
  schema: string;
  directory: string;
}

/** The hashes by which an activation names its texts, and the engine it was checked by. */
export interface TextHashes extends Texts {
  engine: string;
}

export function textHashes(texts: Texts, engine: string): TextHashes {
  return {
    policies: sha256Hex(texts.policies),
    schema: sha256Hex(texts.schema),
    directory: sha256Hex(texts.directory),
    engine,
  };
}

/** Throws `activation_invalid`, naming everything that keeps the set from being activated. */
export function checkSet(ports: Pick<DecidePorts, "policy">, texts: Texts): void {
  const defects: Defect[] = ports.policy.check(texts);
  if (defects.length === 0) return;
  throw new SallyportError(
    "activation_invalid",
    `${defects.length} defect(s) keep this set from being activated`,
    {
      issues: defects.map(({ where, detail }) => ({ pointer: `/${where}`, detail })),
      hint: "`sallyport policy check DIR` finds the same without asking anybody",
    },
  );
}

/** Stores the texts under their hashes: they are there before any event names them. */
export async function storeTexts(ports: DecidePorts, texts: Texts): Promise<void> {
  await Promise.all(
    [texts.policies, texts.schema, texts.directory].map((text) =>
      ports.events.putText(sha256Hex(text), text),
    ),
  );
}

/** The texts of hashes that an event named. Throws `record_corrupt` when one is missing. */
async function loadTexts(ports: Pick<DecidePorts, "events">, hashes: Texts): Promise<Texts> {
  const [policies, schema, directory] = await Promise.all(
    [hashes.policies, hashes.schema, hashes.directory].map((hash) => ports.events.getText(hash)),
  );
  if (policies === undefined || schema === undefined || directory === undefined) {
    throw new SallyportError("record_corrupt", "a text of the set is missing");
  }
  return { policies, schema, directory };
}

/** Checks a set once more, right before it comes into force: the engine may be another than when it was asked. */
export async function checkTexts(ports: DecidePorts, hashes: TextHashes): Promise<void> {
  if (hashes.engine !== ports.policy.version) {
    throw new SallyportError(
      "activation_invalid",
      "the set was asked under another version of the engine",
      {
        hint: "ask again: `sallyport policy activate DIR`",
      },
    );
  }
  checkSet(ports, await loadTexts(ports, hashes));
}

/** The event on CONF by which a request puts its set in force; see `confEvent`. */
export async function activatedEvent(
  ports: DecidePorts,
  state: Pick<RequestState, "id" | "activation" | "reason">,
  by: Circumstances,
): Promise<StoredEvent | undefined> {
  const hashes = state.activation?.texts;
  if (hashes === undefined) throw new TypeError("no activation to put in force");
  return await confEvent(ports, hashes, state.id, state.reason ?? "", by);
}

/**
 * The event on CONF that puts a set in force, right after the set under which that was decided; undefined
 * when another came into force since. Throws `activation_invalid`, `record_corrupt`.
 */
export async function confEvent(
  ports: DecidePorts,
  hashes: TextHashes,
  request: string | null,
  reason: string,
  by: Circumstances,
): Promise<StoredEvent | undefined> {
  const tip = await ports.events.tip(CONF);
  // The put stands in for the fence on CONF, so it must be the number after the one that was decided on.
  if ((tip?.seq ?? 0) !== by.configuration.seq) return undefined;
  const texts = await loadTexts(ports, hashes);
  proposedDirectory(texts.directory);
  const fences = tip === undefined ? [] : fencesAfter(readEvent(tip));
  const before =
    tip === undefined ? emptyTail(CONF) : tailAfter({ ...emptyTail(CONF), seq: tip.seq - 1 }, tip);
  return nextEvent(
    before,
    {
      kind: "policy.activated",
      data: {
        texts: hashes,
        tableArn: ports.events.tableArn,
        request,
        rules: ports.policy.rulesOf(texts),
        ...(fences.length === 0 ? {} : { fences }),
      },
      values: { reason },
    },
    by,
  );
}
