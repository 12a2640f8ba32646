import { functionEnvironment, type ToldFunctions } from "../core/function-environment.ts";
import { partitionOf, placesOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";

/** What only a deployment can name. */
type Made = Pick<
  ToldFunctions,
  "eventsTable" | "eventsTableArn" | "viewsTable" | "stateTable" | "apiId"
>;

/** What a deployment tells its functions. */
export function toldFunctions(configuration: DeploymentConfiguration, made: Made): ToldFunctions {
  return {
    ...made,
    partition: partitionOf(configuration.clusters),
    places: placesOf(configuration),
    clusters: configuration.clusters,
    bootstrap: configuration.bootstrap,
    trustedRoles: configuration.trustedRoles,
    issuers: configuration.oidc,
    mayStopTasks: configuration.mayStopTasks,
    deepPreflight: configuration.deepPreflight,
    identityCenter: configuration.identityCenter,
    rates: configuration.rates,
  };
}

/** Lambda refuses more, names and values together, and only once it is deployed. */
export const ENVIRONMENT_LIMIT = 4_096;
/** As long as a name is that CloudFormation makes, with a long name of a stack in it. */
const MADE = "n".repeat(100);

/** Bytes of the largest environment of a function. */
export function environmentBytes(configuration: DeploymentConfiguration): number {
  const environment = functionEnvironment({
    ...toldFunctions(configuration, {
      eventsTable: MADE,
      eventsTableArn: MADE + MADE,
      viewsTable: MADE,
      stateTable: MADE,
      apiId: MADE,
    }),
    accessLog: MADE,
  });
  return Object.entries(environment)
    .map(([name, value]) => name.length + new TextEncoder().encode(value).length)
    .reduce((sum, bytes) => sum + bytes, 0);
}
