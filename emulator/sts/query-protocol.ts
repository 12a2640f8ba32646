import { AwsError } from "../aws-error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { HttpAnswer, Protocol } from "../json-protocol.ts";

/** What tells one service's AWS Query from another's. */
interface QueryService {
  /** As errors name it. */
  name: string;
  namespace: string;
  version: string;
  /** Lists of texts; the others are of structures. */
  textLists?: readonly string[];
}

/** AWS Query, as STS and IAM speak it: a form in, XML out. */
export function queryProtocolOf(service: QueryService): Protocol {
  const { namespace } = service;
  return {
    parse: (body) => parseForm(service, body),
    success: (operation, output, requestId) =>
      answer(
        200,
        `<${operation}Response xmlns="${namespace}"><${operation}Result>${xml(output)}</${operation}Result>` +
          `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
        requestId,
      ),
    failure: (error, requestId) =>
      answer(
        error.status,
        `<ErrorResponse xmlns="${namespace}">${xml({
          Error: {
            Type: error.status >= 500 ? "Receiver" : "Sender",
            Code: error.code,
            Message: error.message,
          },
          RequestId: requestId,
        })}</ErrorResponse>`,
        requestId,
      ),
    commonErrors: queryErrors,
  };
}

export const queryErrors: Protocol["commonErrors"] = {
  missingAuthorization: new AwsError(
    "MissingAuthenticationToken",
    "Request is missing Authentication Token",
    403,
  ),
  incompleteSignature: new AwsError(
    "IncompleteSignature",
    "The Authorization header is not a Signature Version 4",
  ),
  unknownKey: new AwsError(
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
    403,
  ),
  expired: new AwsError(
    "ExpiredToken",
    "The security token included in the request is expired",
    403,
  ),
  wrongSignature: (why) => new AwsError("SignatureDoesNotMatch", why, 403),
  internal: new AwsError("InternalFailure", "The emulator failed to process the request", 500),
};

export const queryProtocol = queryProtocolOf({
  name: "STS",
  namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  version: "2011-06-15",
});

/** The operation a form asks for; undefined where it asks for none, or for two. */
export function actionOf(body: Uint8Array): string | undefined {
  const actions = new URLSearchParams(Buffer.from(body).toString("utf8")).getAll("Action");
  return actions.length === 1 ? actions[0] : undefined;
}

/** `Tags.member.1.Key=team` → `{Tags: [{Key: "team"}]}`; `Action` and `Version` are left out. */
function parseForm(
  { name: service, version: own, textLists = [] }: QueryService,
  body: Uint8Array,
): JsonObject {
  const form = [...new URLSearchParams(Buffer.from(body).toString("utf8"))];
  const names = form.map(([name]) => name);
  if (new Set(names).size !== names.length) throw malformed("a parameter is given twice");
  const version = form.find(([name]) => name === "Version")?.[1];
  if (version !== own) {
    throw new AwsError("InvalidAction", `no version ${version ?? ""} of ${service}`);
  }

  const input = new Map<string, Json>();
  const lists = new Map<string, Map<number, Map<string, string>>>();
  for (const [name, value] of form) {
    if (name === "Action" || name === "Version") continue;
    const [list, member, index, field, ...rest] = name.split(".");
    if (member === undefined) {
      input.set(name, value);
      continue;
    }
    const valid = member === "member" && /^[1-9]\d{0,3}$/.test(index ?? "") && rest.length === 0;
    const ofTexts = list !== undefined && textLists.includes(list);
    if (!valid || list === undefined || (field === undefined) !== ofTexts) throw malformed(name);
    const items = lists.get(list) ?? new Map<number, Map<string, string>>();
    const item = items.get(Number(index)) ?? new Map<string, string>();
    lists.set(list, items.set(Number(index), item.set(field ?? "", value)));
  }
  for (const [name, items] of lists) {
    if (input.has(name)) throw malformed(name);
    const ordered = [...items].sort(([a], [b]) => a - b);
    input.set(
      name,
      ordered.map(([, fields]) =>
        textLists.includes(name) ? (fields.get("") ?? "") : Object.fromEntries(fields),
      ),
    );
  }
  return Object.fromEntries(input);
}

function malformed(what: string): AwsError {
  return new AwsError("MalformedQueryString", `The query cannot be read: ${what}`);
}

/** A value as XML; the items of a list each in an element of that name. */
export function xml(value: Json, item = "member"): string {
  if (Array.isArray(value)) {
    return value.map((one) => `<${item}>${xml(one, item)}</${item}>`).join("");
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => `<${name}>${xml(member, item)}</${name}>`)
      .join("");
  }
  // XML 1.0 has no form at all for most control characters, escaped or not.
  return String(value)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[<>&"'\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function answer(status: number, body: string, requestId: string): HttpAnswer {
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body,
  };
}
