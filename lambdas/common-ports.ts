import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { cedarPolicyEngine } from "../adapters/cedar-policy-engine.ts";
import { warmUp } from "../adapters/cedar-warm-up.ts";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../adapters/dynamodb-limits.ts";
import { dynamoRefusalCounts } from "../adapters/dynamodb-refusal-counts.ts";
import { identityCenterMemberships } from "../adapters/identity-center-memberships.ts";
import { joseTokens } from "../adapters/jose-tokens.ts";
import { systemClock, systemRandom } from "../adapters/system-clock.ts";
import { lambdaLog } from "./log.ts";
import type { CommonPorts, Composed } from "./ports.ts";
import type { Settings } from "./settings.ts";

/**
 * What every function that judges by rules works with, on AWS. Once the engine is lost the process ends soon, unless
 * `endsItself`: of a function that has more to do than to judge, and ends its process when that is done.
 * Where somebody waits for what is judged, the engine is compiled here, and Error is thrown if it judges wrongly.
 */
export function commonPorts(
  settings: Settings,
  serviceName: string,
  { endsItself = false }: { endsItself?: boolean } = {},
): Composed<CommonPorts> & { dynamodb: DynamoDBClient } {
  const dynamodb = new DynamoDBClient({});
  const log = lambdaLog(serviceName);
  const state = { client: dynamodb, tableName: settings.stateTable };
  const policy = cedarPolicyEngine({
    onLost: (error) => {
      log.error("the rules engine trapped", {}, error);
      if (endsItself) return;
      // A trapped engine denies everything, and only a new process has a new one. This call may still
      // answer; the next one here may fail with API Gateway's 500 while Lambda starts that process.
      setTimeout(() => process.exit(1), 50);
    },
  });
  // Whatever the engine does, what has to end is ended.
  if (!endsItself) warmUp(policy);
  const { identityCenter, deployment } = settings;
  const memberships =
    identityCenter === undefined
      ? undefined
      : identityCenterMemberships({
          ...identityCenter,
          aws: { homeRegion: deployment.territory.places[0].region },
          clock: systemClock,
          onFailure: (error) => log.error("Identity Center cannot be asked", {}, error),
        });
  return {
    dynamodb,
    events: dynamoEvents({
      client: dynamodb,
      tableName: settings.eventsTable,
      tableArn: settings.eventsTableArn,
      clock: systemClock,
      random: systemRandom,
    }),
    limits: dynamoLimits({ ...state, rates: settings.rates }),
    refusalCounts: dynamoRefusalCounts(state),
    policy,
    clock: systemClock,
    random: systemRandom,
    log,
    deployment,
    tokens: joseTokens({ clock: systemClock }),
    ...(memberships === undefined ? {} : { memberships }),
  };
}
