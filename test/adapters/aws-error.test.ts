import { describe, expect, it } from "vitest";
import { assumeFailure, awsErrorOf, execFailure, readFailure } from "../../adapters/aws-error.ts";
import { SallyportError } from "../../core/errors.ts";

/** An error as the SDK throws it for an answer of AWS. */
function answered(name: string, message = "because", status = 400): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status },
    $response: { body: "SECRET" },
  });
}

const NOT_ENABLED =
  "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.";

describe("execFailure", () => {
  it.each([
    ["AccessDeniedException", "aws_denied_gateway"],
    ["AccessDenied", "aws_denied_gateway"],
    ["NotAuthorized", "aws_denied_gateway"],
    ["ClientException", "aws_client_error"],
    ["ClusterNotFoundException", "cluster_not_found"],
    ["InvalidParameterException", "aws_invalid_parameter"],
    ["TargetNotConnectedException", "target_not_connected"],
    ["ThrottlingException", "throttled"],
    ["Throttling", "throttled"],
    ["RequestLimitExceeded", "throttled"],
    ["TooManyRequestsException", "throttled"],
    ["ExpiredToken", "gateway_credentials"],
    ["ExpiredTokenException", "gateway_credentials"],
    ["UnrecognizedClientException", "gateway_credentials"],
    ["InvalidClientTokenId", "gateway_credentials"],
    ["InvalidSignatureException", "gateway_credentials"],
    ["SignatureDoesNotMatch", "gateway_credentials"],
    ["IncompleteSignature", "gateway_credentials"],
    ["MissingAuthenticationToken", "gateway_credentials"],
    ["RequestExpired", "gateway_credentials"],
    ["OptInRequired", "gateway_credentials"],
    ["ValidationError", "aws_invalid_parameter"],
    ["ValidationException", "aws_invalid_parameter"],
  ])("takes %s as %s, with AWS's own name and text", (name, code) => {
    expect(execFailure(answered(name))).toEqual({
      kind: "failed",
      code,
      aws: { error: name, message: "because" },
    });
  });

  it("tells exec that was off from another wrong parameter by ECS's text", () => {
    expect(execFailure(answered("InvalidParameterException", NOT_ENABLED))).toMatchObject({
      kind: "failed",
      code: "exec_not_enabled",
      aws: { error: "InvalidParameterException", message: NOT_ENABLED },
    });
  });

  it.each([
    ["ServerException", 500],
    ["InternalFailure", 500],
    ["ServiceUnavailable", 503],
    ["InternalServerError", 500],
    ["RequestAbortedException", 400],
    ["SomethingNewException", 400],
    ["Unknown", 400],
    ["Unknown", 429],
    // A name that proves nothing was started, under a status that says the service failed.
    ["ThrottlingException", 503],
    ["AccessDeniedException", 500],
    ["InvalidParameterException", 200],
  ])("does not know what became of it after %s with status %i", (name, status) => {
    const outcome = execFailure(answered(name, "because", status));
    expect(outcome).toEqual({
      kind: "unknown",
      why: `${name}: because`,
      aws: { error: name, message: "because" },
    });
  });

  it.each([
    ["a reset", Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })],
    ["a time-out", Object.assign(new Error("late"), { name: "TimeoutError", code: "ETIMEDOUT" })],
    ["an abort", Object.assign(new Error("aborted"), { name: "AbortError" })],
    ["what is no error", "boom"],
    ["nothing", undefined],
    ["a name alone", Object.assign(new Error("x"), { name: "AccessDeniedException" })],
    [
      "a name and a status without a fault",
      Object.assign(new Error("x"), {
        name: "AccessDeniedException",
        $metadata: { httpStatusCode: 400 },
      }),
    ],
  ])("does not know what became of it after %s", (_, thrown) => {
    expect(execFailure(thrown).kind).toBe("unknown");
  });

  it("says nothing of an answer that could not be parsed, whatever the parser quotes", () => {
    const quoting = Object.assign(new SyntaxError(`Unexpected token 'S', "SECRET" is not JSON`), {
      $metadata: { httpStatusCode: 200 },
      $response: { body: "SECRET" },
    });
    const outcome = execFailure(quoting);
    expect(outcome.kind).toBe("unknown");
    expect(JSON.stringify(outcome)).not.toContain("SECRET");
  });

  it("cuts AWS's text to 500 characters without halving a pair", () => {
    const outcome = execFailure(answered("ClientException", "\u{1F512}".repeat(600)));
    expect(outcome).toMatchObject({ aws: { message: "\u{1F512}".repeat(500) } });
  });

  it("shows what a terminal would act on or not show, in AWS's name and text, as a code point", () => {
    const outcome = execFailure(
      answered("Client\u0007Exception", "a\u001b[2J\u009b1m\u202eb\u200b\r\nc"),
    );
    expect(outcome).toMatchObject({
      aws: {
        error: "Client\\u{7}Exception",
        message: "a\\u{1b}[2J\\u{9b}1m\\u{202e}b\\u{200b}\\u{d}\\u{a}c",
      },
    });
  });

  it("mends a lone surrogate, which no canonical JSON can hold", () => {
    const outcome = execFailure(answered("ClientException", "a\ud800b"));
    expect(outcome).toMatchObject({ aws: { message: "a\ufffdb" } });
  });
});

describe("readFailure", () => {
  it.each([
    ["ThrottlingException", "throttled"],
    ["AccessDeniedException", "gateway_credentials"],
    ["ExpiredTokenException", "gateway_credentials"],
    ["ServerException", "internal"],
    ["InvalidParameterException", "internal"],
  ])("takes %s as %s", (name, code) => {
    expect(readFailure(answered(name), "DescribeTasks").code).toBe(code);
  });

  it("takes a lost connection as internal", () => {
    expect(readFailure(new Error("socket hang up"), "DescribeTasks").code).toBe("internal");
  });

  it("passes on what is ours already", () => {
    const ours = new SallyportError("throttled", "wait");
    expect(readFailure(ours, "DescribeTasks")).toBe(ours);
    expect(assumeFailure(ours, "arn:aws:iam::111122223333:role/x")).toBe(ours);
  });

  it("keeps no answer in the cause that will be logged", () => {
    for (const thrown of [
      answered("ServerException"),
      Object.assign(new SyntaxError(`"SECRET" is not JSON`), { $response: { body: "SECRET" } }),
    ]) {
      const { cause } = readFailure(thrown, "DescribeTasks");
      expect(cause).toBeInstanceOf(Error);
      expect(cause).not.toHaveProperty("$response");
      expect(String(cause)).not.toContain("SECRET");
    }
  });
});

describe("assumeFailure", () => {
  const role = "arn:aws:iam::111122223333:role/sallyport/sallyport-exec";

  it.each([
    ["Throttling", "throttled"],
    ["AccessDenied", "gateway_credentials"],
    ["ValidationError", "gateway_credentials"],
    ["PackedPolicyTooLarge", "gateway_credentials"],
    ["RegionDisabledException", "gateway_credentials"],
    ["InternalFailure", "gateway_credentials"],
  ])("takes %s as %s", (name, code) => {
    expect(assumeFailure(answered(name), role).code).toBe(code);
  });

  it("takes no answer as the gateway's own trouble too: nothing was started", () => {
    expect(assumeFailure(new Error("ECONNREFUSED"), role).code).toBe("gateway_credentials");
  });
});

describe("awsErrorOf", () => {
  it("is undefined for whatever AWS did not answer", () => {
    expect(awsErrorOf(new Error("x"))).toBeUndefined();
    expect(awsErrorOf({ name: "AccessDeniedException" })).toBeUndefined();
  });
});
