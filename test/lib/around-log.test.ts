import { readFileSync } from "node:fs";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { EventBus } from "aws-cdk-lib/aws-events";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, it } from "vitest";
import { callOfLine, callOfRecord } from "../../core/around.ts";
import { AroundLog } from "../../lib/around-log.ts";
import { matchesPattern } from "../kit/event-pattern.ts";

/*
 * What the rules let through to the log is what the report takes of CloudTrail's own records, and what a logged line
 * says is what the record says: two readings of one thing, by a small EventBridge of the test's own.
 */

const { Records: records } = JSON.parse(
  readFileSync(new URL("../fixtures/cloudtrail/around.json", import.meta.url), "utf8"),
) as { Records: { eventSource: string; eventID: string; requestParameters: object }[] };

const stack = new Stack(new App(), "Sallyport", {
  env: { account: "111122223333", region: "us-east-1" },
});
new AroundLog(stack, "Around", {
  bus: new EventBus(stack, "Bus", { eventBusName: "sallyport" }),
  logRetention: RetentionDays.ONE_YEAR,
});
const template = Template.fromStack(stack);

interface Rule {
  EventPattern: object;
  EventBusName: unknown;
  Targets: {
    Arn: unknown;
    InputTransformer: { InputPathsMap: { [name: string]: string }; InputTemplate: string };
  }[];
}
const rules = Object.values(template.findResources("AWS::Events::Rule")).map(
  ({ Properties: properties }) => properties as Rule,
);

const eventOf = (record: { eventSource: string }): object => ({
  source: record.eventSource.replace(/^(\w+)\.amazonaws\.com$/, "aws.$1"),
  "detail-type": "AWS API Call via CloudTrail",
  time: "2026-11-02T09:00:01Z",
  detail: record,
});

/** What EventBridge makes of an event for a target: a path that is not there is nothing. */
function transformed(rule: Rule, event: object): { timestamp: string; message: string } {
  const [target] = rule.Targets;
  const { InputPathsMap: paths, InputTemplate: text } = target?.InputTransformer ?? {
    InputPathsMap: {},
    InputTemplate: "",
  };
  const at = (path: string): string => {
    let value: unknown = event;
    for (const name of path.split(".").slice(1)) {
      value = (value as { [field: string]: unknown } | undefined)?.[name];
    }
    return typeof value === "string" ? value : "";
  };
  const filled = text
    .replace("<time>", JSON.stringify(at("$.time")))
    .replaceAll(/<([\w-]+)>/g, (_, name: string) => at(paths[name] ?? `no path of ${name}`));
  return JSON.parse(filled) as { timestamp: string; message: string };
}

describe("AroundLog", () => {
  it("logs each way round the gateway once, of roles, users and whoever else, and nothing else", () => {
    for (const record of records) {
      const hits = rules.filter((rule) => matchesPattern(rule.EventPattern, eventOf(record)));
      const expected = callOfRecord(record) === undefined ? 0 : 1;
      expect([record.eventID, hits.length]).toEqual([record.eventID, expected]);
    }
    expect(rules).toHaveLength(2);
  });

  it("writes a line that says what the record says, and not which command it was", () => {
    for (const record of records) {
      const event = eventOf(record);
      const [rule] = rules.filter((one) => matchesPattern(one.EventPattern, event));
      if (rule === undefined) continue;
      const { timestamp, message } = transformed(rule, event);
      expect(timestamp).toBe("2026-11-02T09:00:01Z");
      expect(callOfLine(message)).toEqual(callOfRecord(record));
      expect(message).not.toContain("/run/secrets");
    }
  });

  it("listens on the gateway's bus and writes into its own log, which EventBridge is let into", () => {
    const [busId] = Object.keys(template.findResources("AWS::Events::EventBus"));
    const [logId] = Object.keys(template.findResources("AWS::Logs::LogGroup"));
    for (const { EventBusName: bus, Targets: targets } of rules) {
      expect(bus).toEqual({ Ref: busId });
      expect(targets).toHaveLength(1);
      expect(JSON.stringify(targets[0]?.Arn)).toContain(`:log-group:",{"Ref":"${logId}"}`);
    }
    const [policy] = Object.values(template.findResources("AWS::Logs::ResourcePolicy"));
    const text = JSON.stringify(policy?.["Properties"].PolicyDocument);
    expect(text).toContain("events.amazonaws.com");
    expect(text).toContain(`{"Ref":"${logId}"}`);
    expect(Object.keys(template.findResources("AWS::Lambda::Function"))).toEqual([]);
  });

  it("keeps a query by the fields of a line", () => {
    const [query] = Object.values(template.findResources("AWS::Logs::QueryDefinition"));
    const text = String(query?.["Properties"].QueryString);
    const [parse = "", cluster = ""] = [...text.matchAll(/parse @message \/(.*)\//g)].map(
      ([, pattern]) => pattern,
    );
    const [record] = records;
    const event = eventOf(record as { eventSource: string });
    const [rule] = rules.filter((one) => matchesPattern(one.EventPattern, event));
    const { message } = transformed(rule as Rule, event);
    expect(new RegExp(parse).exec(message)?.groups).toMatchObject({
      operation: "ExecuteCommand",
      account: "444455556666",
      by: "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/dana",
      error: "",
    });
    expect(new RegExp(cluster).exec(message)?.groups).toEqual({
      cluster: "arn:aws:ecs:us-east-1:444455556666:cluster/prod",
    });
  });
});
