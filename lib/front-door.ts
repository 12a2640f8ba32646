import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type FunctionName, routes } from "../api/routes.ts";
import { acknowledge, LOGS_BY_AWS_KEY } from "./acknowledge.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { OwnDomain } from "./own-domain.ts";

export interface FrontDoorProps {
  logRetention: RetentionDays;
  /** A key of the account's own, for the access logs. */
  ownKey?: IKey | undefined;
  /**
   * The name it answers by, in place of the one API Gateway gives it.
   *
   * @default API Gateway's own name
   */
  domain?: DeploymentConfiguration["domain"];
}

/** Requests a second, and at once, that the whole API takes before it answers 429. */
const RATE = 100;
const BURST = 200;

/**
 * What is written of each call, by API Gateway and by no function: a decision on the record names its
 * call's id, and here stands who made it. Neither query, body, header nor answer is written.
 */
const ACCESS_LOG = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  route: "$context.routeKey",
  path: "$context.path",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  sourceIp: "$context.identity.sourceIp",
  account: "$context.identity.accountId",
  caller: "$context.identity.caller",
  callerArn: "$context.identity.userArn",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};

/** The HTTP API: every route of the table, each behind IAM. There is no default route. */
export class FrontDoor extends Construct {
  readonly api: HttpApi;
  /** Where people and programs reach it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { domain, ownKey } = props;
    this.api = new HttpApi(this, "Api", {
      apiName: "sallyport",
      createDefaultStage: false,
      // With two names, what one of them is guarded by could be walked round by the other.
      disableExecuteApiEndpoint: domain !== undefined,
    });
    const own = domain === undefined ? undefined : new OwnDomain(this, "Domain", { domain });
    this.url = domain === undefined ? this.api.apiEndpoint : `https://${domain.name}`;
    const accessLogs = new LogGroup(this, "AccessLogs", {
      retention: props.logRetention,
      ...(ownKey === undefined ? {} : { encryptionKey: ownKey }),
    });
    if (ownKey === undefined) acknowledge(accessLogs, LOGS_BY_AWS_KEY);
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: RATE, burstLimit: BURST },
      ...(own === undefined ? {} : { domainMapping: { domainName: own.domainName } }),
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /** Opens the routes, each to the function that the table names for it. */
  open(functions: { [name in FunctionName]: IFunction }): void {
    const authorizer = new HttpIamAuthorizer();
    // One permission for a function and not one for each route: a function's policy ends at 20 KB.
    const integration = (name: FunctionName): HttpLambdaIntegration =>
      new HttpLambdaIntegration(`${name}Integration`, functions[name], {
        scopePermissionToRoute: false,
      });
    const integrations = {
      requests: integration("requests"),
      decide: integration("decide"),
      exec: integration("exec"),
    };
    for (const route of routes) {
      this.api.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration: integrations[route.function],
        authorizer,
      });
    }
  }
}
