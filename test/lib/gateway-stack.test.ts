import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import { describe, expect, it } from "vitest";
import { problems } from "../../api/problems.ts";
import { routes } from "../../api/routes.ts";
import { GLASS_BROKEN } from "../../core/break-glass.ts";
import { eventsTablePolicy } from "../../core/events-table-policy.ts";
import { metricNames } from "../../core/metrics.ts";
import { endRole, execRole, readRole } from "../../core/roles.ts";
import { embeddedMetrics } from "../../lambdas/metrics.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";

const account = "111122223333";
const clusters = [
  `arn:aws:ecs:us-east-1:${account}:cluster/prod`,
  `arn:aws:ecs:eu-west-1:${account}:cluster/prod`,
];
const bootstrap = [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }];
const trustedRoles = [{ account, roleId: "AROACKCEVSQ6C2EXAMPLE" }];

/** The stack without its bundles: those take seconds and are another test's. */
function gateway(): { app: App; stack: GatewayStack } {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  const stack = new GatewayStack(app, "Sallyport", {
    configuration: readDeploymentConfiguration({
      home: { account, region: "us-east-1" },
      clusters,
      bootstrap,
      trustedRoles,
      logRetentionDays: 731,
      lastResort: {
        principals: [`arn:aws:iam::${account}:user/emergency/olga`],
        mail: "security@example.com",
      },
    }),
  });
  return { app, stack };
}

const template = Template.fromStack(gateway().stack);

interface Resource {
  Properties: { [name: string]: unknown };
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}
interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}
type Properties = { [name: string]: unknown };

function resources(type: string): [string, Resource][] {
  return Object.entries(template.findResources(type) as { [id: string]: Resource });
}

function only(type: string, id: RegExp): [string, Resource] {
  const found = resources(type).filter(([logicalId]) => id.test(logicalId));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} resources of ${type} match ${id}`);
  }
  return found[0];
}

const functionNames = ["Requests", "Decide", "Exec", "Projector", "Sweeper", "Watcher"] as const;
type FunctionId = (typeof functionNames)[number];

/** Every statement a function's role holds, wherever in the template it stands. */
function statementsOf(name: FunctionId): Statement[] {
  const [roleId, role] = only("AWS::IAM::Role", new RegExp(`^${name}Role`));
  const documents = [
    ...(role.Properties["Policies"] as { PolicyDocument: { Statement: Statement[] } }[]).map(
      ({ PolicyDocument }) => PolicyDocument,
    ),
    ...resources("AWS::IAM::Policy")
      .filter(([, policy]) => JSON.stringify(policy.Properties["Roles"]).includes(roleId))
      .map(([, policy]) => policy.Properties["PolicyDocument"] as { Statement: Statement[] }),
  ];
  return documents.flatMap(({ Statement: statements }) => statements);
}

const actionsOf = (name: FunctionId): string[] =>
  statementsOf(name).flatMap(({ Action }) => [Action].flat());

describe("the front door", () => {
  it("T78 opens exactly the routes of the table, each behind IAM", () => {
    const found = resources("AWS::ApiGatewayV2::Route").map(([, { Properties: route }]) => [
      route["RouteKey"],
      route["AuthorizationType"],
    ]);
    expect(new Set(found)).toEqual(
      new Set(routes.map(({ method, path }) => [`${method} ${path}`, "AWS_IAM"])),
    );
  });

  it("leads each route to the function that the table names", () => {
    const integrations = new Map(resources("AWS::ApiGatewayV2::Integration"));
    for (const [, { Properties: route }] of resources("AWS::ApiGatewayV2::Route")) {
      const integrationId = [...integrations.keys()].find((id) =>
        JSON.stringify(route["Target"]).includes(`"${id}"`),
      );
      const uri = JSON.stringify(
        integrations.get(integrationId ?? "")?.Properties["IntegrationUri"],
      );
      const wanted = routes.find(({ method, path }) => `${method} ${path}` === route["RouteKey"]);
      expect(uri.toLowerCase()).toContain(`"${wanted?.function ?? "none"}function`);
    }
  });

  it("is all that may call a function, but for streams, schedules and what CloudTrail tells", () => {
    const isOfRule = ([, { Properties: one }]: ReturnType<typeof resources>[number]): boolean =>
      one["Principal"] === "events.amazonaws.com";
    const permissions = resources("AWS::Lambda::Permission").filter((one) => !isOfRule(one));
    const rules = resources("AWS::Events::Rule").filter(([, { Properties: one }]) =>
      JSON.stringify(one["Targets"]).includes("Function"),
    );
    const calls = resources("AWS::Lambda::Permission").filter(isOfRule);
    expect(calls).toHaveLength(rules.length);
    for (const [ruleId] of rules) {
      const own = calls.filter(([, { Properties: one }]) =>
        JSON.stringify(one["SourceArn"]).includes(`"${ruleId}"`),
      );
      expect(own).toHaveLength(1);
      const called = ruleId.startsWith("Sweeping") ? "SweeperFunction" : "WatcherFunction";
      expect(JSON.stringify(own[0]?.[1].Properties["FunctionName"])).toContain(called);
    }
    const [, minute] = only("AWS::Events::Rule", /^Sweeping/);
    expect(minute.Properties["ScheduleExpression"]).toBe("rate(1 minute)");
    expect(permissions).toHaveLength(3);
    const [apiId] = only("AWS::ApiGatewayV2::Api", /./);
    for (const [, { Properties: permission }] of permissions) {
      expect(permission["Principal"]).toBe("apigateway.amazonaws.com");
      expect(permission["Action"]).toBe("lambda:InvokeFunction");
      expect(JSON.stringify(permission["SourceArn"])).toContain(`{"Ref":"${apiId}"}`);
    }
    expect(resources("AWS::Lambda::Url")).toEqual([]);
  });

  it("writes who called what and how it ended, and nothing that was said", () => {
    const [, stage] = only("AWS::ApiGatewayV2::Stage", /./);
    const { Format: format } = stage.Properties["AccessLogSettings"] as { Format: string };
    expect(Object.keys(JSON.parse(format) as object)).toEqual([
      "requestId",
      "time",
      "route",
      "path",
      "status",
      "latencyMs",
      "sourceIp",
      "account",
      "caller",
      "callerArn",
      "issuer",
      "subject",
      "authorizerError",
      "integrationError",
    ]);
    expect(format).not.toMatch(/querystring|header|body|accessKey|input|responseOverride/i);
    expect(stage.Properties["StageName"]).toBe("$default");
    expect(stage.Properties["DefaultRouteSettings"]).toEqual({
      ThrottlingBurstLimit: 200,
      ThrottlingRateLimit: 100,
    });
  });
});

