import type { Tick } from "./usage.ts";

/** A synthesized template, as much of it as is priced. */
export interface Template {
  Resources: {
    [id: string]: { Type: string; Properties?: { [name: string]: unknown } };
  };
}

/** What costs nothing by being there. What is done by it is counted with what does it. */
const free = new Set([
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::ApiMapping",
  "AWS::ApiGatewayV2::Authorizer",
  "AWS::ApiGatewayV2::DomainName",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::DynamoDB::GlobalTable",
  "AWS::Events::EventBus",
  "AWS::Events::EventBusPolicy",
  "AWS::Events::Rule",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Alias",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Function",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
  "AWS::Logs::QueryDefinition",
  "AWS::Logs::ResourcePolicy",
  "AWS::Organizations::Policy",
  "AWS::Route53::RecordSet",
  "AWS::S3::Bucket",
  "AWS::S3::BucketPolicy",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::Queue",
  "AWS::SQS::QueuePolicy",
]);

/** What costs by being there, by its name in the list of prices. */
const standing: { [type: string]: string } = {
  "AWS::CloudWatch::Alarm": "alarm",
  "AWS::CloudWatch::Dashboard": "dashboard",
  "AWS::KMS::Key": "key",
};
/** Counted by what they make and not by how many they are. */
const counted = new Set(["AWS::Logs::MetricFilter"]);

/** The namespace of the gateway's own metrics; those of AWS's services cost nothing. */
const OWN_METRICS = "Sallyport";
const MINUTES_A_MONTH = 43_800;

/** What of a month is in a template: how much there is of what costs by being there, how often its clocks wake a function, … */
export interface Standing {
  /** By the name in the list of prices. */
  counts: Map<string, number>;
  ticksAMonth: { [tick in Tick]: number };
  /** Memory of its functions, which all have the same; 0 where there are none. */
  gigabytes: number;
  hasOwnKey: boolean;
  isTraced: boolean;
  isInVpc: boolean;
  /** Zones a function may be in. */
  zones: number;
  longestLogDays: number;
}

/** Reads a template. Throws Error for a type that is neither priced nor listed as free. */
export function standingIn(templates: Template[]): Standing {
  const resources = templates.flatMap(({ Resources: all }) => Object.values(all));
  const of = (type: string): { [name: string]: unknown }[] =>
    resources.filter((one) => one.Type === type).map((one) => one.Properties ?? {});
  const counts = new Map<string, number>();
  for (const { Type: type } of resources) {
    const name = standing[type];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    else if (!free.has(type) && !counted.has(type)) {
      throw new Error(
        `${type} is neither priced nor listed as free: say which in tools/cost/template.ts`,
      );
    }
  }
  counts.set("metric", ownMetrics(of).size);
  const functions = of("AWS::Lambda::Function");
  const memory = functions.map((one) => Number(one["MemorySize"] ?? 128) / 1_024);
  const subnets = functions.flatMap((one) => {
    const vpc = one["VpcConfig"] as { SubnetIds: unknown[] } | undefined;
    return vpc === undefined ? [] : [vpc.SubnetIds.length];
  });
  return {
    counts,
    ticksAMonth: ticksIn(of("AWS::Events::Rule")),
    gigabytes: Math.max(0, ...memory),
    hasOwnKey: counts.has("key"),
    isTraced: functions.some((one) => one["TracingConfig"] !== undefined),
    isInVpc: subnets.length > 0,
    zones: Math.max(0, ...subnets),
    longestLogDays: Math.max(
      0,
      ...of("AWS::Logs::LogGroup").map((one) => Number(one["RetentionInDays"] ?? 0)),
    ),
  };
}

/** Of the alarms and of what counts lines of a log: each by its name and dimensions, as CloudWatch counts them. */
function ownMetrics(of: (type: string) => { [name: string]: unknown }[]): Set<string> {
  const names = new Set<string>();
  for (const alarm of of("AWS::CloudWatch::Alarm")) {
    if (alarm["Namespace"] !== OWN_METRICS) continue;
    names.add(JSON.stringify([alarm["MetricName"], alarm["Dimensions"] ?? []]));
  }
  for (const filter of of("AWS::Logs::MetricFilter")) {
    const made = filter["MetricTransformations"] as {
      MetricName: string;
      MetricNamespace: string;
    }[];
    for (const { MetricName: name } of made) names.add(JSON.stringify([name, []]));
  }
  return names;
}

/** By what the rule asks for: the sweeper's says nothing. */
function ticksIn(rules: { [name: string]: unknown }[]): Standing["ticksAMonth"] {
  const ticks = { sweep: 0, compare: 0, sessions: 0, again: 0 };
  for (const rule of rules) {
    const [{ Input: input = "{}" } = {}] = (rule["Targets"] ?? []) as { Input?: string }[];
    const { task = "sweep" } = JSON.parse(input) as { task?: string };
    if (!Object.hasOwn(ticks, task)) {
      throw new Error(`the round ${task} is not counted: bench/session-usage.ts`);
    }
    ticks[task as Tick] += ticksOf(rule);
  }
  return ticks;
}

/** How often a month a rule's clock wakes what it leads to. Throws Error for a schedule that is not read here. */
function ticksOf(rule: { [name: string]: unknown }): number {
  const schedule = rule["ScheduleExpression"];
  if (typeof schedule !== "string") return 0;
  const targets = (rule["Targets"] as unknown[] | undefined)?.length ?? 0;
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule);
  if (rate === null) {
    if (/^cron\(\d+ \d+ /.test(schedule)) return (MINUTES_A_MONTH / 1_440) * targets;
    throw new Error(`the schedule ${schedule} is not read: tools/cost/template.ts`);
  }
  const minutes = { minute: 1, hour: 60, day: 1_440 }[rate[2] as "minute" | "hour" | "day"];
  return (MINUTES_A_MONTH / (Number(rate[1]) * minutes)) * targets;
}
