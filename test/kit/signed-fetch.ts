import { request as httpRequest } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../../local/signed-call.ts";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** One request as its sender wants it signed, and what is done to it on the way. */
export interface SignedCall {
  method: "GET" | "POST" | "DELETE";
  /** With the query. */
  path: string;
  body?: unknown;
  headers?: { [name: string]: string };
  /** Signed for another service, region or instant than the right one. */
  service?: string;
  region?: string;
  signedAt?: Date;
  /** Left out of the signature. */
  unsigned?: string[];
  /** Changes the signed request before it is sent; undefined as a header's value removes it. */
  tamper?: {
    body?: string;
    path?: string;
    headers?: { [name: string]: string | string[] | undefined };
  };
}

export interface Answer {
  status: number;
  headers: { [name: string]: string | string[] | undefined };
  text: string;
  json: unknown;
}

/**
 * Signs a request with AWS's own signer and sends it exactly so: `fetch` would not send a Host, an Origin
 * or a repeated header of ours.
 */
export async function signedFetch(api: string, keys: Keys, call: SignedCall): Promise<Answer> {
  const url = new URL(call.path, api);
  const body = call.body === undefined ? "" : JSON.stringify(call.body);
  const signer = new SignatureV4({
    service: call.service ?? "execute-api",
    region: call.region ?? "us-east-1",
    credentials: keys,
    sha256: Sha256,
  });
  const signed = await signer.sign(
    {
      method: call.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(
        [...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]),
      ),
      headers: {
        host: url.host,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers,
      },
      body,
    },
    {
      ...(call.signedAt === undefined ? {} : { signingDate: call.signedAt }),
      unsignableHeaders: new Set(call.unsigned ?? []),
    },
  );
  const { tamper = {} } = call;
  return await send(
    url,
    call.method,
    tamper.path ?? call.path,
    { ...signed.headers, ...tamper.headers },
    tamper.body ?? body,
  );
}

/** The same without a signature. */
export async function plainFetch(
  api: string,
  call: Pick<SignedCall, "method" | "path" | "body" | "headers">,
): Promise<Answer> {
  const url = new URL(call.path, api);
  const body = call.body === undefined ? "" : JSON.stringify(call.body);
  return await send(url, call.method, call.path, { host: url.host, ...call.headers }, body);
}

function send(
  url: URL,
  method: string,
  path: string,
  headers: { [name: string]: string | string[] | undefined },
  body: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const present = Object.entries(headers).filter(([, value]) => value !== undefined);
    const request = httpRequest(
      {
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: { "content-length": Buffer.byteLength(body), ...Object.fromEntries(present) },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: parsed(text),
          });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
