import { type PolicyDocument, policyDocument } from "./policy-document.ts";

/**
 * The policy of the events table itself. It holds against every principal of the account, whatever their
 * own policies allow: nothing on the record is changed, deleted or left to expire, and nobody but the
 * functions that write it puts anything there.
 *
 * With `deployRoleArns`, nobody but those roles and `recoveryRoleArns` changes the table besides: its stream,
 * its protection, its replicas, and this policy. Without them everybody with the right can, for a
 * policy that denied it to all could not be changed by whoever deploys either.
 *
 * What it does not hold: the account's root user, who may always delete it; whether there are backups to any
 * second; and copies, which have no policy until they are given one. They are seen, not held.
 */
export function eventsTablePolicy(
  writerRoleArns: string[],
  administration: { deployRoleArns: string[]; recoveryRoleArns: string[] } = {
    deployRoleArns: [],
    recoveryRoleArns: [],
  },
): PolicyDocument {
  const { deployRoleArns, recoveryRoleArns } = administration;
  return policyDocument(
    {
      Sid: "AppendOnly",
      Effect: "Deny",
      Principal: "*",
      Action: [
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
        "dynamodb:UpdateTimeToLive",
      ],
      Resource: ["*"],
    },
    {
      Sid: "OnlyItsWriters",
      Effect: "Deny",
      Principal: "*",
      Action: ["dynamodb:PutItem"],
      Resource: ["*"],
      Condition: { ArnNotEquals: { "aws:PrincipalArn": writerRoleArns } },
    },
    ...(deployRoleArns.length === 0
      ? []
      : [
          {
            Sid: "OnlyWhoDeploys",
            Effect: "Deny" as const,
            Principal: "*" as const,
            Action: TABLE_CHANGES,
            Resource: ["*"],
            Condition: {
              ArnNotLike: { "aws:PrincipalArn": [...deployRoleArns, ...recoveryRoleArns] },
            },
          },
        ]),
  );
}

/**
 * What changes a table, as far as AWS's papers say that a table's policy may name it: DynamoDB refuses a policy with
 * an action it does not take there, and the deployment with it. Replicas are made by UpdateTable. Not among them, for
 * want of a paper that can be shown: UpdateContinuousBackups, exports and restores, which the guardrail denies.
 */
const TABLE_CHANGES = [
  "dynamodb:DeleteResourcePolicy",
  "dynamodb:DeleteTable",
  "dynamodb:DisableKinesisStreamingDestination",
  "dynamodb:EnableKinesisStreamingDestination",
  "dynamodb:PutResourcePolicy",
  "dynamodb:UpdateTable",
];
