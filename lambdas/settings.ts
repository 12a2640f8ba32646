import * as z from "zod/mini";
import type { EnvironmentVariable } from "../core/function-environment.ts";
import { defaultRates, type Rates } from "../core/rate-limits.ts";
import { roleArn } from "../core/roles.ts";
import type { Deployment } from "./ports.ts";

const places = z.array(z.object({ account: z.string(), region: z.string() })).check(z.minLength(1));

const issuer = z.object({
  name: z.string(),
  issuer: z.string(),
  audience: z.string(),
  kind: z.enum(["people", "programs"]),
  groupsClaim: z.optional(z.string()),
  tokenType: z.optional(z.string()),
  tokenUse: z.optional(z.string()),
  scope: z.optional(z.string()),
  maxAuthAgeMinutes: z.optional(z.number().check(z.minimum(1))),
});

const perMinute = z.int().check(z.minimum(1));

const json = <T>(schema: z.ZodMiniType<T>) =>
  z.pipe(
    z.string(),
    z.transform((text, context): T => {
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        context.issues.push({ code: "custom", message: "not the JSON expected", input: text });
        return z.NEVER;
      }
    }),
  );

/** What a function reads of its environment: what core/function-environment.ts has written there, no more and no less. */
const variables = {
  EVENTS_TABLE: z.string(),
  EVENTS_TABLE_ARN: z.string(),
  VIEWS_TABLE: z.optional(z.string()),
  STATE_TABLE: z.optional(z.string()),
  API_ID: z.string().check(z.minLength(1)),
  ACCESS_LOG: z.optional(z.string()),
  PARTITION: z._default(z.string(), "aws"),
  PLACES: json(places),
  CLUSTERS: json(z.array(z.string())),
  BOOTSTRAP: z.optional(
    json(
      z.array(
        z.object({
          person: z.string(),
          principal: z.object({ account: z.string(), uniqueId: z.string() }),
        }),
      ),
    ),
  ),
  OIDC: z.optional(json(z.array(issuer))),
  IDENTITY_CENTER: z.optional(json(z.object({ identityStoreId: z.string(), region: z.string() }))),
  RATES: z.optional(
    json(z.partial(z.object({ write: perMinute, read: perMinute, target: perMinute }))),
  ),
  MAY_STOP_TASKS: z.optional(z.enum(["true", "false"])),
  DEEP_PREFLIGHT: z.optional(z.enum(["true", "false"])),
  TRUSTED_ROLES: z.optional(json(z.array(z.object({ account: z.string(), roleId: z.string() })))),
} satisfies { [name in EnvironmentVariable]: z.ZodMiniType };
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
