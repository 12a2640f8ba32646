import type { Cluster, Place, Task, TaskDefinition } from "../containers.ts";
import type { PreflightFinding } from "../kinds/asked.ts";
import type { Question, Simulated, Told } from "../surroundings.ts";
import { failed, notChecked, passed, warning } from "./finding.ts";

/** What the exec agent calls, on no resource. */
const MESSAGES = [
  "CreateControlChannel",
  "CreateDataChannel",
  "OpenControlChannel",
  "OpenDataChannel",
].map((name) => `ssmmessages:${name}`);

/** What a check asks of IAM, and what a no means. */
export interface RoleCheck {
  check: string;
  questions: Question[];
  /** Where it is not `failed`, something else than the role's own policies may allow it. */
  denied: "failed" | "warning";
  /** What a no leads to, and what to do. */
  consequence: string;
}

/** The role that a task's agent acts as: whoever started it may have set one in place of the definition's. */
export function taskRoleOf(task: Task, definition: TaskDefinition | undefined): string | undefined {
  return task.taskRoleArn ?? definition?.taskRoleArn;
}

/** What the role of a task has to be allowed for ECS Exec, by what its cluster says of keys and transcripts. */
export function roleChecks(cluster: Cluster, place: Place, partition: string): RoleCheck[] {
  const checks: RoleCheck[] = [
    {
      check: "task_role_permissions",
      questions: [{ actions: MESSAGES, resource: "*" }],
      denied: "failed",
      consequence: "its exec agent cannot connect: allow them on *",
    },
  ];
  const arn = (service: string, rest: string): string =>
    `arn:${partition}:${service}:${place.region}:${place.account}:${rest}`;
  const { kmsKeyId } = cluster;
  if (kmsKeyId !== undefined) {
    checks.push({
      check: "task_role_kms",
      // What an alias stands for only KMS could tell, and it is not asked.
      questions: /(?:^|:)alias\//.test(kmsKeyId)
        ? []
        : [
            {
              actions: ["kms:Decrypt"],
              resource: kmsKeyId.startsWith("arn:") ? kmsKeyId : arn("kms", `key/${kmsKeyId}`),
            },
          ],
      denied: "warning",
      consequence: "unless the key's own policy names the role, no session can be opened",
    });
  }
  if (cluster.logging !== "OVERRIDE") return checks;
  for (const { kind, name, prefix, mustBeEncrypted } of cluster.logDestinations) {
    const lost = "what is on the screen is then not kept";
    if (kind === "log_group") {
      checks.push({
        check: "task_role_log_group",
        questions: [
          { actions: ["logs:DescribeLogGroups"], resource: "*" },
          {
            actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resource: arn("logs", `log-group:${name}:*`),
          },
        ],
        denied: mustBeEncrypted ? "failed" : "warning",
        consequence: mustBeEncrypted
          ? "a session ends as soon as it has begun: allow them"
          : `${lost}: allow them`,
      });
    } else {
      const bucket = `arn:${partition}:s3:::${name}`;
      checks.push({
        check: "task_role_bucket",
        questions: [
          {
            actions: ["s3:PutObject"],
            resource: `${bucket}/${prefix === undefined ? "" : `${prefix}/`}*`,
          },
          ...(mustBeEncrypted
            ? [{ actions: ["s3:GetEncryptionConfiguration"], resource: bucket }]
            : []),
        ],
        denied: "warning",
        consequence: `unless the bucket's own policy allows them, ${mustBeEncrypted ? "a session ends as soon as it has begun" : lost}`,
      });
    }
  }
  return checks;
}

/** What IAM's answer means for one check. A no that hangs on a condition nobody can know is none. */
export function roleFinding(
  { check, questions, denied, consequence }: RoleCheck,
  roleArn: string,
  told: Told<Simulated[]>,
): PreflightFinding {
  if (questions.length === 0) {
    return notChecked(
      check,
      `the cluster names its key by an alias; the task role ${roleArn} has to allow kms:Decrypt on it`,
    );
  }
  const wanted = questions.flatMap(({ actions, resource }) =>
    actions.map((action) => ({ action, resource })),
  );
  const named = [...new Set(wanted.map(({ action }) => action))].join(", ");
  if (told.kind === "not_told") {
    return notChecked(check, `${told.why}; the task role ${roleArn} has to allow ${named}`);
  }
  const answers = wanted.map(({ action, resource }) =>
    told.value.find((one) => one.action === action && one.resource === resource),
  );
  if (answers.some((answer) => answer === undefined)) {
    return notChecked(
      check,
      `IAM did not say all of it; the task role ${roleArn} has to allow ${named}`,
    );
  }
  const refused = answers.filter((answer) => answer?.decision === "denied");
  if (refused.length === 0) return passed(check);
  const actions = [...new Set(refused.map((answer) => answer?.action))].join(", ");
  const keys = [...new Set(refused.flatMap((answer) => answer?.unknownKeys ?? []))];
  if (keys.length > 0) {
    return notChecked(
      check,
      `whether the task role ${roleArn} allows ${actions} depends on ${keys.join(", ")}, which is not known beforehand`,
    );
  }
  const say = denied === "failed" ? failed : warning;
  return say(check, `the task role ${roleArn} does not allow ${actions}; ${consequence}`);
}
