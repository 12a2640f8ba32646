import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { z } from "zod";
import { defaultRates, type Rates } from "../core/rate-limits.ts";

/** What one deployment says of itself. Rules and people are not here: they are activated, on the record. */
export interface DeploymentConfiguration {
  /** Account and region of the gateway, its record and its API. */
  home: { account: string; region: string };
  /**
   * ARNs of the clusters the gateway may touch. Any other answers as if it did not exist. They lie in the
   * home account, in any region.
   */
  clusters: string[];
  /** Persons who may put the first rules in force, by the principal they arrive as. */
  bootstrap: { person: string; principal: { account: string; uniqueId: string } }[];
  /** Roles whose session names somebody trusted sets, such as IAM Identity Center's. */
  trustedRoles: { account: string; roleId: string }[];
  /**
   * How much may be done in one minute: changes and reads of one person, requests for one service or family.
   *
   * @default 120 changes and 600 reads, 300 requests
   */
  rates?: Partial<Rates>;
  /**
   * Whether the gateway may stop tasks of these clusters, for whom its rules allow `stopTask`.
   *
   * @default false
   */
  mayStopTasks: boolean;
  /**
   * Days that logs are kept, one of those CloudWatch Logs offers.
   *
   * @default 365
   */
  logRetentionDays: RetentionDays;
}

const CLUSTER_ARN = /^arn:(aws[a-z-]*):ecs:([a-z0-9-]+):(\d{12}):cluster\/[A-Za-z0-9_-]{1,255}$/;
/** A function's environment holds 4 KB in all; names of tables and roles take the rest. */
const ENVIRONMENT_BYTES = 3_000;

const account = z.string().regex(/^\d{12}$/, "not an account id of 12 digits");

const perMinute = z.int().min(1).max(100_000);

const schema = z
  .strictObject({
    home: z.strictObject({
      account,
      region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "not a region such as us-east-1"),
    }),
    clusters: z
      .array(z.string().regex(CLUSTER_ARN, "not the ARN of a cluster"))
      .min(1, "name at least one cluster"),
    bootstrap: z
      .array(
        z.strictObject({
          person: z.string().regex(/^[A-Za-z0-9_.@-]{2,48}$/, "not a person id"),
          principal: z.strictObject({
            account,
            uniqueId: z.string().regex(/^A[A-Z0-9]{15,127}$/, "not a unique id such as AIDA…"),
          }),
        }),
      )
      .min(1, "name at least one person, or nobody can put the first rules in force"),
    trustedRoles: z
      .array(
        z.strictObject({
          account,
          roleId: z.string().regex(/^AROA[A-Z0-9]{12,124}$/, "not a role id such as AROA…"),
        }),
      )
      .default([]),
    rates: z
      .strictObject({ write: perMinute, read: perMinute, target: perMinute })
      .partial()
      .refine(
        (rates) => (rates.target ?? defaultRates.target) >= 2 * (rates.write ?? defaultRates.write),
        "one person could use up a target: it has to take twice what one may write",
      )
      .optional(),
    mayStopTasks: z.boolean().default(false),
    logRetentionDays: z
      .number()
      .refine((days) => isRetention(days), "not a number of days CloudWatch Logs offers")
      .default(RetentionDays.ONE_YEAR),
  })
  .superRefine(({ home, clusters, bootstrap, trustedRoles }, context) => {
    const issue = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: "custom", path, message });
    };
    clusters.forEach((arn, i) => {
      const [, partition, , owner] = CLUSTER_ARN.exec(arn) ?? [];
      if (owner !== home.account) {
        issue(
          ["clusters", i],
          `in account ${owner}: only clusters of ${home.account} can be reached`,
        );
      }
      if (partition !== partitionOf(clusters)) issue(["clusters", i], "in another partition");
      if (clusters.indexOf(arn) !== i) issue(["clusters", i], "named twice");
    });
    const bytes = JSON.stringify([clusters, bootstrap, trustedRoles]).length;
    if (bytes > ENVIRONMENT_BYTES) {
      issue(
        [],
        `takes ${bytes} bytes of a function's environment, which has room for ${ENVIRONMENT_BYTES}`,
      );
    }
  });

/** Reads a configuration. Throws Error with a line for everything that is wrong with it. */
export function readDeploymentConfiguration(value: unknown): DeploymentConfiguration {
  const read = schema.safeParse(value);
  if (read.success) return read.data as DeploymentConfiguration;
  const lines = read.error.issues.map(
    ({ path, message }) => `  ${path.length === 0 ? "configuration" : path.join(".")}: ${message}`,
  );
  throw new Error(`the deployment's configuration cannot be used:\n${lines.join("\n")}`);
}

/** The partition all ARNs of the deployment are in. */
export function partitionOf(clusters: string[]): string {
  return CLUSTER_ARN.exec(clusters[0] ?? "")?.[1] ?? "aws";
}

/** Where the gateway looks: its home first, then the other regions its clusters are in. */
export function placesOf({
  home,
  clusters,
}: Pick<DeploymentConfiguration, "home" | "clusters">): { account: string; region: string }[] {
  const regions = new Set([
    home.region,
    ...clusters.map((arn) => CLUSTER_ARN.exec(arn)?.[2] ?? ""),
  ]);
  return [...regions].map((region) => ({ account: home.account, region }));
}

function isRetention(days: number): boolean {
  return RetentionDays[days] !== undefined && days !== RetentionDays.INFINITE;
}
