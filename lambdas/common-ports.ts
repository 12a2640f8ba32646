import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { cedarPolicyEngine } from "../adapters/cedar-policy-engine.ts";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../adapters/dynamodb-limits.ts";
import { dynamoRefusalCounts } from "../adapters/dynamodb-refusal-counts.ts";
import { systemClock, systemRandom } from "../adapters/system-clock.ts";
import { lambdaLog } from "./log.ts";
import type { CommonPorts, Composed } from "./ports.ts";
import type { Settings } from "./settings.ts";

/**
 * What every function that judges by rules works with, on AWS. Once the engine is lost the process ends soon, unless
 * `endsItself`: of a function that has more to do than to judge, and ends its process when that is done.
 */
export function commonPorts(
  settings: Settings,
  serviceName: string,
  { endsItself = false }: { endsItself?: boolean } = {},
): Composed<CommonPorts> & { dynamodb: DynamoDBClient } {
  const dynamodb = new DynamoDBClient({});
  const log = lambdaLog(serviceName);
  const state = { client: dynamodb, tableName: settings.stateTable };
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
    policy: cedarPolicyEngine({
      onLost: (error) => {
        log.error("the rules engine trapped", {}, error);
        if (endsItself) return;
        // A trapped engine denies everything, and only a new process has a new one. This call may still
        // answer; the next one here may fail with API Gateway's 500 while Lambda starts that process.
        setTimeout(() => process.exit(1), 50);
      },
    }),
    clock: systemClock,
    random: systemRandom,
    log,
    deployment: settings.deployment,
  };
}
