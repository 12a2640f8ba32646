import { AwsError } from "../aws-error.ts";
import { integerOf, textOf } from "../input.ts";
import type { JsonObject } from "../json.ts";
import { pageOf } from "../paging.ts";

/** One page of ARNs as an ECS list answers it, under the member the operation gives it. */
export function listPage(
  member: string,
  arns: readonly string[],
  input: JsonObject,
  defaultResults: number,
): JsonObject {
  const maxResults = integerOf(input, "maxResults") ?? defaultResults;
  if (maxResults < 1 || maxResults > 100) {
    throw new AwsError("InvalidParameterException", "maxResults must be between 1 and 100");
  }
  const page = pageOf(arns, (arn) => arn, maxResults, textOf(input, "nextToken"));
  if (page === undefined) {
    throw new AwsError("InvalidParameterException", "Invalid token: nextToken");
  }
  return {
    [member]: page.items,
    ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
  };
}
