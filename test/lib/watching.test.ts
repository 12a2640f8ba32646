import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";
import { delivery } from "../kit/cloud-trail.ts";

/** What wakes the watcher, as it is deployed: that each delivery comes to it, once, and no other does. */

const account = "111122223333";
const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
const template = Template.fromStack(
  new GatewayStack(app, "Sallyport", {
    configuration: readDeploymentConfiguration({
      home: { account, region: "us-east-1" },
      clusters: [`arn:aws:ecs:us-east-1:${account}:cluster/demo`],
      bootstrap: [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }],
    }),
  }),
);

type Properties = { [name: string]: unknown };
const rules = Object.entries(
  template.findResources("AWS::Events::Rule") as { [id: string]: { Properties: Properties } },
).map(([id, { Properties: of }]) => ({ id: id.replace(/[0-9A-F]{8}$/, ""), of }));
const watching = rules.filter(({ id }) => id.startsWith("Watching"));
const [deadLetters = ""] = Object.keys(template.findResources("AWS::SQS::Queue")).filter((id) =>
  id.startsWith("Watching"),
);

/** EventBridge's way to compare, as far as these rules need it; any other fails the test. */
function fits(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) {
    return pattern.some((wanted: unknown) => {
      if (typeof wanted === "string") return wanted === value;
      if (typeof wanted !== "object" || wanted === null) throw new TypeError("no such pattern");
      const [[operator, operand] = []] = Object.entries(wanted as { [name: string]: unknown });
      const text = typeof value === "string" ? value : undefined;
      switch (operator) {
        case "prefix":
          return text?.startsWith(String(operand)) === true;
        case "wildcard":
          return text !== undefined && like(String(operand), text);
        // A name or an ARN that is known once it is deployed: that of the test's own table.
        case "Ref":
        case "Fn::GetAtt":
          return text === "events";
        case undefined:
        default:
          throw new TypeError(`no such operator here: ${operator}`);
      }
    });
  }
  return Object.entries(pattern as { [name: string]: unknown }).every(([name, wanted]) =>
    name === "$or"
      ? (wanted as unknown[]).some((one) => fits(one, value))
      : typeof value === "object" &&
        value !== null &&
        fits(wanted, (value as { [name: string]: unknown })[name]),
  );
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

const filled = (name: string, fill: { [name: string]: string } = {}): object =>
  delivery(name, {
    sessionName: "s",
    person: "dev",
    cluster: "demo",
    clusterName: "demo",
    task: "t",
    taskId: "t",
    container: "app",
    command: "ls",
    sessionId: "ecs-execute-command-1",
    target: "ecs:demo_t_r",
    error: "AccessDenied",
    function: "exec",
    ...fill,
  });

/** The rules on one bus that take an event. */
const takenBy = (event: object, among: typeof rules): string[] =>
  among
    .filter(({ of }) => of["EventPattern"] !== undefined && fits(of["EventPattern"], event))
    .map(({ id }) => id);
const onBus = watching.filter(({ of }) => of["EventBusName"] !== undefined);
const onDefault = rules.filter(({ of }) => of["EventBusName"] === undefined);

describe("what CloudTrail tells", () => {
  it.each([
    ["execute-command", "Calls"],
    ["execute-command-denied-to-alice", "Calls"],
    ["start-session-by-alice", "Calls"],
    ["resume-session-by-alice", "Calls"],
    ["assume-exec", "Roles"],
    ["assume-end", "Roles"],
    ["assume-last-resort", "Roles"],
    ["assume-exec-denied-to-alice", "Roles"],
  ])("comes to the watcher by one rule here and one on the bus: %s", (name, rule) => {
    expect(takenBy(filled(name), onDefault)).toEqual([`Forwarding${rule}`]);
    expect(takenBy(filled(name), onBus)).toEqual([`Watching${rule}`]);
  });

  it("of a table comes straight to the watcher, over no bus that others put events on", () => {
    expect(takenBy(filled("update-table"), onDefault)).toEqual(["WatchingTables"]);
    expect(takenBy(filled("update-table"), onBus)).toEqual([]);
  });

  it.each([
    ["UpdateTable", "tableName"],
    ["UpdateTimeToLive", "tableName"],
    ["UpdateContinuousBackups", "tableName"],
    ["DeleteTable", "tableName"],
    ["PutResourcePolicy", "resourceArn"],
    ["DeleteResourcePolicy", "resourceArn"],
    ["RestoreTableToPointInTime", "sourceTableName"],
    ["RestoreTableToPointInTime", "sourceTableArn"],
  ])("comes where it is %s, by its %s", (eventName, parameter) => {
    const { detail, ...event } = filled("update-table") as { detail: object };
    const told = { ...detail, eventName, requestParameters: { [parameter]: "events" } };
    expect(takenBy({ ...event, detail: told }, onDefault)).toHaveLength(1);
  });

  it("is not taken where it is about nobody's role or table of ours", () => {
    const of = (name: string, was: string, is: string): object =>
      JSON.parse(JSON.stringify(filled(name)).replaceAll(was, is)) as object;
    for (const event of [
      of("assume-end", "role/sallyport/", "role/other/"),
      of("update-table", '"events"', '"orders"'),
    ]) {
      expect(takenBy(event, rules)).toEqual([]);
    }
  });

  it("is kept in a queue where it could not be delivered or compared", () => {
    const arn = { "Fn::GetAtt": [deadLetters, "Arn"] };
    for (const { of } of watching) {
      expect(of["Targets"]).toEqual([expect.objectContaining({ DeadLetterConfig: { Arn: arn } })]);
    }
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: arn } },
    });
  });

  it("is asked for in patterns that EventBridge takes, whatever the tables are called", () => {
    for (const { of } of rules) {
      // A reference gets the length of a name or ARN that it may stand for.
      const sent = JSON.stringify(of["EventPattern"] ?? {}).replaceAll(
        /\{"(?:Ref|Fn::GetAtt)":[^}]*\}/g,
        `"${"r".repeat(100)}"`,
      );
      expect(sent.length).toBeLessThanOrEqual(2_048);
    }
  });
});

describe("schedules", () => {
  it("ask for what the watcher does, and no other", () => {
    const asked = watching.flatMap(({ of }) =>
      of["ScheduleExpression"] === undefined
        ? []
        : [[of["ScheduleExpression"], (of["Targets"] as { Input: string }[])[0]?.Input]],
    );
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(
      new Set(
        [
          ["rate(5 minutes)", '{"task":"compare"}'],
          ["rate(1 hour)", '{"task":"sessions"}'],
          ["rate(1 day)", '{"task":"again"}'],
        ].map((one) => JSON.stringify(one)),
      ),
    );
  });
});

describe("the record's stream", () => {
  it("has two readers, as many as AWS allows of a shard, and the watcher is none", () => {
    const mappings = Object.values(
      template.findResources("AWS::Lambda::EventSourceMapping") as {
        [id: string]: { Properties: Properties };
      },
    );
    const [table = ""] = Object.keys(template.findResources("AWS::DynamoDB::GlobalTable")).filter(
      (id) => id.startsWith("Events"),
    );
    const reading = mappings
      .filter(({ Properties: of }) => JSON.stringify(of["EventSourceArn"]).includes(`"${table}"`))
      .map(({ Properties: of }) => (of["FunctionName"] as { Ref: string }).Ref)
      .map((id) => id.replace(/Function[0-9A-F]{8}$/, ""));
    expect(reading.toSorted()).toEqual(["Projector", "Sweeper"]);
    // No other table has a stream that could be read in its place.
    expect(mappings).toHaveLength(reading.length);
  });
});
