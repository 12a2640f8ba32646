import { Readable } from "node:stream";
import type { RequestHandler } from "../../adapters/aws-client.ts";
import { looked } from "./looks.ts";

/** One request as it would have gone onto the wire. */
export interface WireCall {
  /** The host, without a port. */
  host: string;
  operation: string;
  /** Parsed JSON, or the fields of a form. */
  input: { [member: string]: unknown };
  /** The access key it was signed with. */
  accessKeyId: string;
}

/** An answer to one request; a thrown error is a connection that failed. */
export type WireAnswer = { status: number; body: string; contentType?: string };

/**
 * The end of the SDK where the socket would begin: real clients, serializers, retries and signatures, and
 * answers from a function. `calls` are the wire attempts, in order.
 */
export function awsWire(answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>): {
  requestHandler: RequestHandler;
  calls: WireCall[];
} {
  const calls: WireCall[] = [];
  const requestHandler: RequestHandler = {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: unknown) {
      const { hostname, headers, body } = request as {
        hostname: string;
        headers: { [name: string]: string };
        body: unknown;
      };
      const call = readCall(hostname, headers, textOf(body));
      calls.push(call);
      const { status, body: text, contentType } = await answer(call);
      return {
        response: {
          statusCode: status,
          headers: { "content-type": contentType ?? "application/x-amz-json-1.1" },
          body: Readable.from([Buffer.from(text)]),
        },
      };
    },
  };
  return {
    requestHandler,
    get calls() {
      looked("wire");
      return calls;
    },
  };
}

function readCall(hostname: string, headers: { [name: string]: string }, body: string): WireCall {
  const target = headers["x-amz-target"];
  const accessKeyId = /Credential=([^/]+)\//.exec(headers["authorization"] ?? "")?.[1] ?? "";
  const host = hostname;
  if (target !== undefined) {
    const operation = target.split(".").at(-1) ?? "";
    return { host, operation, input: JSON.parse(body), accessKeyId };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return { host, operation: form["Action"] ?? "", input: form, accessKeyId };
}

/** The JSON services' bodies are bytes, STS's are text. */
function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (!(body instanceof Uint8Array)) throw new TypeError("neither text nor bytes");
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

export function json(value: unknown, status = 200): WireAnswer {
  return { status, body: JSON.stringify(value) };
}

/** An error as the JSON services answer it. */
export function awsError(name: string, message = "no", status = 400): WireAnswer {
  return json({ __type: name, message }, status);
}

/** STS's answer to AssumeRole; `n` tells one issue of credentials from the next. */
export function assumed(n: number, expiresAt: number): WireAnswer {
  return xml(
    200,
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
      `<AccessKeyId>ASIA${n}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>` +
      `<Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

/** An error as STS answers it. */
export function stsError(code: string, message = "no", status = 403): WireAnswer {
  return xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
      `<Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
}

function xml(status: number, body: string): WireAnswer {
  return { status, body, contentType: "text/xml" };
}
