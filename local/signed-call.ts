import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { region } from "./fleet.ts";
import type { Keys } from "./identities.ts";

/** SHA-256 in the form the signer takes. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #chunks: Uint8Array[] = [];
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = typeof secret === "string" || secret === undefined ? secret : bytesOf(secret);
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#chunks.push(typeof data === "string" ? Buffer.from(data) : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    const hash =
      this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
    for (const chunk of this.#chunks) hash.update(chunk);
    return hash.digest();
  }
  reset(): void {
    this.#chunks = [];
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

export interface Reply {
  status: number;
  body: { [member: string]: unknown };
}

/** One signed call of the API, as one of the local users. */
export async function callAs(
  api: string,
  keys: Keys,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Reply> {
  const url = new URL(path, api);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({
    service: "execute-api",
    region,
    credentials: keys,
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: {
      host: url.host,
      ...(text === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(text === undefined ? {} : { body: text }),
  });
  const { host: _, ...headers } = signed.headers;
  const response = await fetch(url, {
    method,
    headers,
    redirect: "error",
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, body: (await response.json()) as Reply["body"] };
}
