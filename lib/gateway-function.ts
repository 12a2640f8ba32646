import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Duration, Stack } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  type CfnFunction,
  Code,
  type FunctionOptions,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import type { PolicyDocument as PlainPolicy } from "../core/policy-document.ts";
import {
  functionRoleName,
  ROLE_PATH,
  roleArn,
  type TargetRolesConfiguration,
} from "../core/roles.ts";
import { acknowledge, INLINE_POLICY, LOGS_BY_AWS_KEY } from "./acknowledge.ts";
import { functionBundle } from "./function-bundle.ts";
import { type FunctionNetwork, networkPolicy, placeIn } from "./function-network.ts";
import type { OwnKey } from "./own-key.ts";

export interface GatewayFunctionProps {
  /** Its folder under `lambdas/`, and its part in the names of its role. */
  name: GatewayFunctionName;
  /** Everything its role may do, but for its own log group. */
  policy: PlainPolicy;
  environment: { [name: string]: string };
  logRetention: RetentionDays;
  /**
   * A key of the account's own, for tables and logs.
   *
   * @default AWS's own
   */
  ownKey?: OwnKey | undefined;
  /**
   * @default Lambda's own network
   */
  network?: FunctionNetwork | undefined;
  /**
   * Whether X-Ray is told how long its calls took.
   *
   * @default false
   */
  tracing?: boolean;
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

/** The roles of those functions that assume others, as the trusts of those name them. */
export function functionRoleArns(
  partition: string,
  account: string,
): TargetRolesConfiguration["functionRoleArns"] {
  const arnOf = (name: GatewayFunctionName): string =>
    roleArn(partition, account, functionRoleName(name));
  return {
    requests: arnOf("requests"),
    decide: arnOf("decide"),
    exec: arnOf("exec"),
    sweeper: arnOf("sweeper"),
    watcher: arnOf("watcher"),
  };
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The bundle of a function as the package carries it; none in a checkout, where synthesis makes it. */
function packedFunction(name: GatewayFunctionName): string | undefined {
  const folder = fileURLToPath(new URL(`../functions/${name}`, import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

/** One function: its bundle, its log group, and a role of its own that holds what is written down here. */
export class GatewayFunction extends Construct {
  readonly role: Role;
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    const { ownKey, network } = props;
    const { partition, account } = Stack.of(this);
    this.role = new Role(this, "Role", {
      roleName: functionRoleName(props.name),
      path: ROLE_PATH,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: {
        gateway: PolicyDocument.fromJson(props.policy),
        ...(ownKey === undefined ? {} : { key: PolicyDocument.fromJson(ownKey.tablesPolicy()) }),
        ...(network === undefined
          ? {}
          : { network: PolicyDocument.fromJson(networkPolicy(partition, account)) }),
      },
    });
    this.logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention,
      ...(ownKey === undefined ? {} : { encryptionKey: ownKey.key }),
    });
    this.logGroup.grantWrite(this.role);
    const settings: FunctionOptions & { runtime: Runtime } = {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // The share of a CPU grows with memory; this is where it is a whole one.
      memorySize: 1_769,
      timeout: props.timeout ?? Duration.seconds(29),
      role: this.role,
      logGroup: this.logGroup,
      environment: props.environment,
      tracing: props.tracing === true ? Tracing.ACTIVE : Tracing.DISABLED,
    };
    const packed = packedFunction(props.name);
    this.function =
      packed === undefined
        ? new NodejsFunction(this, "Function", {
            ...settings,
            entry: `${root}lambdas/${props.name}/handler.ts`,
            projectRoot: root,
            depsLockFilePath: `${root}package-lock.json`,
            bundling: functionBundle({
              cedar: props.cedar ?? true,
              deepPreflight: props.environment["DEEP_PREFLIGHT"] === "true",
            }),
          })
        : new LambdaFunction(this, "Function", {
            ...settings,
            handler: "index.handler",
            code: Code.fromAsset(packed),
          });
    if (network !== undefined) placeIn(network, this.function.node.defaultChild as CfnFunction);
    this.acknowledge(props);
  }

  private acknowledge({ ownKey, network, tracing }: GatewayFunctionProps): void {
    acknowledge(this, {
      ...INLINE_POLICY,
      "NIST.800.53.R5-LambdaConcurrency":
        "What is reserved for one function is taken from the account's others, and a new account has 10 in all: then the deployment fails. API Gateway's throttle bounds the calls.",
      "NIST.800.53.R5-LambdaDLQ":
        "It is called by API Gateway, which hears of the failure, by a stream with a queue of its own, or each minute anew.",
    });
    if (ownKey === undefined) {
      acknowledge(this.logGroup, LOGS_BY_AWS_KEY);
    } else {
      acknowledge(this.role, {
        "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]":
          "DynamoDB chooses which; the condition lets nobody but DynamoDB use it.",
      });
    }
    if (network === undefined) {
      acknowledge(this.function, {
        "NIST.800.53.R5-LambdaInsideVPC":
          "A switch, `network`: in a VPC it needs endpoints of DynamoDB, STS, ECS, SSM and CloudWatch Logs, which nobody has by chance.",
      });
    } else {
      acknowledge(this.role, {
        "AwsSolutions-IAM5[Resource::*]":
          "IAM knows no resource for network interfaces that are yet to be made; the function's code is denied them.",
      });
    }
    if (tracing === true) {
      acknowledge(this.role, {
        "AwsSolutions-IAM5[Resource::*]": "IAM knows no resource for what X-Ray is sent.",
      });
    }
  }
}