describe("a route without an authorizer", () => {
  it("T78 fails the synthesis of the gateway, whoever adds it", () => {
    const { app, stack } = gateway();
    new CfnRoute(stack, "Extra", { apiId: "x", routeKey: "GET /v1/extra" });
    expect(() => app.synth()).toThrow("route GET /v1/extra has authorizationType NONE");
  });
});

describe("the record", () => {
  const [, events] = only("AWS::DynamoDB::GlobalTable", /^Events/);
  const [replica] = events.Properties["Replicas"] as [Properties];

  it("T78 denies updates, deletions, batch writes and PartiQL to everybody, and puts to all but its writers", () => {
    const [policy] = [replica["ResourcePolicy"] as { PolicyDocument: unknown }];
    const writers = ["requests", "decide", "exec", "sweeper", "watcher"].map(
      (name) => `arn:aws:iam::${account}:role/sallyport/sallyport-lambda-${name}`,
    );
    expect(loosely(policy.PolicyDocument)).toEqual(loosely(eventsTablePolicy(writers)));
  });

  it("T78 is kept whatever happens to the stack, and can be restored", () => {
    expect(events.DeletionPolicy).toBe("Retain");
    expect(events.UpdateReplacePolicy).toBe("Retain");
    expect(replica["DeletionProtectionEnabled"]).toBe(true);
    expect(replica["PointInTimeRecoverySpecification"]).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  });

  it("streams keys alone, and lets nothing expire", () => {
    expect(events.Properties["StreamSpecification"]).toEqual({ StreamViewType: "KEYS_ONLY" });
    expect(events.Properties).not.toHaveProperty("TimeToLiveSpecification");
  });

  it("is projected with failures told apart and none lost", () => {
    const [projectorId] = only("AWS::Lambda::Function", /^Projector/);
    const [deadLetters] = only("AWS::SQS::Queue", /^Projection/);
    expect(only("AWS::Lambda::EventSourceMapping", /^Projector/)[1].Properties).toMatchObject({
      FunctionName: { Ref: projectorId },
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRetryAttempts: 10,
      StartingPosition: "TRIM_HORIZON",
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [deadLetters, "Arn"] } } },
    });
  });
});

