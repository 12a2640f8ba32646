import { describe, expect, it } from "vitest";
import { roleChecks, roleFinding, taskRoleOf } from "../../../core/checks/role-permissions.ts";
import type { Cluster } from "../../../core/containers.ts";
import type { Simulated, Told } from "../../../core/surroundings.ts";
import { definitionOf, siteOf, taskOf } from "../../kit/build-request.ts";

const place = { account: "111122223333", region: "eu-west-1" };
const roleArn = "arn:aws:iam::111122223333:role/web";
const cluster = (more: Partial<Cluster> = {}): Cluster => ({
  ...siteOf().cluster,
  logging: "NONE",
  logDestinations: [],
  ...more,
});
const checksOf = (more: Partial<Cluster> = {}) => roleChecks(cluster(more), place, "aws");

/** Every question answered so, but for those said otherwise. */
function answered(
  check: ReturnType<typeof roleChecks>[number],
  decision: Simulated["decision"],
  otherwise: { [action: string]: Partial<Simulated> } = {},
): Told<Simulated[]> {
  const value = check.questions.flatMap(({ actions, resource }) =>
    actions.map((action) => ({
      action,
      resource,
      decision,
      unknownKeys: [],
      ...otherwise[action],
    })),
  );
  return { kind: "told", value };
}

describe("what a task role is asked about", () => {
  it("is the agent's four actions, and no more where nothing is encrypted or kept", () => {
    expect(checksOf().map(({ check, questions }) => [check, questions])).toEqual([
      [
        "task_role_permissions",
        [
          {
            actions: [
              "ssmmessages:CreateControlChannel",
              "ssmmessages:CreateDataChannel",
              "ssmmessages:OpenControlChannel",
              "ssmmessages:OpenDataChannel",
            ],
            resource: "*",
          },
        ],
      ],
    ]);
  });

  it("is the cluster's key by its ARN, and by its id, and nothing for an alias", () => {
    const keyOf = (kmsKeyId: string) =>
      checksOf({ kmsKeyId })
        .filter(({ check }) => check === "task_role_kms")
        .flatMap(({ questions }) => questions.map(({ resource }) => resource));
    expect(keyOf("arn:aws:kms:eu-west-1:444455556666:key/1")).toEqual([
      "arn:aws:kms:eu-west-1:444455556666:key/1",
    ]);
    expect(keyOf("2f")).toEqual(["arn:aws:kms:eu-west-1:111122223333:key/2f"]);
    expect(keyOf("alias/exec")).toEqual([]);
    const [, alias] = checksOf({ kmsKeyId: "alias/exec" });
    if (alias === undefined) throw new Error("no check of the key");
    expect(roleFinding(alias, roleArn, { kind: "told", value: [] }).status).toBe("not_checked");
  });

  it("is where transcripts go, with the encryption of it where that is demanded", () => {
    const logDestinations: Cluster["logDestinations"] = [
      { kind: "log_group", name: "/exec", mustBeEncrypted: false },
      { kind: "bucket", name: "kept", prefix: "exec", mustBeEncrypted: true },
    ];
    const checks = checksOf({ logging: "OVERRIDE", logDestinations });
    const resources = checks.flatMap(({ check, questions }) =>
      questions.map(({ actions, resource }) => [check, actions[0], resource]),
    );
    expect(resources.slice(1)).toEqual([
      ["task_role_log_group", "logs:DescribeLogGroups", "*"],
      [
        "task_role_log_group",
        "logs:CreateLogStream",
        "arn:aws:logs:eu-west-1:111122223333:log-group:/exec:*",
      ],
      ["task_role_bucket", "s3:PutObject", "arn:aws:s3:::kept/exec/*"],
      ["task_role_bucket", "s3:GetEncryptionConfiguration", "arn:aws:s3:::kept"],
    ]);
    expect(checksOf({ logging: "NONE", logDestinations })).toHaveLength(1);
  });
});

describe("what IAM's answer means", () => {
  const [check] = checksOf();
  if (check === undefined) throw new Error("no check");

  it("passes where all is allowed, and fails where one action is not, by its name", () => {
    expect(roleFinding(check, roleArn, answered(check, "allowed")).status).toBe("passed");
    const one = answered(check, "allowed", {
      "ssmmessages:OpenDataChannel": { decision: "denied" },
    });
    const found = roleFinding(check, roleArn, one);
    expect(found.status).toBe("failed");
    expect(found.remedy).toContain(`${roleArn} does not allow ssmmessages:OpenDataChannel;`);
  });

  it.each<[string, Told<Simulated[]>]>([
    ["nobody was told", { kind: "not_told", why: "it is refused" }],
    ["an action is missing", { kind: "told", value: [] }],
    [
      "a no hangs on a condition",
      answered(check, "denied", {
        "ssmmessages:OpenDataChannel": { unknownKeys: ["aws:SourceVpce"] },
      }),
    ],
  ])("is no guess where %s", (_, told) => {
    expect(roleFinding(check, roleArn, told).status).toBe("not_checked");
  });
});

it("a task's role is the one it was started with, or else its definition's", () => {
  const started = taskOf(1, { taskRoleArn: "started" });
  expect(taskRoleOf(started, definitionOf())).toBe("started");
  expect(taskRoleOf(taskOf(1), definitionOf())).toBe(definitionOf().taskRoleArn);
  expect(taskRoleOf(taskOf(1), undefined)).toBeUndefined();
});
