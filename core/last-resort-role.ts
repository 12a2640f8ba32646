import { type PolicyDocument, policyDocument } from "./policy-document.ts";
import { ROLE_PATH, regionsOf } from "./roles.ts";

export const LAST_RESORT = "sallyport-last-resort";

export interface LastResortConfiguration {
  partition: string;
  account: string;
  /** ARNs of the clusters of this account that it may go into. */
  clusters: string[];
  /** ARNs of the users and roles that may assume it. */
  principals: string[];
  /** Regions of this account in which its use is watched for. */
  watchedRegions: string[];
}

/** How long ago the second factor may have been shown, in seconds. */
const MFA_AGE_SECONDS = 3_600;

/**
 * The way into a container while the gateway is down: nothing of the gateway stands between, neither its functions
 * nor its record. So it is for the persons who are named, with a second factor shown within the hour, for an hour,
 * and in the gateway's own clusters.
 *
 * Trust: a call without `aws:MultiFactorAuthPresent` is refused, and so is one that is not made in a region where
 * its use is watched for. STS records an assumption in the region it is asked in (the global endpoint's in
 * us-east-1, which is then the region of the call too), and any other region would show it to nobody.
 */
export function lastResortRole(configuration: LastResortConfiguration): {
  name: string;
  path: string;
  trust: PolicyDocument;
  permissions: PolicyDocument;
} {
  const { partition, account, clusters, principals, watchedRegions } = configuration;
  const inClusters = { ArnEquals: { "ecs:cluster": clusters } };
  return {
    name: LAST_RESORT,
    path: ROLE_PATH,
    trust: policyDocument({
      Sid: "WithASecondFactor",
      Effect: "Allow",
      Principal: { AWS: principals },
      Action: ["sts:AssumeRole"],
      Condition: {
        Bool: { "aws:MultiFactorAuthPresent": "true" },
        NumericLessThan: { "aws:MultiFactorAuthAge": String(MFA_AGE_SECONDS) },
        StringEquals: { "aws:RequestedRegion": watchedRegions },
      },
    }),
    permissions: policyDocument(
      {
        // Clusters are named by the condition alone: named as resources too, as many as may be configured would not
        // fit into a role.
        Sid: "IntoConfiguredClusters",
        Effect: "Allow",
        Action: ["ecs:ExecuteCommand"],
        Resource: regionsOf(clusters).flatMap((region) => [
          `arn:${partition}:ecs:${region}:${account}:cluster/*`,
          `arn:${partition}:ecs:${region}:${account}:task/*`,
        ]),
        Condition: inClusters,
      },
      {
        Sid: "LookIntoConfiguredClusters",
        Effect: "Allow",
        Action: ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListServices", "ecs:ListTasks"],
        Resource: ["*"],
        Condition: inClusters,
      },
      {
        Sid: "EndExecSessions",
        Effect: "Allow",
        Action: ["ssm:TerminateSession"],
        Resource: regionsOf(clusters).map(
          (region) => `arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*`,
        ),
      },
      {
        // Where a cluster encrypts its sessions the client asks for the key of one, in the name of that session.
        Sid: "KeysOfExecSessions",
        Effect: "Allow",
        Action: ["kms:GenerateDataKey"],
        Resource: regionsOf(clusters).map(
          (region) => `arn:${partition}:kms:${region}:${account}:key/*`,
        ),
        Condition: {
          StringLike: {
            "kms:EncryptionContext:aws:ssm:SessionId": "ecs-execute-command-*",
            "kms:EncryptionContext:aws:ssm:TargetId": clusters.map(
              (arn) => `ecs:${arn.slice(arn.indexOf(":cluster/") + ":cluster/".length)}_*`,
            ),
          },
        },
      },
    ),
  };
}
