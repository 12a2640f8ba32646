import { AwsError } from "../aws-error.ts";
import { textOf, textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { tagShapes, taskDefinitionShape } from "./shapes.ts";

/** By ARN, `family:revision`, or `family` alone for the latest. IAM knows no resource for it. */
export const describeTaskDefinition: Operation = (world, principal, input) => {
  const written = textOf(input, "taskDefinition");
  const include = textsOf(input, "include") ?? [];
  demandEcs(world, principal, "ecs:DescribeTaskDefinition", "*");
  const name = written?.replace(/^arn:aws:ecs:[a-z0-9-]+:\d{12}:task-definition\//, "");
  const [definition] = world.fleet.taskDefinitions
    .filter(({ family, revision }) => name === family || name === `${family}:${revision}`)
    .sort((a, b) => b.revision - a.revision);
  if (
    definition === undefined ||
    (written?.startsWith("arn:") === true && written !== definition.arn)
  ) {
    throw new AwsError("ClientException", "Unable to describe task definition.");
  }
  return {
    taskDefinition: taskDefinitionShape(definition),
    ...(include.includes("TAGS") ? { tags: tagShapes(definition.tags ?? {}) } : {}),
  };
};
