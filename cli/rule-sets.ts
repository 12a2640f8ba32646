import { storedEventListSchema } from "../api/record-schemas.ts";
import { configurationHash } from "../core/configuration-hash.ts";
import { SallyportError } from "../core/errors.ts";
import { readEvent, type StoredEvent } from "../core/event.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type Texts, takenRecord } from "../core/replay/record.ts";
import type { ApiClient } from "./api-client.ts";
import { collectTexts, textsNamed } from "./collect-texts.ts";
import { Failure } from "./failure.ts";
import { rulesToTry } from "./rules-to-try.ts";
import type { Bare } from "./start.ts";

/** Events and texts that were taken from a record. */
export interface Taken {
  events: StoredEvent[];
  texts: Texts;
}

/** Where activations are found: in what an export holds, or at the gateway. */
export type Activations = { kind: "export"; taken: Taken } | { kind: "gateway"; api: Api };
type Api = Pick<ApiClient, "call">;

const NUMBERED = /^seq:([1-9][0-9]{0,5})$/;

/** Whether these words name an activation, and no folder. */
export function isActivation(text: string): boolean {
  return text === "active" || NUMBERED.test(text);
}

/** The set that is named: a folder of rules, `active`, or `seq:N`. Throws Failure. */
export async function ruleSet(
  bare: Pick<Bare, "io" | "extras">,
  text: string,
  activations: Activations | undefined,
): Promise<Configuration> {
  if (!isActivation(text)) {
    try {
      return (await rulesToTry(bare, text)).configuration;
    } catch (error) {
      if (!(error instanceof Failure) || error.hints.length > 0) throw error;
      throw error.withHints(
        "it takes a folder of rules (*.cedar, a *.cedarschema and directory.json), `active` for the set in force, or `seq:N` for an activation",
      );
    }
  }
  if (activations === undefined) throw new Failure(`${text} is on no record that was named`);
  const number = NUMBERED.exec(text)?.[1];
  const taken =
    activations.kind === "export"
      ? activations.taken
      : await activationsAt(activations.api, [number ?? "active"]);
  const conf = taken.events.filter(({ chain }) => chain === "CONF");
  const stored =
    number === undefined
      ? conf.toSorted((a, b) => b.seq - a.seq)[0]
      : conf.find(({ seq }) => seq === Number(number));
  if (stored === undefined) throw new Failure(`the export holds no activation ${text}`);
  return fromRecord(() => {
    const event = readEvent(stored);
    if (event.kind !== "policy.activated" && event.kind !== "restore.fence")
      throw new Failure(`${text} is no activation`);
    const hash = configurationHash(event.data.texts);
    return takenRecord(conf, taken.texts).setOf({ seq: event.seq, hash });
  });
}

/** Activations by their numbers or as `active`, with their texts. Throws Failure. */
export async function activationsAt(api: Api, named: readonly string[]): Promise<Taken> {
  const events: StoredEvent[] = [];
  for (const one of named) {
    const list = await api.call("GET", "/v1/activations", {
      query: { seq: one },
      schema: storedEventListSchema,
    });
    events.push(...(list.items as StoredEvent[]));
  }
  const { texts } = await collectTexts(api, textsNamed(events));
  return { events, texts: new Map(texts.map(({ hash, text }) => [hash, text])) };
}

/** What does not verify is said as what it is. */
function fromRecord<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SallyportError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}
