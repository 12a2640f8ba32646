import { type Door, doorsOf, routeKeyOf, throughDoor } from "../../api/doors.ts";
import type { FunctionName, Route } from "../../api/routes.ts";
import type { Json } from "../../core/canonical-json.ts";
import { digestOf } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import { principalOf } from "../../core/principal.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import type { Call } from "../call.ts";
import type { CommonPorts } from "../ports.ts";
import { isOfRoute } from "./our-event.ts";
import { tokenCaller } from "./token-caller.ts";

/** API Gateway's HTTP API event, payload format 2.0, with an authorizer of IAM or of tokens; as far as it is used. */
export interface HttpEvent {
  version?: string;
  routeKey?: string;
  rawPath: string;
  rawQueryString?: string;
  headers: { [name: string]: string | undefined };
  body?: string | undefined;
  isBase64Encoded?: boolean;
  requestContext: {
    requestId: string;
    accountId?: string;
    apiId?: string;
    stage?: string;
    routeKey?: string;
    http: { method: string };
    authorizer?: { iam?: { [name: string]: unknown }; jwt?: unknown };
  };
}

const BODY_BYTES = 64 * 1024;
/** Rules and a directory of thousands of persons; API Gateway's own limit is 10 MB. */
const ACTIVATION_BYTES = 4 * 1024 * 1024;

/**
 * Reads what API Gateway delivered. Who is calling comes from the authorizer's context alone or, by a door of tokens,
 * from a token that is verified here again. Throws `route_not_found`, `identity_refused`, what `tokenCaller` throws,
 * `body_invalid`, `command_invalid`, `body_too_large` or `query_invalid`.
 */
export async function readCall(
  event: HttpEvent,
  self: FunctionName,
  ports: Pick<CommonPorts, "tokens" | "deployment">,
  deadline: number,
): Promise<{ route: Route; call: Call }> {
  const doors = doorsOf(ports.deployment.issuers.map(({ name }) => name));
  const found = throughDoor(doors, event.requestContext.http.method, event.rawPath);
  if (
    found === undefined ||
    found.route.function !== self ||
    !isOfRoute(event, routeKeyOf(found.door, found.route))
  ) {
    throw new SallyportError("route_not_found", "there is no such route", {
      hint: "see GET /v1/openapi.json",
    });
  }
  const caller = await callerBy(found.door, event, ports);
  const body = readBody(event, found.route);
  return {
    route: found.route,
    call: {
      parameters: found.parameters,
      query: readQuery(event.rawQueryString ?? ""),
      body,
      bodyHash: body === undefined ? "" : digestOf(body),
      idempotencyKey: readKey(event.headers),
      ...caller,
      call: event.requestContext.requestId,
      deadline,
    },
  };
}

/** Each door believes its own authorizer, and an event that has been through the other's is none of its. */
async function callerBy(
  door: Door,
  event: HttpEvent,
  ports: Pick<CommonPorts, "tokens" | "deployment">,
): Promise<Pick<Call, "principal" | "signIn">> {
  const { authorizer } = event.requestContext;
  // What is null is not there.
  const [iam, jwt] = [authorizer?.iam ?? undefined, authorizer?.jwt ?? undefined];
  if (door.kind === "token") {
    if (jwt === undefined || iam !== undefined) {
      throw new SallyportError("identity_refused", "the call was not authorized by a token", {
        hint: "send the token of this issuer, as `Authorization: Bearer …`; what is signed goes to /v1",
      });
    }
    return await tokenCaller(door, jwt, header(event.headers, "authorization"), ports);
  }
  if (iam === undefined || jwt !== undefined) {
    throw new SallyportError("identity_refused", "the call was not authorized by IAM", {
      hint: "sign the call with AWS's credentials; a token goes to /web/v1, or to /web/NAME/v1",
    });
  }
  const read = principalOf(iam);
  if (read.kind === "refused") throw new SallyportError("identity_refused", read.detail);
  return { principal: read.principal };
}

function header(headers: HttpEvent["headers"], name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function readBody(event: HttpEvent, route: Route): Json | undefined {
  if (route.method === "GET") return undefined;
  const raw = event.body ?? "";
  const limit = route.name === "createActivation" ? ACTIVATION_BYTES : BODY_BYTES;
  const bytes =
    event.isBase64Encoded === true ? Buffer.from(raw, "base64") : Buffer.from(raw, "utf8");
  if (bytes.length > limit)
    throw new SallyportError("body_too_large", `a body may take ${limit} bytes here`);
  if (bytes.length === 0) return {};
  const type = (header(event.headers, "content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new SallyportError("body_invalid", "the content type must be application/json", {
      hint: "send `content-type: application/json`",
    });
  }
  const parsed = parseStrictJson(utf8(bytes));
  if (parsed.kind === "invalid") {
    const { issues } = parsed;
    // A NUL or half a character in a command and nowhere else: the JSON is one, the command is none.
    if (issues.every((issue) => issue.pointer === "/command")) {
      throw new SallyportError("command_invalid", "the command is no text", { issues });
    }
    throw new SallyportError("body_invalid", "the body is not the JSON of one value", { issues });
  }
  return parsed.value;
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new SallyportError("body_invalid", "the body is not UTF-8", {}, error);
  }
}

/** Each name once: two readers of a repeated parameter would take different ones. */
function readQuery(raw: string): { [name: string]: string } {
  const query: { [name: string]: string } = Object.create(null);
  for (const [name, value] of new URLSearchParams(raw)) {
    if (name in query || name === "__proto__") {
      throw new SallyportError("query_invalid", "a query parameter stands twice", {
        issues: [{ pointer: `?${name}`, detail: "given more than once" }],
      });
    }
    query[name] = value;
  }
  return { ...query };
}

function readKey(headers: HttpEvent["headers"]): string | undefined {
  const key = header(headers, "idempotency-key");
  if (key !== undefined && !/^[\x21-\x7e]{1,128}$/.test(key)) {
    throw new SallyportError(
      "body_invalid",
      "Idempotency-Key takes 1 to 128 visible ASCII characters",
    );
  }
  return key;
}
