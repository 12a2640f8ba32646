import { AwsError } from "./aws-error.ts";
import { isObject, type JsonObject } from "./json.ts";

export interface HttpAnswer {
  status: number;
  headers: { [name: string]: string };
  body: string;
}

/** How a service reads requests and writes answers, and what it calls the errors they all share. */
export interface Protocol {
  /** Throws AwsError for a body that cannot be read. */
  parse(body: Uint8Array): JsonObject;
  success(operation: string, output: JsonObject, requestId: string): HttpAnswer;
  failure(error: AwsError, requestId: string): HttpAnswer;
  commonErrors: {
    missingAuthorization: AwsError;
    incompleteSignature: AwsError;
    unknownKey: AwsError;
    expired: AwsError;
    wrongSignature(why: string): AwsError;
    internal: AwsError;
  };
}

/** AWS JSON 1.1, as ECS and SSM speak it. */
export const jsonProtocol: Protocol = {
  parse(body) {
    if (body.length === 0) return {};
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch {
      throw new AwsError("SerializationException", "The request body is not JSON");
    }
    if (!isObject(value)) {
      throw new AwsError("SerializationException", "The request body is not a JSON object");
    }
    return value as JsonObject; // an object that JSON.parse made holds JSON
  },
  success: (_operation, output, requestId) => answer(200, output, requestId),
  failure: (error, requestId) =>
    answer(error.status, { __type: error.code, message: error.message }, requestId),
  commonErrors: {
    missingAuthorization: new AwsError(
      "MissingAuthenticationTokenException",
      "Missing Authentication Token",
    ),
    incompleteSignature: new AwsError(
      "IncompleteSignatureException",
      "The Authorization header is not a Signature Version 4",
    ),
    unknownKey: new AwsError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    ),
    expired: new AwsError(
      "ExpiredTokenException",
      "The security token included in the request is expired",
    ),
    wrongSignature: (why) => new AwsError("InvalidSignatureException", why),
    internal: new AwsError("InternalFailure", "The emulator failed to process the request", 500),
  },
};

function answer(status: number, body: JsonObject, requestId: string): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId },
    body: JSON.stringify(body),
  };
}
