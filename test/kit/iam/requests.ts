import type { AwsCall, RoleSession } from "../aws-calls.ts";

/** One question to IAM: whether this action, on this resource, under these keys. */
export interface IamRequest {
  action: string;
  resource: string;
  context: { [key: string]: string | string[] };
}

/** Who asks: a function by its own role, or in a session of a role that it assumed. */
export interface Asker {
  /** The function's name. */
  function: string;
  session?: RoleSession;
}

const account = "111122223333";
const region = "us-east-1";

type Questions = (input: AwsCall["input"]) => IamRequest[];

/**
 * Which rights a call takes, by the services' authorization references. A transaction takes the rights of each of its
 * items; AssumeRole with tags or a source identity takes those rights too; ExecuteCommand is asked for on the cluster
 * and on the task.
 */
const questionsOf: { [command: string]: Questions } = {
  TransactWriteItemsCommand: ({ TransactItems: items }) =>
    items.flatMap((item: { [kind: string]: AwsCall["input"] }) =>
      Object.entries(item).flatMap(([kind, one]) => {
        const action = { Put: "PutItem", ConditionCheck: "ConditionCheckItem" }[kind];
        if (action === undefined)
          throw new Error(`a transaction with ${kind}: no rule for it here`);
        return onTable(action, one, { "dynamodb:EnclosingOperation": "TransactWriteItems" });
      }),
    ),
  PutItemCommand: (input) => onTable("PutItem", input),
  GetItemCommand: (input) => onTable("GetItem", input),
  UpdateItemCommand: (input) => onTable("UpdateItem", input),
  QueryCommand: (input) => onTable("Query", input),
  BatchGetItemCommand: ({ RequestItems: tables }) =>
    Object.entries(tables as { [table: string]: { Keys: { pk: { S: string } }[] } }).map(
      ([table, { Keys: keys }]) => ({
        action: "dynamodb:BatchGetItem",
        resource: tableArn(table),
        context: { "dynamodb:LeadingKeys": [...new Set(keys.map(({ pk }) => pk.S))] },
      }),
    ),

  AssumeRoleCommand: (input) => {
    const tags: { Key: string; Value: string }[] = input.Tags ?? [];
    const tagged = {
      ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
      ...(tags.length === 0 ? {} : { "aws:TagKeys": tags.map(({ Key }) => Key) }),
    };
    const named =
      input.SourceIdentity === undefined ? {} : { "sts:SourceIdentity": input.SourceIdentity };
    const ask = (action: string, context: IamRequest["context"]): IamRequest => ({
      action: `sts:${action}`,
      resource: input.RoleArn,
      context,
    });
    return [
      ask("AssumeRole", { "sts:RoleSessionName": input.RoleSessionName, ...tagged, ...named }),
      ...(tags.length === 0 ? [] : [ask("TagSession", tagged)]),
      ...(input.SourceIdentity === undefined ? [] : [ask("SetSourceIdentity", named)]),
    ];
  },

  DescribeTaskDefinitionCommand: () => [
    { action: "ecs:DescribeTaskDefinition", resource: "*", context: {} },
  ],
  DescribeClustersCommand: ({ clusters }) =>
    (clusters as string[]).map((arn) => ({
      action: "ecs:DescribeClusters",
      resource: inEcs("cluster", arn.split("/").at(-1) ?? ""),
      context: {},
    })),
  ListServicesCommand: ({ cluster }) => [inCluster("ListServices", cluster, "*")],
  // IAM's resource of it is a container instance, though none is named.
  ListTasksCommand: ({ cluster }) => [
    inCluster("ListTasks", cluster, inEcs("container-instance", nameOf(cluster), "any")),
  ],
  DescribeServicesCommand: ({ cluster, services }) =>
    (services as string[]).map((service) =>
      inCluster("DescribeServices", cluster, inEcs("service", nameOf(cluster), nameOf(service))),
    ),
  DescribeTasksCommand: ({ cluster, tasks }) =>
    (tasks as string[]).map((task) =>
      inCluster("DescribeTasks", cluster, inEcs("task", nameOf(cluster), nameOf(task))),
    ),
  StopTaskCommand: ({ cluster, task }) => [
    inCluster("StopTask", cluster, inEcs("task", nameOf(cluster), nameOf(task))),
  ],
  ExecuteCommandCommand: ({ cluster, task, container }) => executing(cluster, task, container),

  SimulatePrincipalPolicyCommand: ({ PolicySourceArn: role }) => [
    { action: "iam:SimulatePrincipalPolicy", resource: role, context: {} },
  ],
  DescribeSubnetsCommand: () => [inEc2("DescribeSubnets")],
  DescribeVpcEndpointsCommand: () => [inEc2("DescribeVpcEndpoints")],

  // Of a user, a group or a membership nobody knows the id beforehand: the store is asked for with each.
  GetUserIdCommand: ({ IdentityStoreId: store }) => inStore("GetUserId", store, "user/u-1"),
  ListGroupMembershipsForMemberCommand: ({ IdentityStoreId: store, MemberId: of }) =>
    inStore("ListGroupMembershipsForMember", store, `user/${of.UserId}`, "membership/*"),
  DescribeGroupCommand: ({ IdentityStoreId: store, GroupId: group }) =>
    inStore("DescribeGroup", store, `group/${group}`),

  TerminateSessionCommand: ({ SessionId: id }) => [
    {
      action: "ssm:TerminateSession",
      resource: `arn:aws:ssm:${region}:${account}:session/${id}`,
      context: {},
    },
  ],
  FilterLogEventsCommand: ({ logGroupName: name }) => [
    {
      action: "logs:FilterLogEvents",
      resource: `arn:aws:logs:${region}:${account}:log-group:${name}:*`,
      context: {},
    },
  ],
  DescribeSessionsCommand: () => [{ action: "ssm:DescribeSessions", resource: "*", context: {} }],
};

