import { familiesOf, type GatewayFunctionName, put, putFamily } from "./family-policies.ts";
import { type PolicyDocument, type PolicyStatement, policyDocument } from "./policy-document.ts";

/*
 * What the roles of the functions themselves may do: put the events of their own family, read the
 * record, and assume the roles of the target accounts. None of them may update or delete anything on the
 * record, and none holds any right on a container.
 */

export interface FunctionPolicyConfiguration {
  eventsTableArn: string;
  viewsTableArn: string;
  stateTableArn: string;
  /** ARNs of the target roles, of every target account. */
  readRoleArns: string[];
  execRoleArns: string[];
  endRoleArns: string[];
  /** The identity store of IAM Identity Center, where it says in which groups people are. */
  identityStoreArn?: string;
  /** Of the log group that API Gateway writes the calls of its API to. */
  accessLogArn: string;
}

/** Which index a function puts beside that of days, where it is not that of what is due alone. */
const ownIndex: { [F in GatewayFunctionName]?: string[] } = {
  // What it hears of the stream is known by keys of their own: it can keep nothing of the watcher's from being told.
  sweeper: ["DUE#*", "WATCHED#item:*"],
  // By nothing the watcher finds does anything become due.
  watcher: ["WATCHED#*"],
};

/** Which counters of the state table a function adds to: those of persons, of targets, and of its refusals. */
const counters: { [F in GatewayFunctionName]: string[] } = {
  requests: ["RATE#write#*", "RATE#read#*", "RATE#target#*", "REFUSED#*"],
  decide: ["RATE#write#*", "RATE#read#*", "REFUSED#*"],
  exec: ["RATE#write#*", "RATE#target#*", "REFUSED#*"],
  projector: [],
  sweeper: [],
  watcher: [],
};

/** The whole policy of one function's role, but for its log group and, for the projector, its stream. */
export function functionPolicy(
  name: GatewayFunctionName,
  configuration: FunctionPolicyConfiguration,
): PolicyDocument {
  const { eventsTableArn: events } = configuration;
  const writes = familiesOf[name].map(({ family, chains, hasOpen = true }) =>
    putFamily(family, "Put", events, chains, hasOpen),
  );
  if (writes.length > 0) {
    const index = ["DAY#*", ...(ownIndex[name] ?? ["DUE#*"])];
    writes.push(put("PutIndex", events, index, ["chain", "seq"]));
  }
  if (name === "exec") {
    writes.push(put("PutSessionIndex", events, ["SESSION#*"], ["chain", "seq"]));
  }
  if (name === "decide") writes.push(put("PutTexts", events, ["TEXT#*"], ["text"]));
  return policyDocument(
    ...writes,
    ...reads(name, configuration),
    ...roles(name, configuration),
    ...memberships(name, configuration),
    ...(name === "watcher" ? [readAccessLog(configuration)] : []),
  );
}

function readAccessLog({ accessLogArn }: FunctionPolicyConfiguration): PolicyStatement {
  return {
    Sid: "ReadAccessLog",
    Effect: "Allow",
    Action: ["logs:FilterLogEvents"],
    Resource: [accessLogArn],
  };
}

function reads(
  name: GatewayFunctionName,
  tables: Pick<FunctionPolicyConfiguration, "eventsTableArn" | "viewsTableArn" | "stateTableArn">,
): PolicyStatement[] {
  const { eventsTableArn: events, viewsTableArn: views, stateTableArn: state } = tables;
  const read = (sid: string, actions: string[], resources: string[]): PolicyStatement => ({
    Sid: sid,
    Effect: "Allow",
    Action: actions.map((action) => `dynamodb:${action}`),
    Resource: resources,
  });
  const onState = (sid: string, actions: string[], partitions: string[]): PolicyStatement => ({
    ...read(sid, actions, [state]),
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions },
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  });
  switch (name) {
    case "requests":
      return [
        read("ReadRecord", ["Query", "BatchGetItem", "ConditionCheckItem"], [events]),
        read("ReadLists", ["Query"], [`${views}/index/*`]),
        read("ReadHowFarTheyAre", ["GetItem"], [views]),
        onState("Count", ["UpdateItem"], counters[name]),
      ];
    case "decide":
    case "exec":
      return [
        read("ReadRecord", ["Query", "ConditionCheckItem"], [events]),
        onState("Count", ["UpdateItem"], counters[name]),
      ];
    case "sweeper":
      return [
        // It ends what has to end whatever else moves meanwhile, and so checks no fence.
        read("ReadRecord", ["Query"], [events]),
        onState("KeepMark", ["GetItem", "UpdateItem"], ["MARK#sweeper"]),
        onState("ReadRefusals", ["Query"], ["REFUSED#*"]),
      ];
    case "watcher":
      return [
        read("ReadRecord", ["Query", "BatchGetItem"], [events]),
        onState("KeepMark", ["GetItem", "UpdateItem"], ["MARK#watcher*"]),
      ];
    case "projector":
      return [
        {
          ...read("ReadRequests", ["Query"], [events]),
          Condition: {
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["REQ#*", "CONF"] },
            Null: { "dynamodb:LeadingKeys": "false" },
          },
        },
        read("WriteViews", ["PutItem"], [views]),
      ];
  }
}

/**
 * To look up in which groups a user of Identity Center is, for the functions behind the API. Users, groups and
 * memberships have ids that are not known beforehand; the store they are of is in the same request and is the one.
 */
function memberships(
  name: GatewayFunctionName,
  { identityStoreArn: store }: Pick<FunctionPolicyConfiguration, "identityStoreArn">,
): PolicyStatement[] {
  if (store === undefined || !isBehindApi(name)) return [];
  const partition = store.split(":")[1] ?? "aws";
  const every = (kind: string): string => `arn:${partition}:identitystore:::${kind}/*`;
  return [
    {
      Sid: "ReadMemberships",
      Effect: "Allow",
      Action: [
        "identitystore:GetUserId",
        "identitystore:ListGroupMembershipsForMember",
        "identitystore:DescribeGroup",
      ],
      Resource: [store, every("user"), every("group"), every("membership")],
    },
  ];
}

function isBehindApi(name: GatewayFunctionName): boolean {
  return name === "requests" || name === "decide" || name === "exec";
}

function roles(
  name: GatewayFunctionName,
  { readRoleArns, execRoleArns, endRoleArns }: FunctionPolicyConfiguration,
): PolicyStatement[] {
  const assume = (sid: string, actions: string[], resources: string[]): PolicyStatement => ({
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resources,
  });
  if (name === "projector") return [];
  const read = assume("AssumeRead", ["sts:AssumeRole"], readRoleArns);
  const end = assume("AssumeEnd", ["sts:AssumeRole"], endRoleArns);
  if (name === "sweeper") return [read, end];
  if (name === "watcher") return [end];
  if (name !== "exec") return [read];
  return [
    read,
    assume(
      "AssumeExec",
      ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      execRoleArns,
    ),
    end,
  ];
}
