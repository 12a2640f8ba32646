import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { SignatureV4 } from "@smithy/signature-v4";
import { readEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import { CONF } from "../lambdas/activated.ts";
import { type Texts, textHashes } from "../lambdas/decide/activation.ts";
import { region } from "./fleet.ts";
import type { Keys } from "./identities.ts";
import { localProblem } from "./problem.ts";

const folder = new URL("../policies/", import.meta.url);

/** The rules of this checkout: every `.cedar` file, in the order of their names. */
function rulesHere(): Texts {
  return {
    policies: readdirSync(folder)
      .filter((name) => name.endsWith(".cedar"))
      .toSorted()
      .map((name) => readFileSync(new URL(name, folder), "utf8"))
      .join("\n"),
    schema: readFileSync(new URL("sallyport.cedarschema", folder), "utf8"),
    directory: readFileSync(new URL("directory.json", folder), "utf8"),
  };
}

/**
 * Puts `policies/` in force on a record that has no rules yet, through the API, as its bootstrap person.
 * Where rules are in force nothing is changed, for that takes two people; answers what to say of it.
 */
export async function seedRules(options: {
  api: string;
  operator: Keys;
  events: EventStore;
  engineVersion: string;
}): Promise<"activated" | "same" | "differs"> {
  const texts = rulesHere();
  const tip = await options.events.tip(CONF);
  if (tip !== undefined) {
    const event = readEvent(tip);
    if (event.kind !== "policy.activated") return "differs";
    const here = textHashes(texts, options.engineVersion);
    const { policies, schema, directory } = event.data.texts;
    const same =
      policies === here.policies && schema === here.schema && directory === here.directory;
    return same ? "same" : "differs";
  }
  const answer = await post(
    new URL("/v1/activations", options.api),
    JSON.stringify({ ...texts, reason: "first start of the local gateway" }),
    options.operator,
  );
  if (answer.status !== 200) {
    throw localProblem(
      `policies/ cannot be put in force: ${(await answer.text()).slice(0, 2_000)}`,
      "`sallyport policy check policies` says what is wrong with them",
    );
  }
  return "activated";
}

async function post(url: URL, body: string, credentials: Keys): Promise<Response> {
  const signer = new SignatureV4({ service: "execute-api", region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: {},
    headers: { host: url.host, "content-type": "application/json" },
    body,
  });
  return await fetch(url, { method: "POST", headers, body, redirect: "error" });
}

type Data = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 by Node, in the form the signer asks for: an HMAC where a key is given. */
class Sha256 {
  readonly #hash;

  constructor(secret?: Data) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
