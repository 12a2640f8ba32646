import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type Problem, type ProblemDocument, problems, problemType } from "../../api/problems.ts";
import { SallyportError } from "../../core/errors.ts";

/** On every answer: nothing of this API may be kept by anything between us and the caller. */
const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** A JSON answer. */
export function jsonAnswer(status: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** To whoever does not come by our API: what API Gateway says of its own, and nothing of us. */
export function foreignAnswer(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 403,
    headers: { ...headers, "content-type": "application/json" },
    body: '{"message":"Forbidden"}',
  };
}

/** The error as its caller is to see it: a known code with its text, anything else `internal` and no text. */
export function problemOf(error: unknown, call: string): ProblemDocument {
  const known =
    error instanceof SallyportError ? error : new SallyportError("internal", "the gateway failed");
  const { status, title, retryable, hint: usual }: Problem = problems[known.code];
  const { hint = usual, issues, aws, members } = known.details;
  return {
    ...members,
    type: problemType(known.code),
    title,
    status,
    detail: known.message,
    code: known.code,
    retryable,
    instance: call,
    ...(hint === undefined ? {} : { hint }),
    ...(issues === undefined ? {} : { issues }),
    ...(aws === undefined ? {} : { aws }),
  };
}

export function problemAnswer(error: unknown, call: string): APIGatewayProxyStructuredResultV2 {
  const problem = problemOf(error, call);
  const retryAfter = error instanceof SallyportError ? error.details.retryAfterSeconds : undefined;
  return {
    statusCode: problem.status,
    headers: {
      ...headers,
      "content-type": "application/problem+json",
      // RFC 9110 wants one beside each 401.
      ...(problem.status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    },
    body: JSON.stringify(problem),
  };
}
