import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { preflightSchema } from "../../api/response-schemas.ts";
import type { ClusterDescription, FleetDescription } from "../../emulator/fleet-description.ts";
import type { PolicyStatement } from "../../emulator/iam/policy.ts";
import { definition, service } from "../kit/clinic.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

const region = "us-east-1";
const home = "111122223333";

const allow = (Action: string[], Resource: string, more: Partial<PolicyStatement> = {}) => ({
  Effect: "Allow" as const,
  Action,
  Resource,
  ...more,
});
const role = (...Statement: PolicyStatement[]) => [{ Version: "2012-10-17" as const, Statement }];
const messages = ["Create", "Open"].flatMap((verb) =>
  ["ControlChannel", "DataChannel"].map((what) => `ssmmessages:${verb}${what}`),
);
const speaks = allow(messages, "*");
const logs = [
  allow(["logs:DescribeLogGroups"], "*"),
  allow(
    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    `arn:aws:logs:${region}:${home}:log-group:/exec:*`,
  ),
];
const writes = allow(["s3:PutObject"], "arn:aws:s3:::transcripts/exec/*");
const sees = allow(["s3:GetEncryptionConfiguration"], "arn:aws:s3:::transcripts");

const taskRoles = {
  good: role(speaks, ...logs),
  mute: role(allow(messages.slice(1), "*"), ...logs),
  forbidden: role(speaks, ...logs, { Effect: "Deny", Action: messages[3] ?? "", Resource: "*" }),
  sometimes: role(
    allow(messages, "*", { Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } }),
    ...logs,
  ),
  unlogged: role(speaks),
  bucket: role(speaks, writes, sees),
  blind: role(speaks, writes),
};

const exec = (logConfiguration: {
  [member: string]: string | boolean;
}): ClusterDescription["configuration"] => ({
  executeCommandConfiguration: { logging: "OVERRIDE", logConfiguration },
});
const withRole = (name: string) => ({
  ...definition(name, 1, "app"),
  taskRoleArn: `arn:aws:iam::${name === "foreign" ? "444455556666" : home}:role/${name}`,
});
const on = (subnet: string) => ({ taskDefinition: "good:1", subnet });

const fleet: FleetDescription = {
  taskDefinitions: [...Object.keys(taskRoles), "foreign", "gone"].map(withRole),
  network: {
    subnets: [
      { id: "subnet-open", vpcId: "vpc-open" },
      { id: "subnet-closed", vpcId: "vpc-closed" },
      { id: "subnet-linked", vpcId: "vpc-linked" },
      { id: "subnet-deaf", vpcId: "vpc-deaf" },
      { id: "subnet-shared", vpcId: "vpc-shared", ownerId: "444455556666" },
    ],
    endpoints: [
      {
        id: "vpce-0",
        vpcId: "vpc-open",
        serviceName: `com.amazonaws.${region}.s3`,
        kind: "Gateway",
      },
      { id: "vpce-1", vpcId: "vpc-closed", serviceName: `com.amazonaws.${region}.ecs` },
      { id: "vpce-2", vpcId: "vpc-linked", serviceName: `com.amazonaws.${region}.ecs` },
      { id: "vpce-3", vpcId: "vpc-linked", serviceName: `com.amazonaws.${region}.ssmmessages` },
      {
        id: "vpce-4",
        vpcId: "vpc-deaf",
        serviceName: `com.amazonaws.${region}.ssmmessages`,
        privateDns: false,
      },
    ],
  },
  clusters: [
    {
      name: "deep",
      configuration: exec({ cloudWatchLogGroupName: "/exec" }) ?? {},
      services: [
        ...["good", "mute", "forbidden", "sometimes", "unlogged", "foreign", "gone"].map((name) =>
          service(name, { taskDefinition: `${name}:1`, subnet: "subnet-linked" }),
        ),
        service("open", on("subnet-open")),
        service("closed", on("subnet-closed")),
        service("deaf", on("subnet-deaf")),
        service("shared", on("subnet-shared")),
        service("nowhere", on("subnet-nowhere")),
        service("hosted", {
          taskDefinition: "good:1",
          runsOn: { launchType: "EC2", capacityProvider: "own-machines" },
        }),
      ],
    },
    {
      name: "strict",
      configuration:
        exec({ cloudWatchLogGroupName: "/exec", cloudWatchEncryptionEnabled: true }) ?? {},
      services: [service("unlogged", { taskDefinition: "unlogged:1" })],
    },
    {
      name: "bucket",
      configuration:
        exec({ s3BucketName: "transcripts", s3KeyPrefix: "exec", s3EncryptionEnabled: true }) ?? {},
      services: [
        service("bucket", { taskDefinition: "bucket:1" }),
        service("blind", { taskDefinition: "blind:1" }),
      ],
    },
  ],
};