describe("the sweeper", () => {
  it("is woken by all that the stream keeps, and by the minute for all that the stream loses", () => {
    const [sweeperId] = only("AWS::Lambda::Function", /^Sweeper/);
    expect(only("AWS::Lambda::EventSourceMapping", /^Sweeper/)[1].Properties).toMatchObject({
      FunctionName: { Ref: sweeperId },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      // What alone tells of a changed item: not given up lightly, and not in silence.
      StartingPosition: "TRIM_HORIZON",
      MaximumRetryAttempts: 10,
      BisectBatchOnFunctionError: true,
      DestinationConfig: {
        OnFailure: {
          Destination: { "Fn::GetAtt": [only("AWS::SQS::Queue", /^SweepingDead/)[0], "Arn"] },
        },
      },
    });
  });
});

describe("the record's stream", () => {
  it("keeps nothing from those who read it: what is changed or removed comes to them too", () => {
    const mappings = resources("AWS::Lambda::EventSourceMapping");
    expect(mappings).toHaveLength(2);
    for (const [id, { Properties: mapping }] of mappings) {
      expect(mapping, id).not.toHaveProperty("FilterCriteria");
      expect(mapping["Enabled"], id).not.toBe(false);
    }
  });
});

describe("what functions count", () => {
  it.each(metricNames)("%s is what an alarm looks at", (counted) => {
    const written: string[] = [];
    embeddedMetrics(
      () => 0,
      (line) => written.push(line),
    ).count(counted);
    const { _aws: format, function: name } = JSON.parse(written[0] ?? "");
    const [metric] = format.CloudWatchMetrics;
    const looking = resources("AWS::CloudWatch::Alarm").filter(
      ([, { Properties }]) => Properties["MetricName"] === counted,
    );
    expect(looking.map(([, { Properties }]) => Properties)).toEqual([
      expect.objectContaining({
        Namespace: metric.Namespace,
        MetricName: metric.Metrics[0].Name,
        Dimensions: [{ Name: metric.Dimensions[0][0], Value: name }],
        Statistic: "Sum",
        Threshold: 1,
      }),
    ]);
  });

  it("alarms of an end that is not known to have come until two hours after the last try", () => {
    expect(only("AWS::CloudWatch::Alarm", /^AlarmsEndUnverified/)[1].Properties).toMatchObject({
      Period: 3_600,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
  });
});

describe("the table of thieves in SECURITY.md", () => {
  const page = readFileSync(new URL("../../SECURITY.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("\n## What each thief gets, and what still tells\n");
  const rows = (section.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it("has a row for every function, table and role of the stack, and for whom else we had in mind", () => {
    const functions = resources("AWS::Lambda::Function").map(([id]) =>
      id.replace(/Function[0-9A-F]{8}$/, "").toLowerCase(),
    );
    const tables = resources("AWS::DynamoDB::GlobalTable").map(([id]) =>
      id.replace(/Table[0-9A-F]{8}$/, "").toLowerCase(),
    );
    // A function's own role is what holds the function's credentials.
    const ofTarget = resources("AWS::IAM::Role")
      // The one that forwards has its region in its name.
      .map(([, { Properties }]) =>
        String(Properties["RoleName"]).replace(/-forward-.*$/, "-forward"),
      )
      .filter((role) => !functions.some((name) => role === `sallyport-lambda-${name}`))
      // Only where the configuration names who takes it on, which this one does not.
      .concat("sallyport-recovery");
    const others = [
      "an approver's AWS credentials",
      "an engineer's AWS credentials",
      "a person's token",
      "an issuer's signing key, or its administration",
      "a session's credentials, from the client's memory",
      "the pipeline that deploys",
      "root in a container",
    ];
    const holds = rows.map(([who = ""]) => who.replace(/ credentials$|^PutItem on|^write on/g, ""));
    const named = (pattern: RegExp) =>
      holds.flatMap((who) => pattern.exec(who)?.[1] ?? []).toSorted();
    expect(named(/^the `(\w+)` function's$/)).toEqual(functions.toSorted());
    expect(named(/^ the `?(\w+)`? table$/)).toEqual(tables.toSorted());
    expect(named(/^a session of the role `([\w-]+)`$/)).toEqual(ofTarget.toSorted());
    expect(rows.map(([who]) => who)).toEqual(expect.arrayContaining(others));
    expect(rows).toHaveLength([functions, tables, ofTarget, others].flat().length);
  });

  it("says in each row what they get, what they do not, and what still tells", () => {
    for (const row of rows) expect(row).toEqual(Array(4).fill(expect.stringMatching(/\S/)));
  });

  it("names with each function the roles of target accounts that it may assume to look or act", () => {
    for (const name of functionNames) {
      const [, gets = ""] = rows.find(([who]) => who?.includes(`\`${name.toLowerCase()}\``)) ?? [];
      const assumed = ["read", "exec", "end"].filter((role) =>
        statementsOf(name).some(
          ({ Action, Resource }) =>
            [Action].flat().includes("sts:AssumeRole") &&
            JSON.stringify(Resource).includes(`role/sallyport/sallyport-${role}`),
        ),
      );
      const told = [...gets.matchAll(/`sallyport-(read|exec|end)`/g)].map(([, role = ""]) => role);
      expect([name, told.toSorted()]).toEqual([name, assumed.toSorted()]);
    }
  });
});

describe("the table of codes in docs/operating.md", () => {
  const page = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("\n## What a call says\n");
  const cells = (section.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|")[1]?.trim() ?? "");

  it("has codes there are, each once and with the status it is answered with", () => {
    const codes = cells.map((cell) => /^`(\w+)` \d{3}$/.exec(cell)?.[1] ?? cell);
    const statuses: { [code: string]: { status: number } } = problems;
    expect(cells).toEqual(codes.map((code) => `\`${code}\` ${statuses[code]?.status}`));
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("has every code that says that the gateway cannot, whose cause is not the call", () => {
    const cannot = Object.entries(problems)
      .filter(([, { status }]) => status === 503)
      .map(([code]) => code);
    for (const code of cannot) expect(cells.join()).toContain(`\`${code}\``);
  });
});

describe("the alarms", () => {
  const operating = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8");
  const alarms = resources("AWS::CloudWatch::Alarm").map(([id]) =>
    id.replace(/^Alarms|[0-9A-F]{8}$/g, ""),
  );

  it("each have a page that says what they mean and what to do, and no page is of another", () => {
    const pages = [...operating.matchAll(/^### `(\w+)`$/gm)].map(([, name = ""]) => name);
    expect(pages.toSorted()).toEqual(alarms.toSorted());
    expect(alarms.length).toBeGreaterThan(3);
  });

  it("stand once the glass is broken, and when the sweeper fails or stands still", () => {
    const of = (name: string) =>
      only("AWS::CloudWatch::Alarm", new RegExp(`^Alarms${name}`))[1].Properties;
    expect(of("BreakGlass")).toMatchObject({ MetricName: "BreakGlass", Threshold: 1, Period: 60 });
    const [sweeper] = only("AWS::Lambda::Function", /^Sweeper/);
    const Dimensions = [{ Name: "FunctionName", Value: { Ref: sweeper } }];
    expect(of("SweeperFails")).toMatchObject({
      MetricName: "Errors",
      Dimensions,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(of("SweepUndone")).toMatchObject({
      Period: 60,
      DatapointsToAlarm: 5,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    // By rounds: the stream invokes it too, and so does whoever retries.
    expect(of("SweeperStands")).toMatchObject({
      MetricName: "SweepRounds",
      Period: 60,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
    });
  });

  it.each([
    "BreakGlass",
    "WatchDifference",
    "DecisionUnwitnessed",
    "RecordTouched",
    "ItemTouched",
    "LastResortUsed",
  ])("%s goes off at the first that is counted, and at nothing where none is", (name) => {
    const [, { Properties: alarm }] = only(
      "AWS::CloudWatch::Alarm",
      new RegExp(`^Alarms${name}[0-9A-F]{8}$`),
    );
    expect(alarm).toMatchObject({
      Namespace: "Sallyport",
      MetricName: name,
      Statistic: "Sum",
      Period: 60,
      Threshold: 1,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
  });

  it.each([
    ["ListsLost", /^Projection/],
    ["SweepLost", /^Sweeping/],
    ["WatchLost", /^Watching/],
  ])("%s goes off as soon as its own queue holds anything", (name, own) => {
    const [queue] = only("AWS::SQS::Queue", own);
    const [, { Properties: alarm }] = only("AWS::CloudWatch::Alarm", new RegExp(`^Alarms${name}`));
    expect(alarm).toMatchObject({
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
      Threshold: 1,
      EvaluationPeriods: 1,
    });
  });
});

describe("the views", () => {
  it("have the four lists the adapter reads, with everything in each", () => {
    const [, views] = only("AWS::DynamoDB::GlobalTable", /^Views/);
    const list = (IndexName: string, key: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: key, KeyType: "HASH" },
        { AttributeName: "sort", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    });
    expect(views.Properties["GlobalSecondaryIndexes"]).toEqual([
      list("byRequester", "requester"),
      list("byStatus", "status"),
      list("byService", "service"),
      list("byDay", "day"),
    ]);
  });
});

describe("the functions", () => {
  it.each(functionNames)(
    "%s holds no right on a container, a session, a role or a function",
    (name) => {
      for (const action of actionsOf(name)) {
        expect(action).toMatch(/^(?:dynamodb|logs|sqs|sts):[A-Za-z]+$/);
      }
    },
  );

  it.each(functionNames)("%s can change or remove nothing that is stored", (name) => {
    // The sweeper's mark is no record: it is a row of the state table, and may be lost.
    const [stateId] = only("AWS::DynamoDB::GlobalTable", /^State/);
    const onRecord = statementsOf(name).filter(
      ({ Resource }) => !JSON.stringify(Resource).includes(stateId),
    );
    for (const action of onRecord.flatMap(({ Action }) => [Action].flat())) {
      expect(action).not.toMatch(/Update|Delete|BatchWrite|PartiQL|TagResource/);
    }
  });

  it.each(functionNames)("%s has no managed policy, and no statement on everything", (name) => {
    const [, role] = only("AWS::IAM::Role", new RegExp(`^${name}Role`));
    expect(role.Properties).not.toHaveProperty("ManagedPolicyArns");
    expect(role.Properties["RoleName"]).toBe(`sallyport-lambda-${name.toLowerCase()}`);
    expect(role.Properties["Path"]).toBe("/sallyport/");
    for (const statement of statementsOf(name)) {
      expect(statement.Effect).toBe("Allow");
      expect([statement.Resource].flat()).not.toContain("*");
    }
  });

  it.each(functionNames)(
    "%s runs as built, for long enough, and logs into a group that is kept",
    (name) => {
      const [, { Properties: fn }] = only("AWS::Lambda::Function", new RegExp(`^${name}Function`));
      expect(fn).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
        Timeout: { Projector: 60, Sweeper: 60, Watcher: 300 }[name as string] ?? 29,
      });
      const { LogGroup } = fn["LoggingConfig"] as { LogGroup: { Ref: string } };
      expect(only("AWS::Logs::LogGroup", new RegExp(`^${name}Logs`))[0]).toBe(LogGroup.Ref);
    },
  );

  it("are the only functions there are", () => {
    expect(resources("AWS::Lambda::Function")).toHaveLength(functionNames.length);
  });

  it.each(functionNames)("%s is told where everything is, and no secret", (name) => {
    const [, { Properties: fn }] = only("AWS::Lambda::Function", new RegExp(`^${name}Function`));
    const { Variables: variables } = fn["Environment"] as { Variables: Properties };
    const [eventsId] = only("AWS::DynamoDB::GlobalTable", /^Events/);
    const [viewsId] = only("AWS::DynamoDB::GlobalTable", /^Views/);
    const [apiId] = only("AWS::ApiGatewayV2::Api", /./);
    expect(variables).toEqual({
      EVENTS_TABLE: { Ref: eventsId },
      EVENTS_TABLE_ARN: { "Fn::GetAtt": [eventsId, "Arn"] },
      VIEWS_TABLE: { Ref: viewsId },
      STATE_TABLE: { Ref: only("AWS::DynamoDB::GlobalTable", /^State/)[0] },
      PARTITION: "aws",
      PLACES: JSON.stringify([
        { account, region: "us-east-1" },
        { account, region: "eu-west-1" },
      ]),
      CLUSTERS: JSON.stringify(clusters),
      BOOTSTRAP: JSON.stringify(bootstrap),
      TRUSTED_ROLES: JSON.stringify(trustedRoles),
      OIDC: "[]",
      MAY_STOP_TASKS: "false",
      DEEP_PREFLIGHT: "false",
      API_ID: { Ref: apiId },
      ...(name === "Watcher"
        ? { ACCESS_LOG: { Ref: only("AWS::Logs::LogGroup", /^FrontDoorAccessLogs/)[0] } }
        : {}),
    });
  });
});

describe("the target roles", () => {
  const functionRole = (name: string): string =>
    `arn:aws:iam::${account}:role/sallyport/sallyport-lambda-${name}`;
  const configuration = {
    partition: "aws",
    account,
    clusters,
    functionRoleArns: {
      requests: functionRole("requests"),
      decide: functionRole("decide"),
      exec: functionRole("exec"),
      sweeper: functionRole("sweeper"),
      watcher: functionRole("watcher"),
    },
  };

  it.each([readRole, execRole, endRole])("are deployed as they are written: %o", (document) => {
    const { name, path, trust, permissions } = document(configuration);
    const [deployed] = resources("AWS::IAM::Role")
      .map(([, role]) => role.Properties)
      .filter((role) => role["RoleName"] === name);
    expect(deployed).toEqual({
      RoleName: name,
      Path: path,
      MaxSessionDuration: 3_600,
      AssumeRolePolicyDocument: trust,
      Policies: [{ PolicyName: "gateway", PolicyDocument: permissions }],
    });
  });

  it("T78 hold the only rights to ExecuteCommand in the template: sallyport-exec, and the last resort", () => {
    const holders = resources("AWS::IAM::Role")
      .filter(([, role]) => JSON.stringify(role).includes("ecs:ExecuteCommand"))
      .map(([, role]) => role.Properties["RoleName"]);
    expect(new Set(holders)).toEqual(new Set(["sallyport-exec", "sallyport-last-resort"]));
    for (const [, policy] of resources("AWS::IAM::Policy")) {
      expect(JSON.stringify(policy)).not.toContain("ecs:");
    }
  });

  it("let the exec function alone into sallyport-exec, on both sides", () => {
    const [, exec] = only("AWS::IAM::Role", /^TargetRolesExec/);
    const trust = exec.Properties["AssumeRolePolicyDocument"] as {
      Statement: { Effect: string; Principal: unknown }[];
    };
    for (const statement of trust.Statement) {
      expect(statement.Principal).toEqual({ AWS: [functionRole("exec")] });
      expect(statement).toHaveProperty("Condition");
    }
    const may = functionNames.filter((name) =>
      statementsOf(name).some(
        ({ Action, Resource: resource }) =>
          [Action].flat().includes("sts:AssumeRole") &&
          JSON.stringify(resource).includes("sallyport-exec"),
      ),
    );
    expect(may).toEqual(["Exec"]);
  });

  it("are made after the roles they trust, which IAM looks up", () => {
    const trusted = ["Requests", "Decide", "Exec", "Sweeper", "Watcher"].map(
      (name) => only("AWS::IAM::Role", new RegExp(`^${name}Role`))[0],
    );
    for (const id of ["Read", "Exec", "End"]) {
      const [, role] = only("AWS::IAM::Role", new RegExp(`^TargetRoles${id}`));
      const { DependsOn: dependsOn } = role as Resource & { DependsOn: string[] };
      expect(dependsOn).toEqual(expect.arrayContaining(trusted));
    }
  });
});

describe("the logs", () => {
  it("are kept as long as configured, all of them, and not deleted with the stack", () => {
    const groups = resources("AWS::Logs::LogGroup");
    expect(groups).toHaveLength(functionNames.length + 1);
    for (const [, group] of groups) {
      expect(group).toMatchObject({
        Properties: { RetentionInDays: 731 },
        DeletionPolicy: "Retain",
      });
    }
  });
});

describe("broken glass", () => {
  it("is counted each time that the function of decisions logs it", () => {
    const [, { Properties }] = only("AWS::Logs::MetricFilter", /^BreakGlass/);
    expect(Properties).toMatchObject({
      LogGroupName: { Ref: only("AWS::Logs::LogGroup", /^DecideLogs/)[0] },
      FilterPattern: `{ $.message = "${GLASS_BROKEN}" }`,
      MetricTransformations: [{ MetricNamespace: "Sallyport", MetricName: "BreakGlass" }],
    });
  });
});

/** A document with its one-element lists opened, as the CDK writes them. */
function loosely(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? loosely(value[0]) : value.map(loosely);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, loosely(member)]));
}