/** The questions IAM is asked about a call. Throws for one whose rights are not known here. */
export function iamRequestsOf({
  command,
  input,
}: Pick<AwsCall, "command" | "input">): IamRequest[] {
  const questions = questionsOf[command];
  if (questions === undefined) {
    throw new Error(
      `${command}: which rights it takes is not known. Add it to test/kit/iam/requests.ts, from the service's authorization reference.`,
    );
  }
  return questions(input);
}

/** ExecuteCommand on a container, with the container left out where it is undefined. */
export function executing(cluster: string, task: string, container?: string): IamRequest[] {
  const arn = inEcs("task", nameOf(cluster), nameOf(task));
  return [inEcs("cluster", nameOf(cluster)), arn].map((resource) => ({
    action: "ecs:ExecuteCommand",
    resource,
    context: {
      "ecs:cluster": inEcs("cluster", nameOf(cluster)),
      "ecs:task": arn,
      ...(container === undefined ? {} : { "ecs:container-name": container }),
    },
  }));
}

/** A question about items of a table: with the partition they lie in, and for writes the attributes named. */
export function onTable(
  action: string,
  input: AwsCall["input"],
  more: IamRequest["context"] = {},
): IamRequest[] {
  const attributes = attributesOf(action, input);
  return [
    {
      action: `dynamodb:${action}`,
      resource: tableArn(input.TableName) + (input.IndexName ? `/index/${input.IndexName}` : ""),
      context: {
        "dynamodb:LeadingKeys": [leadingKeyOf(input)],
        ...(attributes.length === 0 ? {} : { "dynamodb:Attributes": attributes }),
        ...(action === "ConditionCheckItem" ? {} : more),
      },
    },
  ];
}

function leadingKeyOf(input: AwsCall["input"]): string {
  const item = input.Item ?? input.Key;
  if (item !== undefined) return item.pk.S;
  const [, value] = /^\S+ = (:\w+)/.exec(input.KeyConditionExpression) ?? [];
  return input.ExpressionAttributeValues[value ?? ""].S;
}

const words = new Set(["attribute_not_exists", "OR", "AND", "SET", "ADD", "BETWEEN"]);

/** The attributes a write names: those of its item or key, and those of its expressions. */
function attributesOf(action: string, input: AwsCall["input"]): string[] {
  if (action === "Query" || action === "GetItem") return [];
  const expressions = `${input.UpdateExpression ?? ""} ${input.ConditionExpression ?? ""}`;
  const named = (expressions.match(/(?<![:\w])#?\w+/g) ?? [])
    .map((word) => input.ExpressionAttributeNames?.[word] ?? word)
    .filter((word) => !words.has(word) && !/^\d/.test(word));
  return [...new Set([...Object.keys(input.Item ?? input.Key), ...named])];
}

export function tableArn(name: string): string {
  return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

function inCluster(action: string, cluster: string, resource: string): IamRequest {
  return {
    action: `ecs:${action}`,
    resource,
    context: { "ecs:cluster": inEcs("cluster", nameOf(cluster)) },
  };
}

export function inStore(action: string, store: string, ...others: string[]): IamRequest[] {
  return [
    `arn:aws:identitystore::${account}:identitystore/${store}`,
    ...others.map((other) => `arn:aws:identitystore:::${other}`),
  ].map((resource) => ({ action: `identitystore:${action}`, resource, context: {} }));
}

export function inEc2(action: string, of = region): IamRequest {
  return { action: `ec2:${action}`, resource: "*", context: { "aws:RequestedRegion": of } };
}

function inEcs(kind: string, ...path: string[]): string {
  return `arn:aws:ecs:${region}:${account}:${kind}/${path.join("/")}`;
}

function nameOf(arnOrName: string): string {
  return arnOrName.split("/").at(-1) ?? "";
}
