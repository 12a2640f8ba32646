import { fileURLToPath } from "node:url";
import { Duration } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { GatewayFunctionName } from "../core/function-policies.ts";
import type { PolicyDocument as PlainPolicy } from "../core/policy-document.ts";
import { ROLE_PATH } from "../core/roles.ts";
import { functionBundle } from "./function-bundle.ts";

export interface GatewayFunctionProps {
  /** Its folder under `lambdas/`, and its part in the names of its role. */
  name: GatewayFunctionName;
  /** Everything its role may do, but for its own log group. */
  policy: PlainPolicy;
  environment: { [name: string]: string };
  logRetention: RetentionDays;
  /**
   * Whether it evaluates rules.
   *
   * @default true
   */
  cedar?: boolean;
  /**
   * @default 29 seconds, one less than API Gateway waits
   */
  timeout?: Duration;
}

/** The name of a function's role: fixed, so that trust policies in target accounts can name it. */
export function functionRoleName(name: GatewayFunctionName): string {
  return `sallyport-lambda-${name}`;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** One function: its bundle, its log group, and a role of its own that holds what is written down here. */
export class GatewayFunction extends Construct {
  readonly role: Role;
  readonly function: NodejsFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    this.role = new Role(this, "Role", {
      roleName: functionRoleName(props.name),
      path: ROLE_PATH,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { gateway: PolicyDocument.fromJson(props.policy) },
    });
    this.logGroup = new LogGroup(this, "Logs", { retention: props.logRetention });
    this.logGroup.grantWrite(this.role);
    this.function = new NodejsFunction(this, "Function", {
      entry: `${root}lambdas/${props.name}/handler.ts`,
      projectRoot: root,
      depsLockFilePath: `${root}package-lock.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // The share of a CPU grows with memory; this is where it is a whole one.
      memorySize: 1_769,
      timeout: props.timeout ?? Duration.seconds(29),
      role: this.role,
      logGroup: this.logGroup,
      environment: { ...props.environment, NODE_OPTIONS: "--enable-source-maps" },
      bundling: functionBundle({ cedar: props.cedar ?? true }),
    });
  }
}
