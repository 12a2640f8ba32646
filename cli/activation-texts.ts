import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { storedEventListSchema } from "../api/record-schemas.ts";
import type { RequestView } from "../api/response-schemas.ts";
import { readEvent, type StoredEvent } from "../core/event.ts";
import { textAt } from "./collect-texts.ts";
import type { Context } from "./context.ts";
import { Failure, usage } from "./failure.ts";

/** The hashes of a set's texts. */
interface Hashes {
  policies: string;
  schema: string;
  directory: string;
}

export interface WrittenSets {
  asked: string;
  inForce: string;
}

/**
 * Writes what an activation asks for beside what is in force, as two folders of rules in a new one: whoever is to
 * agree can compare them with whatever they like. Each text is that of its hash on the card, or nothing is
 * written. Throws Failure.
 */
export async function writeActivationTexts(
  { api, io }: Pick<Context, "api" | "io">,
  { id, card }: RequestView,
  folder: string,
): Promise<WrittenSets> {
  if (card?.kind !== "activate") throw usage("--texts: this request asks for no rules");
  const path = resolve(io.cwd, folder);
  const textOf = (hash: string): Promise<string> => textAt(api, { hash, request: id });
  const filesOf = async ({ policies, schema, directory }: Hashes) =>
    Object.entries({
      "policies.cedar": await textOf(policies),
      "schema.cedarschema": await textOf(schema),
      "directory.json": await textOf(directory),
    });
  const sets = {
    asked: { path: join(path, "asked"), files: await filesOf(card) },
    inForce: { path: join(path, "in-force"), files: await filesOf(await hashesInForce(api, id)) },
  };
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw usage(`${path} exists already`, "name a folder that is to be made");
    throw new Failure(`${path} cannot be made: ${code ?? ""}`, { cause: error });
  });
  for (const set of Object.values(sets)) {
    await mkdir(set.path, { mode: 0o700 });
    for (const [name, text] of set.files) {
      await writeFile(join(set.path, name), text, { flag: "wx", mode: 0o600 });
    }
  }
  return { asked: sets.asked.path, inForce: sets.inForce.path };
}

async function hashesInForce(api: Context["api"], request: string): Promise<Hashes> {
  const { items } = await api.call("GET", "/v1/activations", {
    query: { seq: "active", request },
    schema: storedEventListSchema,
  });
  const [stored] = items;
  const event = stored === undefined ? undefined : readEvent(stored as StoredEvent);
  if (event?.kind !== "policy.activated" && event?.kind !== "restore.fence")
    throw new Failure("the gateway names no rules in force");
  return event.data.texts;
}