const wishFor = (name: string, cluster = "deep") => ({
  target: { cluster, service: name, container: "app" },
  command: "/bin/uname -r",
  reason: "which kernel",
});

/** What IAM and EC2 tell of a task, where a deployment asks them. */
describe.skipIf(!engineHere)("deepPreflight", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ fleet, taskRoles });
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  const looked = async (name: string, cluster = "deep") => {
    const answer = await gateway.as("dev")("POST", "/v1/preflight", wishFor(name, cluster));
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return preflightSchema.parse(answer.body);
  };
  const status = async (check: string, name: string, cluster = "deep") => {
    const { checks } = await looked(name, cluster);
    const found = checks.filter((one) => one.check === check);
    expect(found).toHaveLength(1);
    return found[0]?.status;
  };
  const asked = (from: number) =>
    gateway.emulator.calls.slice(from).filter(({ service: of }) => of === "iam" || of === "ec2");

  it("passes a role and a network with nothing wrong, and tells it of nothing else", async () => {
    const { checks, ready, card } = await looked("good");
    expect(ready).toBe(true);
    const found = Object.fromEntries(checks.map((one) => [one.check, one.status]));
    expect(found).toMatchObject({
      task_role_permissions: "passed",
      task_role_log_group: "passed",
      ssmmessages_endpoint: "passed",
      // An endpoint is no proof that the task may use it.
      ssmmessages_route: "not_checked",
      start_session_around: "not_checked",
    });
    expect(card.kind === "exec" && card.warnings).toEqual([]);
  });

  it.each([
    ["mute", messages[0]],
    ["forbidden", messages[3]],
  ])("keeps a request for %s from being asked: its role lacks an action", async (name, action) => {
    const answer = await gateway.as("dev")("POST", "/v1/requests", wishFor(name));
    expect([answer.status, answer.body.code], JSON.stringify(answer.body)).toEqual([
      409,
      "preflight_failed",
    ]);
    expect(answer.body.problems).toEqual([
      {
        check: "task_role_permissions",
        remedy: expect.stringContaining(`role/${name} does not allow ${action};`) as string,
      },
    ]);
    const [event] = await gateway.events.load(`REQ#${answer.body.requestId}`);
    expect(JSON.parse(event?.leaf ?? "{}").kind).toBe("request.refused");
  });

  it.each([
    ["unlogged", "task_role_log_group"],
    ["closed", "ssmmessages_endpoint"],
    ["deaf", "ssmmessages_endpoint"],
    ["hosted", "host_access"],
  ])("warns approvers of %s on the card: %s", async (name, check) => {
    const answer = await gateway.as("dev")("POST", "/v1/requests", wishFor(name));
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    expect(answer.body.card.warnings).toEqual([
      expect.stringMatching(new RegExp(`^${check}: `)) as string,
    ]);
    const [event] = await gateway.events.load(`REQ#${answer.body.id}`);
    expect(JSON.parse(event?.leaf ?? "{}").data.preflight).toContainEqual(
      expect.objectContaining({ check, status: "warning" }),
    );
  });

  it.each([
    ["sometimes", "task_role_permissions", "aws:sourcevpce"],
    ["foreign", "task_role_permissions", "of another account"],
    ["gone", "task_role_permissions", "NoSuchEntity"],
    ["open", "ssmmessages_endpoint", "by the internet"],
    ["shared", "ssmmessages_endpoint", "shared by the account 444455556666"],
    ["nowhere", "ssmmessages_endpoint", "InvalidSubnetID.NotFound"],
    ["hosted", "ssmmessages_endpoint", "its instance"],
  ])("calls what cannot be known of %s not checked: %s", async (name, check, why) => {
    const { checks, ready } = await looked(name);
    expect(ready).toBe(true);
    expect(checks.filter((one) => one.check === check)).toEqual([
      { check, status: "not_checked", remedy: expect.stringContaining(why) as string },
    ]);
  });

  it("is stricter where a session would end as soon as it has begun", async () => {
    expect(await status("task_role_log_group", "unlogged", "strict")).toBe("failed");
    expect(await status("task_role_bucket", "bucket", "bucket")).toBe("passed");
    // A bucket's own policy may allow it.
    expect(await status("task_role_bucket", "blind", "bucket")).toBe("warning");
  });

  it.each([
    ["SimulatePrincipalPolicy", "AccessDenied", 403, "task_role_permissions"],
    ["SimulatePrincipalPolicy", "Throttling", 400, "task_role_permissions"],
    ["DescribeSubnets", "UnauthorizedOperation", 403, "ssmmessages_endpoint"],
    ["DescribeVpcEndpoints", "RequestLimitExceeded", 503, "ssmmessages_endpoint"],
    ["DescribeVpcEndpoints", "InternalError", 500, "ssmmessages_endpoint"],
  ])("guesses nothing where %s answers %s", async (operation, code, http, check) => {
    gateway.emulator.fault({ operation }, { kind: "error", code, status: http });
    const answer = await gateway.as("dev")("POST", "/v1/requests", wishFor("closed"));
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    const [event] = await gateway.events.load(`REQ#${answer.body.id}`);
    expect(JSON.parse(event?.leaf ?? "{}").data.preflight).toContainEqual({
      check,
      status: "not_checked",
      remedy: expect.stringContaining(code) as string,
    });
  });

  it("asks as sallyport-read of that account, and never at an approval or an open", async () => {
    const from = gateway.emulator.calls.length;
    const answer = await gateway.as("dev")("POST", "/v1/requests", wishFor("good"));
    const ofAsk = asked(from);
    expect(new Set(ofAsk.map(({ principal }) => principal))).toEqual(
      new Set([`arn:aws:sts::${home}:assumed-role/sallyport-read/sallyport-requests`]),
    );
    expect(ofAsk.map(({ operation }) => operation).toSorted()).toEqual([
      "DescribeSubnets",
      "DescribeVpcEndpoints",
      "SimulatePrincipalPolicy",
      "SimulatePrincipalPolicy",
    ]);
    const then = gateway.emulator.calls.length;
    const { id, digest } = answer.body;
    const decided = await gateway.as("lead")("POST", `/v1/requests/${id}/decisions`, {
      decision: "approve",
      digest,
    });
    expect(decided.body.status).toBe("approved");
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(asked(then)).toEqual([]);
  });

  it("asks nothing about a target for whoever may not ask there", async () => {
    const from = gateway.emulator.calls.length;
    const answer = await gateway.as("stranger")("POST", "/v1/preflight", wishFor("good"));
    expect(answer.body.code).toBe("cluster_not_found");
    expect(asked(from)).toEqual([]);
  });
});

describe.skipIf(!engineHere)("without deepPreflight", () => {
  it("neither IAM nor EC2 is asked, and both are said not to be checked", async () => {
    const gateway = await startTestGateway({ fleet });
    try {
      const { body } = await gateway.as("dev")("POST", "/v1/preflight", wishFor("mute"));
      const { ready, checks } = preflightSchema.parse(body);
      expect(ready).toBe(true);
      const unlooked = checks.filter(({ check }) => check === "task_role_permissions");
      expect(unlooked.map((one) => one.status)).toEqual(["not_checked"]);
      expect(checks.map(({ check }) => check)).not.toContain("ssmmessages_endpoint");
      const services = gateway.emulator.calls.map((call) => call.service);
      expect(services).toContain("ecs");
      expect(services).not.toContain("iam");
      expect(services).not.toContain("ec2");
    } finally {
      await gateway.close();
    }
  });
});
