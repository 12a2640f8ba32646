import { isoTime } from "./clock.ts";
import type { Place } from "./containers.ts";
import type { ExecGrant } from "./execute-command.ts";
import { literally, type PolicyDocument, policyDocument } from "./policy-document.ts";

/** STS refuses a longer session policy, counted as the JSON text it is sent as. */
export const SESSION_POLICY_LIMIT = 2_048;

/**
 * What the session of `sallyport-exec` may do, whatever the role allows: ExecuteCommand on one container
 * of one task, until `notAfter`. IAM asks for the cluster and for the task, so one statement names both;
 * `ecs:container-name` is compared with the request, which therefore always names its container. No key
 * binds the command: the record does.
 */
export function execSessionPolicy(
  grant: Pick<ExecGrant, "clusterArn" | "taskArn" | "container" | "notAfter">,
): PolicyDocument {
  return policyDocument({
    Effect: "Allow",
    Action: ["ecs:ExecuteCommand"],
    Resource: [literally(grant.clusterArn), literally(grant.taskArn)],
    Condition: {
      StringEquals: { "ecs:container-name": literally(grant.container) },
      DateLessThan: { "aws:CurrentTime": wholeSecond(grant.notAfter) },
    },
  });
}

/** What the session of `sallyport-end` may do when it was assumed to end one session: end that one. */
export function endSessionPolicy(
  partition: string,
  place: Place,
  sessionId: string,
): PolicyDocument {
  return policyDocument({
    Effect: "Allow",
    Action: ["ssm:TerminateSession"],
    Resource: [
      `arn:${partition}:ssm:${place.region}:${place.account}:session/${literally(sessionId)}`,
    ],
  });
}

/** What the session of `sallyport-end` may do when it was assumed to stop one task: stop that one. */
export function stopTaskSessionPolicy(taskArn: string): PolicyDocument {
  return policyDocument({
    Effect: "Allow",
    Action: ["ecs:StopTask"],
    Resource: [literally(taskArn)],
  });
}

/** An instant in the whole seconds that IAM's examples show, never later than the instant itself. */
function wholeSecond(at: number): string {
  return `${isoTime(at).slice(0, 19)}Z`;
}
