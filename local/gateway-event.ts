import type { SignedRequest } from "../emulator/sigv4.ts";

/** Who signed, as IAM told the authorizer. */
export interface Caller {
  accessKeyId: string;
  account: string;
  userArn: string;
  userId: string;
}

/** What one authorizer or the other says, and never both. */
export type Authorized =
  | { iam: Caller }
  | { jwt: { claims: { [claim: string]: string }; scopes: string[] | null } };

export interface Delivery {
  request: SignedRequest;
  authorizer: Authorized;
  /** The API's own. */
  account: string;
  routeKey: string;
  parameters: { [name: string]: string };
  apiId: string;
  requestId: string;
  sourceIp: string;
  /** Epoch milliseconds. */
  at: number;
}

/**
 * The event a function is given for one request: API Gateway's HTTP API, payload format 2.0, with an
 * authorizer of IAM or of tokens. Names of headers are in lower case and repeats joined, the path is as it was sent.
 */
export function gatewayEvent(delivery: Delivery) {
  const { request, authorizer, account, routeKey, parameters, apiId, requestId, sourceIp, at } =
    delivery;
  const headers = joined(request.headers);
  const query = joined([...new URLSearchParams(request.rawQuery)]);
  return {
    version: "2.0",
    routeKey,
    rawPath: request.rawPath,
    rawQueryString: request.rawQuery,
    headers,
    ...(request.rawQuery === "" ? {} : { queryStringParameters: query }),
    ...(Object.keys(parameters).length === 0 ? {} : { pathParameters: parameters }),
    ...bodyOf(request.body, headers["content-type"] ?? ""),
    requestContext: {
      accountId: account,
      apiId,
      authorizer: "iam" in authorizer ? { iam: iamContext(authorizer.iam) } : authorizer,
      domainName: headers["host"] ?? "",
      domainPrefix: apiId,
      http: {
        method: request.method,
        path: request.rawPath,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey,
      stage: "$default",
      time: commonLogTime(at),
      timeEpoch: at,
    },
  };
}

function iamContext(caller: Caller) {
  return {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    callerId: caller.userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.userArn,
    userId: caller.userId,
  };
}

function joined(pairs: readonly (readonly [string, string])[]): { [name: string]: string } {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

/** Text as text, anything else in base64: the function gets exactly the bytes that were signed. */
function bodyOf(body: Uint8Array, type: string): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const bytes = Buffer.from(body);
  const text = bytes.toString("utf8");
  const isText = /^(?:text\/|application\/(?:json|xml|javascript)\b)/i.test(type);
  return isText && Buffer.from(text, "utf8").equals(bytes)
    ? { body: text, isBase64Encoded: false }
    : { body: bytes.toString("base64"), isBase64Encoded: true };
}

/** `24/Nov/2026:08:20:21 +0000` */
function commonLogTime(at: number): string {
  const [, day, month, year, time] =
    /, (\d+) (\w+) (\d+) (\S+) GMT/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
