import type { Rates } from "./rate-limits.ts";
import type { Issuer } from "./token.ts";

/**
 * What a deployment tells its functions: the stack and the local gateway alike. What is absent where it is optional,
 * the deployment has not got.
 */
export interface ToldFunctions {
  eventsTable: string;
  eventsTableArn: string;
  viewsTable: string;
  stateTable: string;
  apiId: string;
  partition: string;
  /** Where clusters may be; the gateway's home first. */
  places: readonly { account: string; region: string }[];
  /** By ARN. Each account they are in has the roles of `core/roles.ts`, by their fixed names. */
  clusters: readonly string[];
  bootstrap: readonly { person: string; principal: { account: string; uniqueId: string } }[];
  trustedRoles: readonly { account: string; roleId: string }[];
  issuers: readonly Issuer[];
  mayStopTasks: boolean;
  deepPreflight: boolean;
  /** The log group that API Gateway writes its calls to: of the one function that reads it. */
  accessLog?: string | undefined;
  identityCenter?: { identityStoreId: string; region: string } | undefined;
  rates?: { [rate in keyof Rates]?: number | undefined } | undefined;
}

/** The variable that each of it is in. The functions read these and no others. */
export const environmentVariables = {
  eventsTable: "EVENTS_TABLE",
  eventsTableArn: "EVENTS_TABLE_ARN",
  viewsTable: "VIEWS_TABLE",
  stateTable: "STATE_TABLE",
  apiId: "API_ID",
  partition: "PARTITION",
  places: "PLACES",
  clusters: "CLUSTERS",
  bootstrap: "BOOTSTRAP",
  trustedRoles: "TRUSTED_ROLES",
  issuers: "OIDC",
  mayStopTasks: "MAY_STOP_TASKS",
  deepPreflight: "DEEP_PREFLIGHT",
  accessLog: "ACCESS_LOG",
  identityCenter: "IDENTITY_CENTER",
  rates: "RATES",
} as const satisfies { [member in keyof ToldFunctions]-?: string };

export type EnvironmentVariable = (typeof environmentVariables)[keyof typeof environmentVariables];

/** A function's environment: a text as it is, anything else as JSON. */
export function functionEnvironment(told: ToldFunctions): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [member, value] of Object.entries(told)) {
    if (value === undefined) continue;
    const name = environmentVariables[member as keyof ToldFunctions];
    environment[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return environment;
}
