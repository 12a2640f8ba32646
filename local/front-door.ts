import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type Door, doorsOf, routeKeyOf, throughDoor } from "../api/doors.ts";
import type { FunctionName } from "../api/routes.ts";
import type { Issuer } from "../core/token.ts";
import { headerPairs, readBody } from "../emulator/http-message.ts";
import { authorizeToken } from "../emulator/jwt-authorizer.ts";
import { listenOnLoopback, whyNotLocal } from "../emulator/loopback.ts";
import { type SignedRequest, type SigningSecret, verifySignature } from "../emulator/sigv4.ts";
import type { HttpFunction } from "../lambdas/chain/http-function.ts";
import type { Log } from "../lambdas/log.ts";
import type { WrittenCall } from "./access-log.ts";
import { account, apiId } from "./fleet.ts";
import { type Authorized, type Caller, gatewayEvent } from "./gateway-event.ts";

export interface FrontDoorOptions {
  /** 0 takes any free one. Binds 127.0.0.1 only. */
  port: number;
  region: string;
  functions: { [name in FunctionName]: HttpFunction };
  secretOf(accessKeyId: string): SigningSecret | undefined;
  callerOf(accessKeyId: string): Caller | undefined;
  /** Whose tokens are let through, each by a door of its own. */
  issuers?: readonly Issuer[];
  random: (n: number) => Uint8Array;
  now: () => number;
  log: Log;
  /** What is written of each call that came to a function: by whom, and what it was answered. */
  access?(at: number, call: WrittenCall): void;
  /** How long a function may take before the caller is told that it took too long. */
  integrationTimeoutMs?: number;
}

export interface FrontDoor {
  port: number;
  /** Takes no more calls, waits a little for those under way, and ends. */
  close(): Promise<void>;
}

/** API Gateway's own limits: what a body may take, how long it waits, what its functions are given. */
const BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_MS = 30_000;
const FUNCTION_MARGIN_MS = 1_000;
const CLOSING_MS = 3_000;

