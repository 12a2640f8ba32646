import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AwsError } from "./aws-error.ts";
import { type MadeCall, recordsOf } from "./cloud-trail/record.ts";
import type { WrittenTrail } from "./cloud-trail/trail.ts";
import type { Fault, Faults } from "./faults.ts";
import { headerPairs, readBody } from "./http-message.ts";
import { isObject, type JsonObject, mergePatch } from "./json.ts";
import type { HttpAnswer, Protocol } from "./json-protocol.ts";
import { jsonProtocol } from "./json-protocol.ts";
import { listenOnLoopback, whyNotLocal } from "./loopback.ts";
import { type Service, services } from "./operations.ts";
import type { Places } from "./places.ts";
import type { Principal } from "./principal.ts";
import {
  claimedAccessKeyId,
  claimedRegion,
  type SignatureRefusal,
  verifySignature,
} from "./sigv4.ts";
import { actionOf } from "./sts/query-protocol.ts";
import type { Throttle } from "./throttle.ts";
import { recordCall, type WireCall } from "./wire-call.ts";
import type { World } from "./world.ts";

export interface AwsApi {
  readonly port: number;
  close(): Promise<void>;
}

export interface AwsApiOptions {
  port: number;
  places: Places;
  faults: Faults;
  calls: WireCall[];
  throttle: Throttle;
  trail: WrittenTrail;
  /** A defect of the emulator, which the caller only sees as InternalFailure. */
  defect(error: unknown): void;
}

const MAX_BODY_BYTES = 1_048_576;

/**
 * The one port on which ECS, SSM, STS, IAM and EC2 answer, told apart as AWS's own clients address them: by
 * `X-Amz-Target`, or else by the form's `Action`. Order: who may connect at all, the body, faults set
 * by tests, the signature, the input, IAM, the operation.
 */
