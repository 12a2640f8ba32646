import { AwsError } from "../aws-error.ts";
import { textOf } from "../input.ts";
import type { JsonObject } from "../json.ts";

/** The SessionId of a request. Throws ValidationException for one the model does not allow. */
export function sessionIdOf(input: JsonObject): string {
  const id = textOf(input, "SessionId");
  if (id === undefined || id.length < 1 || id.length > 96) {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'sessionId' failed to satisfy constraint: Member must have length between 1 and 96",
    );
  }
  return id;
}
