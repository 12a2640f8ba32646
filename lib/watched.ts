import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import type { GatewayFunction } from "./gateway-function.ts";

/** The parts of a gateway that alarms and the dashboard look at. */
export interface Watched {
  functions: { [name in GatewayFunctionName]: GatewayFunction };
  api: HttpApi;
  /** Where the projector's stream leaves what it gave up. */
  deadLetters: Queue;
  /** Where the sweeper's does. */
  unswept: Queue;
  /** Where what the watcher could not compare is left. */
  unseen: Queue;
}