export async function startAwsApi(options: AwsApiOptions): Promise<AwsApi> {
  let port = 0;
  const server: Server = createServer((request, response) => {
    request.on("error", () => undefined); // the client went away in the middle
    const refusal = whyNotLocal(request, port, { sameOrigin: false });
    if (refusal !== undefined) return refuse(response, 403, refusal);
    if (request.method !== "POST" || request.url !== "/") {
      return refuse(response, 404, "AWS clients send POST /");
    }
    serve(request, response, options).catch((error: unknown) => {
      options.defect(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "internal failure");
    });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  port = await listenOnLoopback(server, options.port);
  return {
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections(); // among them those that a fault left hanging
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: AwsApiOptions,
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) return refuse(response, 413, "request body over 1 MiB");
  const headers = headerPairs(request);
  const { service, operation } = addressed(headers, body);
  const protocol = service?.protocol ?? jsonProtocol;
  const requestId = randomUUID();
  const call = recordCall(options.calls, {
    service: service?.name ?? "unknown",
    operation,
    input: readable(protocol, body),
    principal: "",
    accessKeyId: claimedAccessKeyId(headers),
    region: claimedRegion(headers),
    at: options.places.home.now(),
    status: 0,
  });
  const send = (answer: HttpAnswer): void => {
    call.status = answer.status;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const fail = (error: AwsError): void => {
    call.errorCode = error.code;
    send(protocol.failure(error, requestId));
  };

  const fault = options.faults.take(operation);
  switch (fault?.kind) {
    case "error":
      return fail(new AwsError(fault.code, fault.message ?? "injected", fault.status));
    case "status":
      return send({ status: fault.status, headers: {}, body: "" });
    case "reset":
      return void request.socket.resetAndDestroy();
    case "hang":
      return;
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      break;
    // These strike after the call has had its effect, or none is set.
    case "lie":
    case "applied-then-reset":
    case "applied-then-hang":
    case undefined:
      break;
  }

  let output: JsonObject;
  // Of who cannot be told from anybody else, no account's trail has anything.
  let record = (_outcome: MadeCall["outcome"]): void => undefined;
  try {
    const world = worldFor(service, call.region, options.places);
    const principal = authenticate(service, protocol, request, headers, body, world);
    call.principal = principal.arn;
    const own = options.places.worldOf(principal.account, world.region) ?? world;
    record = (outcome) =>
      options.trail.write(
        recordsOf(madeCall(request, call, principal, own, { outcome, requestId })),
      );
    options.throttle.take(`${principal.account}/${world.region}`, operation);
    const run = service?.operations.get(operation);
    if (run === undefined) throw new AwsError("UnknownOperationException", `no ${operation} here`);
    output = run(own, principal, protocol.parse(body));
  } catch (error) {
    noteSession(call, call.input);
    if (error instanceof AwsError) {
      record({ error });
      return fail(error);
    }
    options.defect(error);
    return fail(protocol.commonErrors.internal);
  }
  noteSession(call, call.input);
  noteSession(call, output);
  record({ output });
  answer(
    fault,
    () => send(protocol.success(operation, applyLie(output, fault), requestId)),
    request,
  );
}

/** The call as its account's trail has it. */
function madeCall(
  { socket, headers }: IncomingMessage,
  { service, operation, input, at, sessionId = "" }: WireCall,
  principal: Principal,
  { account, region, sessions }: World,
  came: Pick<MadeCall, "outcome" | "requestId">,
): MadeCall {
  const target = operation === "ExecuteCommand" ? sessions.get(sessionId)?.target : undefined;
  return {
    service,
    operation,
    input,
    at,
    principal,
    account,
    region,
    ...came,
    sourceIp: socket.remoteAddress ?? "127.0.0.1",
    userAgent: headers["user-agent"] ?? "",
    ...(target === undefined ? {} : { target }),
  };
}

/** Sends the answer, unless a fault loses it: what it answers has happened all the same. */
function answer(fault: Fault | undefined, send: () => void, request: IncomingMessage): void {
  if (fault?.kind === "applied-then-reset") request.socket.resetAndDestroy();
  else if (fault?.kind !== "applied-then-hang") send();
}

function applyLie(output: JsonObject, fault: Fault | undefined): JsonObject {
  const changed = fault?.kind === "lie" ? mergePatch(output, fault.merge) : output;
  return isObject(changed) ? (changed as JsonObject) : output;
}

/**
 * Where a request is to be verified: on one port, only its signature's scope tells which region's endpoint it was
 * sent to. STS is asked at home, and a region that is none is refused there as another's scope.
 */
function worldFor(service: Service | undefined, region: string, places: Places): World {
  const { home, regions } = places;
  const isElsewhere = service?.name !== "sts" && regions.has(region);
  return (isElsewhere ? places.worldOf(home.account, region) : undefined) ?? home;
}

/** Who signed the request. Throws the protocol's own errors. */
function authenticate(
  service: Service | undefined,
  protocol: Protocol,
  request: IncomingMessage,
  headers: [string, string][],
  body: Uint8Array,
  { region, credentials, now }: World,
): Principal {
  if (service === undefined) {
    throw new AwsError("UnknownOperationException", "no service of this emulator is addressed");
  }
  const verdict = verifySignature(
    { method: request.method ?? "", rawPath: "/", rawQuery: "", headers, body },
    (accessKeyId) => credentials.secretOf(accessKeyId),
    new Date(now()),
    { service: service.name, region, requiredSignedHeaders: ["host"] },
  );
  if (!verdict.ok) throw refusalError(protocol, verdict.why);
  const principal = credentials.principalOf(verdict.accessKeyId);
  if (principal === undefined) throw protocol.commonErrors.unknownKey;
  if (principal.expiresAt !== undefined && principal.expiresAt <= now()) {
    throw protocol.commonErrors.expired;
  }
  return principal;
}

function refusalError({ commonErrors }: Protocol, why: SignatureRefusal): AwsError {
  switch (why) {
    case "missing_authorization":
      return commonErrors.missingAuthorization;
    case "malformed_authorization":
    case "malformed_date":
    case "repeated_header":
      return commonErrors.incompleteSignature;
    case "unknown_key":
    case "wrong_token":
      return commonErrors.unknownKey;
    case "stale_date":
      return commonErrors.wrongSignature(
        "Signature expired: the request is more than 5 minutes old or early",
      );
    case "wrong_scope":
      return commonErrors.wrongSignature("Credential should be scoped to this service and region.");
    case "unsigned_header":
      return commonErrors.wrongSignature("Host and every X-Amz-* header must be signed");
    case "changed_body":
    case "wrong_signature":
      return commonErrors.wrongSignature(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
      );
  }
}

function addressed(
  headers: [string, string][],
  body: Uint8Array,
): { service: Service | undefined; operation: string } {
  const target = headers.find(([name]) => name === "x-amz-target")?.[1];
  if (target === undefined) {
    const operation = actionOf(body);
    if (operation === undefined) return { service: undefined, operation: "" };
    const forms = services.filter((other) => other.target === undefined);
    // An action that none of them has is answered by the first, STS, in its own form.
    return { service: forms.find((one) => one.operations.has(operation)) ?? forms[0], operation };
  }
  const dot = target.lastIndexOf(".");
  const service = services.find((other) => other.target === target.slice(0, Math.max(dot, 0)));
  return { service, operation: target.slice(dot + 1) };
}

/** The input for the list of calls: what the operation itself will say of it is another matter. */
function readable(protocol: Protocol, body: Uint8Array): JsonObject {
  try {
    return protocol.parse(body);
  } catch {
    return {};
  }
}

function noteSession(call: WireCall, members: JsonObject): void {
  const session = members["session"];
  const id = isObject(session) ? session["sessionId"] : members["SessionId"];
  if (typeof id === "string") call.sessionId = id;
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${why}\n`);
}