/**
 * An HTTP API of API Gateway, on one machine: every route with IAM authorization and, for each issuer, with a JWT
 * authorizer. What the gateway says for itself, before any function is asked, it says in API Gateway's words: 404 for
 * no such route, 403 for a signature that is not right or a browser, 401 for a token, 413, 500 where a function failed,
 * 503 where it took too long. No reason is given with a 401 or 403, as there; it is in the log.
 */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const underWay = new Set<Promise<void>>();
  let port = 0;
  const server = createServer((request, response) => {
    request.on("error", () => undefined); // the client went away in the middle
    const served = serve(request, response, port, options).catch((error: unknown) => {
      options.log.error("the front door failed", {}, error);
      if (response.headersSent) response.destroy();
      else say(response, 500, "Internal Server Error", "");
    });
    underWay.add(served);
    void served.finally(() => underWay.delete(served));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  port = await listenOnLoopback(server, options.port);
  return {
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const patience = new AbortController();
      await Promise.race([
        Promise.allSettled(underWay),
        sleep(CLOSING_MS, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  port: number,
  options: FrontDoorOptions,
): Promise<void> {
  const at = options.now();
  const requestId = Buffer.from(options.random(12)).toString("base64url");
  const refuse = (status: number, text: string, why: string): void => {
    options.log.info(`refused: ${why}`, { function: "front-door", call: requestId, status });
    message.resume();
    say(response, status, text, requestId);
  };

  const foreign = whyNotLocal(message, port, { sameOrigin: false });
  if (foreign !== undefined) return refuse(403, "Forbidden", foreign);
  const [rawPath = "", ...rest] = (message.url ?? "").split("?");
  const method = message.method ?? "";
  const issuers = options.issuers ?? [];
  const doors = doorsOf(issuers.map(({ name }) => name));
  const matched = throughDoor(doors, method, rawPath);
  if (matched === undefined) return refuse(404, "Not Found", "no such route");
  // A body that says it is too large is not read at all.
  const tooLarge = Number(message.headers["content-length"] ?? 0) > BODY_BYTES;
  const body = tooLarge ? undefined : await readBody(message, BODY_BYTES);
  if (body === undefined) return refuse(413, "Request Entity Too Large", "body over 10 MiB");

  const request: SignedRequest = {
    method,
    rawPath,
    rawQuery: rest.join("?"),
    headers: headerPairs(message),
    body,
  };
  const verdict = await authorized(matched.door, request, at, options);
  if (!verdict.ok) {
    return refuse(
      verdict.status,
      verdict.status === 401 ? "Unauthorized" : "Forbidden",
      verdict.why,
    );
  }

  const event = gatewayEvent({
    request,
    authorizer: verdict.authorizer,
    account,
    routeKey: routeKeyOf(matched.door, matched.route),
    parameters: matched.parameters,
    apiId,
    requestId,
    sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
    at,
  });
  const answer = await invoke(options.functions[matched.route.function], event, options, requestId);
  const statuses = { failed: 500, late: 503 };
  options.access?.(at, {
    requestId,
    route: event.routeKey,
    path: rawPath,
    status: answer.kind === "answered" ? (answer.result.statusCode ?? 200) : statuses[answer.kind],
    authorizer: verdict.authorizer,
  });
  switch (answer.kind) {
    case "answered":
      return write(response, answer.result, requestId);
    case "failed":
      return say(response, 500, "Internal Server Error", requestId);
    case "late":
      return say(response, 503, "Service Unavailable", requestId);
  }
}

type Verdict = { ok: true; authorizer: Authorized } | { ok: false; status: 401 | 403; why: string };

/** What the authorizer of a door says of a request. */
async function authorized(
  door: Door,
  request: SignedRequest,
  at: number,
  options: FrontDoorOptions,
): Promise<Verdict> {
  if (door.kind === "token") {
    const issuer = options.issuers?.find(({ name }) => name === door.issuer);
    if (issuer === undefined) throw new TypeError(`no issuer ${door.issuer}`);
    const scopes = issuer.scope === undefined ? [] : [issuer.scope];
    const headers = request.headers.flatMap(([name, value]) =>
      name === "authorization" ? [value] : [],
    );
    const verdict = await authorizeToken(headers.join(","), { ...issuer, scopes }, at);
    return verdict.ok ? { ok: true, authorizer: { jwt: verdict.jwt } } : verdict;
  }
  const verdict = verifySignature(request, (id) => options.secretOf(id), new Date(at), {
    service: "execute-api",
    region: options.region,
    requiredSignedHeaders: ["host"],
  });
  if (!verdict.ok) return { ok: false, status: 403, why: verdict.why };
  const caller = options.callerOf(verdict.accessKeyId);
  return caller === undefined
    ? { ok: false, status: 403, why: "nobody's key" }
    : { ok: true, authorizer: { iam: caller } };
}

type Invoked =
  | { kind: "answered"; result: APIGatewayProxyStructuredResultV2 }
  | { kind: "failed" }
  | { kind: "late" };

/** Asks the function, and waits no longer than API Gateway does. A late one goes on, as it does there. */
async function invoke(
  run: HttpFunction,
  event: ReturnType<typeof gatewayEvent>,
  options: FrontDoorOptions,
  requestId: string,
): Promise<Invoked> {
  const timeout = options.integrationTimeoutMs ?? INTEGRATION_MS;
  const began = performance.now();
  const patience = new AbortController();
  const context = {
    getRemainingTimeInMillis: () =>
      Math.max(0, timeout - FUNCTION_MARGIN_MS - (performance.now() - began)),
  };
  const answered = run(event, context).then(
    (result): Invoked => ({ kind: "answered", result }),
    (error: unknown): Invoked => {
      options.log.error("a function failed", { call: requestId }, error);
      return { kind: "failed" };
    },
  );
  const late = sleep(timeout, undefined, { signal: patience.signal }).then(
    (): Invoked => ({ kind: "late" }),
    (): Invoked => ({ kind: "late" }),
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    patience.abort();
  }
}

function write(
  response: ServerResponse,
  result: APIGatewayProxyStructuredResultV2,
  requestId: string,
): void {
  const body = Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8");
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [
    name,
    String(value),
  ]);
  response.writeHead(result.statusCode ?? 200, {
    ...Object.fromEntries(headers),
    "apigw-requestid": requestId,
    "content-length": body.length,
  });
  response.end(body);
}

/** What API Gateway answers of its own. */
function say(response: ServerResponse, status: number, message: string, requestId: string): void {
  const body = JSON.stringify({ message });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "apigw-requestid": requestId,
    ...(status === 413 ? { connection: "close" } : {}),
  });
  response.end(body);
}
