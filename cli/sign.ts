import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "./credentials.ts";

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 and its HMAC in the shape the signer wants, over Node's own. */
class NodeSha256 {
  readonly #secret: Uint8Array | string | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: Bytes) {
    this.#secret = secret === undefined ? undefined : asBytes(secret);
    this.#hash = this.#fresh();
  }

  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }

  update(chunk: Bytes): void {
    this.#hash.update(asBytes(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#fresh();
  }
}

function asBytes(data: Bytes): Uint8Array | string {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

export interface UnsignedCall {
  method: "GET" | "POST" | "DELETE";
  url: URL;
  query: { [name: string]: string };
  /** Lower-case names; `host` and the signature's own are added. */
  headers: { [name: string]: string };
  body: string | undefined;
}

/**
 * Signs a call with AWS Signature Version 4 for API Gateway (`execute-api`): method, host, path, query,
 * body and all given headers. Answers the headers to send.
 */
export async function signedHeaders(
  call: UnsignedCall,
  credentials: AwsCredentials,
  region: string,
  now: Date,
): Promise<{ [name: string]: string }> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: "execute-api",
    region,
    sha256: NodeSha256,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  });
  const signed = await signer.sign(
    {
      method: call.method,
      protocol: call.url.protocol,
      hostname: call.url.hostname,
      path: call.url.pathname,
      query: call.query,
      headers: { ...call.headers, host: call.url.host },
      ...(call.body === undefined ? {} : { body: call.body }),
    },
    { signingDate: now },
  );
  return signed.headers;
}

/** A query as it is signed and sent: names sorted, encoded as RFC 3986 has it. */
export function queryText(query: { [name: string]: string }): string {
  return Object.keys(query)
    .toSorted()
    .map((name) => `${encode(name)}=${encode(query[name] ?? "")}`)
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
