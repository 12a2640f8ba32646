import { execTagKeys } from "./exec-tags.ts";
import { type PolicyDocument, type PolicyStatement, policyDocument } from "./policy-document.ts";

/*
 * The three roles of a target account. No function of the gateway holds any right on a container: it has
 * to assume one of these, and CloudTrail shows for which request and which person it did.
 *
 *   sallyport-read   describes clusters, services, tasks; assumed by requests, decide, exec and sweeper
 *   sallyport-exec   ExecuteCommand on the one container its session is tagged with; by exec alone
 *   sallyport-end    ends a session and lists them; by exec and sweeper, to end one under a policy that names it,
 *                    and by the watcher, to list them and no more
 */

export interface TargetRolesConfiguration {
  partition: string;
  account: string;
  /** ARNs of the clusters of this account that the gateway may touch. Their regions are its regions. */
  clusters: string[];
  /** ARNs of the functions' own roles. */
  functionRoleArns: {
    requests: string;
    decide: string;
    exec: string;
    sweeper: string;
    watcher: string;
  };
  /** Whether `sallyport-end` may stop tasks too, of these clusters. */
  mayStopTasks?: boolean;
  /** Whether `sallyport-read` may ask IAM and EC2 about tasks' roles and networks. */
  deepPreflight?: boolean;
  /**
   * The VPC endpoint of STS through which alone the roles can be assumed: a function's keys are of no use
   * elsewhere.
   *
   * @default from anywhere
   */
  stsEndpointId?: string;
}

export interface TargetRole {
  name: TargetRoleName;
  path: string;
  trust: PolicyDocument;
  permissions: PolicyDocument;
}

type TargetRoleName = "sallyport-read" | "sallyport-exec" | "sallyport-end";

/** What the name of a session of `sallyport-end` begins with that is to stop a task. */
export const STOPS_TASK = "end-task-";

/** What the name of a session of `sallyport-end` begins with that only looks. */
export const LOOKS_ON = "end-watch";

/** The name of the role of one of the gateway's functions: fixed, so that trusts can name it. */
export function functionRoleName(name: string): string {
  return `sallyport-lambda-${name}`;
}

/** All roles of the gateway live under one path, so that one guardrail can cover them. */
export const ROLE_PATH = "/sallyport/";

/** The ARN a role of this gateway has in an account: fixed, so that each side can name the other. */
export function roleArn(partition: string, account: string, name: string): string {
  return `arn:${partition}:iam::${account}:role${ROLE_PATH}${name}`;
}

/**
 * Describes and lists, in the configured clusters alone. IAM knows no resource or condition for
 * DescribeTaskDefinition, which answers the whole definition, environment included: the adapter keeps none of that.
 * With `deepPreflight` it also asks what the account's roles may do, and sees subnets and endpoints of the clusters'
 * regions, for which EC2 knows no resource.
 */
export function readRole(configuration: TargetRolesConfiguration): TargetRole {
  const { partition, account, clusters, functionRoleArns, stsEndpointId } = configuration;
  return {
    name: "sallyport-read",
    path: ROLE_PATH,
    trust: policyDocument(
      assumeBy(
        [
          functionRoleArns.requests,
          functionRoleArns.decide,
          functionRoleArns.exec,
          functionRoleArns.sweeper,
        ],
        stsEndpointId,
      ),
    ),
    permissions: policyDocument(
      {
        Sid: "DescribeConfiguredClusters",
        Effect: "Allow",
        Action: ["ecs:DescribeClusters"],
        Resource: clusters,
      },
      {
        Sid: "LookIntoConfiguredClusters",
        Effect: "Allow",
        Action: ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListServices", "ecs:ListTasks"],
        Resource: ["*"],
        Condition: { ArnEquals: { "ecs:cluster": clusters } },
      },
      {
        Sid: "NoNarrowerResourceExists",
        Effect: "Allow",
        Action: ["ecs:DescribeTaskDefinition"],
        Resource: ["*"],
      },
      ...(configuration.deepPreflight === true
        ? [
            {
              Sid: "AskWhatTaskRolesMay",
              Effect: "Allow" as const,
              Action: ["iam:SimulatePrincipalPolicy"],
              Resource: [`arn:${partition}:iam::${account}:role/*`],
            },
            {
              Sid: "SeeNetworksOfTasks",
              Effect: "Allow" as const,
              Action: ["ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"],
              Resource: ["*"],
              Condition: { StringEquals: { "aws:RequestedRegion": regionsOf(clusters) } },
            },
          ]
        : []),
    ),
  };
}

/**
 * ExecuteCommand on the cluster, task and container in the session's own tags, in the configured clusters.
 *
 * Trust: only the exec function, only as `req-…`, only with a source identity, with these three tags and
 * no others. STS asks for TagSession only when tags are sent, so it is AssumeRole's own statement that
 * demands them. Even if that were lost, a session without tags would be allowed nothing: a policy
 * variable without a value matches nothing.
 */
