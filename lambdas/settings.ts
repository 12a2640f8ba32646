import * as z from "zod";
import type { EnvironmentVariable } from "../core/function-environment.ts";
import { defaultRates, type Rates } from "../core/rate-limits.ts";
import { roleArn } from "../core/roles.ts";
import type { Deployment } from "./ports.ts";

const places = z.array(z.object({ account: z.string(), region: z.string() })).min(1);

const issuer = z.object({
  name: z.string(),
  issuer: z.string(),
  audience: z.string(),
  kind: z.enum(["people", "programs"]),
  groupsClaim: z.string().optional(),
  tokenType: z.string().optional(),
  tokenUse: z.string().optional(),
  scope: z.string().optional(),
  maxAuthAgeMinutes: z.number().min(1).optional(),
});

const json = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: "custom", message: "not the JSON expected" });
      return z.NEVER;
    }
  });

/** What a function reads of its environment: what core/function-environment.ts has written there, no more and no less. */
const variables = {
  EVENTS_TABLE: z.string(),
  EVENTS_TABLE_ARN: z.string(),
  VIEWS_TABLE: z.string().optional(),
  STATE_TABLE: z.string().optional(),
  API_ID: z.string().min(1),
  ACCESS_LOG: z.string().optional(),
  PARTITION: z.string().default("aws"),
  PLACES: json(places),
  CLUSTERS: json(z.array(z.string())),
  BOOTSTRAP: json(
    z.array(
      z.object({
        person: z.string(),
        principal: z.object({ account: z.string(), uniqueId: z.string() }),
      }),
    ),
  ).optional(),
  OIDC: json(z.array(issuer)).optional(),
  IDENTITY_CENTER: json(z.object({ identityStoreId: z.string(), region: z.string() })).optional(),
  RATES: json(
    z.object({ write: z.int().min(1), read: z.int().min(1), target: z.int().min(1) }).partial(),
  ).optional(),
  MAY_STOP_TASKS: z.enum(["true", "false"]).optional(),
  DEEP_PREFLIGHT: z.enum(["true", "false"]).optional(),
  TRUSTED_ROLES: json(z.array(z.object({ account: z.string(), roleId: z.string() }))).optional(),
} satisfies { [name in EnvironmentVariable]: z.ZodType };
const schema = z.object(variables);

export interface Settings {
  eventsTable: string;
  eventsTableArn: string;
  viewsTable: string;
  stateTable: string;
  /** The log group that API Gateway writes its calls to. */
  accessLog: string;
  readRoleArns: { [account: string]: string };
  execRoleArns: { [account: string]: string };
  endRoleArns: { [account: string]: string };
  rates: Rates;
  /** IAM Identity Center, where it says in which groups people are. */
  identityCenter?: { identityStoreId: string; region: string };
  /** Whether IAM and EC2 are asked about a task's role and network before anybody is asked to approve. */
  deepPreflight: boolean;
  deployment: Deployment;
}

/** Reads the environment, once, while the function starts: a variable that is wrong keeps it from starting. */
export function settingsFrom(environment: { [name: string]: string | undefined }): Settings {
  const read = schema.parse(environment);
  const [home, ...others] = read.PLACES;
  if (home === undefined) throw new TypeError("PLACES names no place");
  const accounts = new Set(read.CLUSTERS.map((arn) => arn.split(":")[4] ?? ""));
  const targetRoles = (name: string): { [account: string]: string } =>
    Object.fromEntries(
      [...accounts].map((account) => [account, roleArn(read.PARTITION, account, name)]),
    );
  return {
    eventsTable: read.EVENTS_TABLE,
    eventsTableArn: read.EVENTS_TABLE_ARN,
    viewsTable: read.VIEWS_TABLE ?? "",
    stateTable: read.STATE_TABLE ?? "",
    accessLog: read.ACCESS_LOG ?? "",
    readRoleArns: targetRoles("sallyport-read"),
    execRoleArns: targetRoles("sallyport-exec"),
    endRoleArns: targetRoles("sallyport-end"),
    rates: ratesOf(read.RATES ?? {}),
    ...(read.IDENTITY_CENTER === undefined ? {} : { identityCenter: read.IDENTITY_CENTER }),
    deepPreflight: read.DEEP_PREFLIGHT === "true",
    deployment: {
      // The gateway and its API are of one account; the stack makes one stage.
      api: { id: read.API_ID, account: home.account, stage: "$default" },
      territory: { partition: read.PARTITION, places: [home, ...others] },
      clusters: read.CLUSTERS,
      bootstrap: read.BOOTSTRAP ?? [],
      trustedRoles: read.TRUSTED_ROLES ?? [],
      issuers: read.OIDC ?? [],
      mayStopTasks: read.MAY_STOP_TASKS === "true",
    },
  };
}

function ratesOf(given: { [rate in keyof Rates]?: number | undefined }): Rates {
  return {
    write: given.write ?? defaultRates.write,
    read: given.read ?? defaultRates.read,
    target: given.target ?? defaultRates.target,
  };
}
