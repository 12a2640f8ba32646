import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod";
import { defaultRates } from "../core/rate-limits.ts";
import { CLUSTER_ARN } from "./cluster-arn.ts";
import { outsideFields } from "./configuration-outside.ts";
import { recoveryFields } from "./configuration-recovery.ts";
import { identityCenter, oidc } from "./oidc-schema.ts";

/*
 * What one deployment says of itself, field by field. Rules and people are not here: they are activated, on the
 * record. `examples/gateway.schema.json` is made of this, for editors.
 */

const account = z
  .string()
  .regex(
    /^\d{12}$/,
    "not an account id: 12 digits, in quotes; `aws sts get-caller-identity` prints it",
  )
  .describe("The id of an AWS account: 12 digits, in quotes.");
const region = z
  .string()
  .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "not a region such as us-east-1")
  .describe("A region such as us-east-1.");
const perMinute = z.int().min(1).max(100_000);
const domainName = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "not a domain name such as exec.example.com",
  );

const bootstrapPerson = z.strictObject({
  person: z
    .string()
    .regex(
      /^[A-Za-z0-9_.@-]{2,48}$/,
      "not a person's id: 2 to 48 letters, digits, `_`, `.`, `@` and `-`",
    )
    .describe("Their id in the directory, by which the record names them."),
  principal: z
    .strictObject({
      account,
      uniqueId: z
        .string()
        .regex(
          /^A[A-Z0-9]{15,127}$/,
          "not a unique id such as AIDA… or AROA…: `aws iam get-user` prints it as UserId, `aws iam get-role` as RoleId",
        )
        .describe("What IAM calls the user's or role's unique id, such as AIDA… or AROA…."),
    })
    .describe("The user or role they sign in as."),
});

const trustedRole = z.strictObject({
  account,
  roleId: z
    .string()
    .regex(
      /^AROA[A-Z0-9]{12,124}$/,
      "not a role's id such as AROA…: `aws iam get-role` prints it as RoleId",
    )
    .describe("What IAM calls the role's unique id, such as AROA…."),
});

const rates = z
  .strictObject({ write: perMinute, read: perMinute, target: perMinute })
  .partial()
  .refine(
    (given) => (given.target ?? defaultRates.target) >= 2 * (given.write ?? defaultRates.write),
    "one person could use up a target: it has to take twice what one may write",
  );

const network = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, "not a VPC such as vpc-…"),
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "not a subnet such as subnet-…"))
    .min(2, "name subnets of two zones at least, or one zone's outage is the gateway's"),
  securityGroupIds: z
    .array(z.string().regex(/^sg-[0-9a-f]{8,17}$/, "not a security group such as sg-…"))
    .min(1, "name at least one security group"),
  stsEndpointId: z
    .string()
    .regex(/^vpce-[0-9a-f]{8,17}$/, "not a VPC endpoint such as vpce-…")
    .describe(
      "The interface endpoint of STS in this VPC. The roles of the target accounts can be assumed through it alone.",
    ),
});

const domain = z
  .strictObject({
    name: domainName,
    certificateArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
        "not the ARN of a certificate: `aws acm list-certificates` prints it",
      ),
    hostedZone: z
      .strictObject({
        id: z.string().regex(/^Z[A-Z0-9]{1,31}$/, "not a hosted zone such as Z…"),
        name: domainName,
      })
      .optional(),
  })
  .refine(
    ({ name, hostedZone }) =>
      hostedZone === undefined || name === hostedZone.name || name.endsWith(`.${hostedZone.name}`),
    {
      path: ["hostedZone", "name"],
      message: "the domain does not lie in this zone: name the zone of its own records",
    },
  );

/** Every field, with what it means; what they must be to each other is in deployment-configuration.ts. */
export const configurationFields = z.strictObject({
  $schema: z.string().optional().describe("Where an editor finds this schema."),
  home: z
    .strictObject({ account, region })
    .describe("Account and region of the gateway, its record and its API."),
  clusters: z
    .array(
      z
        .string()
        .regex(
          CLUSTER_ARN,
          "not the ARN of a cluster: `aws ecs describe-clusters --clusters NAME` prints it",
        ),
    )
    .min(1, "name at least one cluster")
    .describe(
      "ARNs of the clusters the gateway may touch, of any account and region. Any other answers as if it did not exist.",
    ),
  bootstrap: z
    .array(bootstrapPerson)
    .min(1, "name at least one person, or nobody can put the first rules in force")
    .describe("Persons who may put the first rules in force, by the principal they arrive as."),
  trustedRoles: z
    .array(trustedRole)
    .default([])
    .describe("Roles whose session names somebody trusted sets, such as IAM Identity Center's."),
  oidc,
  identityCenter: identityCenter.optional(),
  rates: rates
    .optional()
    .describe(
      "How much may be done in one minute: changes and reads of one person, requests for one service or family. Default: 120 changes, 600 reads, 300 requests.",
    ),
  mayStopTasks: z
    .boolean()
    .default(false)
    .describe(
      "Whether the gateway may stop tasks of these clusters, for whom its rules allow `stopTask`.",
    ),
  deepPreflight: z
    .boolean()
    .default(false)
    .describe(
      "Whether IAM and EC2 are asked, before anybody is asked to approve, if a task's role may do what ECS Exec needs and its VPC has an endpoint for it. `sallyport-read` then may call iam:SimulatePrincipalPolicy, ec2:DescribeSubnets and ec2:DescribeVpcEndpoints.",
    ),
  logRetentionDays: z
    .number()
    .refine(
      (days) => isRetention(days),
      "not a number of days that CloudWatch Logs offers: 30, 90, 180, 365, 731, 1827, 3653 are some",
    )
    .default(RetentionDays.ONE_YEAR)
    .describe("Days that logs are kept, one of those CloudWatch Logs offers."),
  network: network
    .optional()
    .describe(
      "The VPC the functions run in. Without it they run in Lambda's own, and keys stolen from them work elsewhere.",
    ),
  ownKeys: z
    .boolean()
    .default(false)
    .describe(
      "Whether tables, logs and queues are encrypted with a key of this account in place of AWS's own.",
    ),
  domain: domain
    .optional()
    .describe(
      "The name the API answers by; the one API Gateway gives it is then switched off. With a hosted zone its record is made too.",
    ),
  alarmMail: z
    .email("not an address to mail to, such as on-call@example.com")
    .optional()
    .describe("Whom the alarms are mailed to. They have to confirm it once."),
  ...outsideFields,
  ...recoveryFields,
  dashboard: z.boolean().default(false).describe("Whether CloudWatch shows a page of the gateway."),
  tracing: z
    .boolean()
    .default(false)
    .describe(
      "Whether X-Ray is told how long each call took. No function hands it a request or an answer.",
    ),
});

function isRetention(days: number): boolean {
  return RetentionDays[days] !== undefined && days !== RetentionDays.INFINITE;
}