export function execRole(configuration: TargetRolesConfiguration): TargetRole {
  const { partition, account, clusters, functionRoleArns, stsEndpointId } = configuration;
  const exec = [functionRoleArns.exec];
  const ownCluster = "${aws:PrincipalTag/cluster}";
  const ownTask = "${aws:PrincipalTag/task}";
  const tagged = {
    Null: present(execTagKeys.map((key) => `aws:RequestTag/${key}`)),
    "ForAllValues:StringEquals": { "aws:TagKeys": [...execTagKeys] },
  };
  const named = present(["sts:SourceIdentity"]);
  return {
    name: "sallyport-exec",
    path: ROLE_PATH,
    trust: policyDocument(
      assumeBy(exec, stsEndpointId, {
        StringLike: { "sts:RoleSessionName": "req-*" },
        ...tagged,
        Null: { ...tagged.Null, ...named },
      }),
      {
        Sid: "TagWithTheContainer",
        Effect: "Allow",
        Principal: { AWS: exec },
        Action: ["sts:TagSession"],
        Condition: tagged,
      },
      {
        Sid: "NameThePerson",
        Effect: "Allow",
        Principal: { AWS: exec },
        Action: ["sts:SetSourceIdentity"],
        Condition: { Null: named },
      },
    ),
    permissions: policyDocument({
      Sid: "OneContainer",
      Effect: "Allow",
      Action: ["ecs:ExecuteCommand"],
      Resource: regionsOf(clusters).flatMap((region) => [
        `arn:${partition}:ecs:${region}:${account}:cluster/${ownCluster}`,
        `arn:${partition}:ecs:${region}:${account}:task/${ownCluster}/${ownTask}`,
      ]),
      Condition: {
        StringEquals: { "ecs:container-name": "${aws:PrincipalTag/container}" },
        ArnEquals: { "ecs:cluster": clusters },
      },
    }),
  };
}

/**
 * Ends sessions that ECS Exec began, and sees which go on. IAM knows no resource for DescribeSessions. Stops tasks
 * only where that is configured, and only in a session named for it, which the sweeper alone may begin: a
 * taken-over exec function ends sessions, and no tasks. The watcher's sessions are named so that they end nothing.
 */
export function endRole(configuration: TargetRolesConfiguration): TargetRole {
  const { partition, account, clusters, functionRoleArns, stsEndpointId } = configuration;
  return {
    name: "sallyport-end",
    path: ROLE_PATH,
    trust: policyDocument(
      assumeBy([functionRoleArns.sweeper], stsEndpointId, {
        StringLike: { "sts:RoleSessionName": "end-*" },
      }),
      {
        ...assumeBy([functionRoleArns.exec], stsEndpointId, {
          StringLike: { "sts:RoleSessionName": "end-*" },
          StringNotLike: { "sts:RoleSessionName": `${STOPS_TASK}*` },
        }),
        Sid: "AssumeToEndSessions",
      },
      {
        ...assumeBy([functionRoleArns.watcher], stsEndpointId, {
          StringLike: { "sts:RoleSessionName": `${LOOKS_ON}*` },
        }),
        Sid: "AssumeToLook",
      },
    ),
    permissions: policyDocument(
      {
        Sid: "EndExecSessions",
        Effect: "Allow",
        Action: ["ssm:TerminateSession"],
        Resource: regionsOf(clusters).map(
          (region) => `arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*`,
        ),
        // `aws:userid` of an assumed role is its id, a colon, and the name of the session.
        Condition: { StringNotLike: { "aws:userid": `*:${LOOKS_ON}*` } },
      },
      {
        Sid: "SeeSessions",
        Effect: "Allow",
        Action: ["ssm:DescribeSessions"],
        Resource: ["*"],
      },
      ...(configuration.mayStopTasks === true
        ? [
            {
              Sid: "StopTasks",
              Effect: "Allow" as const,
              Action: ["ecs:StopTask"],
              Resource: clusters.map((arn) => `${arn.replace(":cluster/", ":task/")}/*`),
              Condition: {
                ArnEquals: { "ecs:cluster": clusters },
                StringLike: { "aws:userid": `*:${STOPS_TASK}*` },
              },
            },
          ]
        : []),
    ),
  };
}

function assumeBy(
  roleArns: string[],
  stsEndpointId: string | undefined,
  conditions: NonNullable<PolicyStatement["Condition"]> = {},
): PolicyStatement {
  const all = {
    ...conditions,
    ...(stsEndpointId === undefined ? {} : { StringEquals: { "aws:SourceVpce": stsEndpointId } }),
  };
  return {
    Sid: "Assume",
    Effect: "Allow",
    Principal: { AWS: roleArns },
    Action: ["sts:AssumeRole"],
    ...(Object.keys(all).length === 0 ? {} : { Condition: all }),
  };
}

/** The operands of `Null` that demand keys: a request without the key satisfies `ForAllValues`. */
function present(keys: string[]): { [key: string]: string } {
  return Object.fromEntries(keys.map((key) => [key, "false"]));
}

/** The regions that clusters are in, each once. */
export function regionsOf(clusters: string[]): string[] {
  return [...new Set(clusters.map((arn) => arn.split(":")[3] ?? ""))];
}
