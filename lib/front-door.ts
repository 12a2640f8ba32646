import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer, HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type Door, doorsOf } from "../api/doors.ts";
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
  /** Issuers whose tokens are let through, each by a door of its own (api/doors.ts). */
  oidc: DeploymentConfiguration["oidc"];
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
  issuer: "$context.authorizer.claims.iss",
  subject: "$context.authorizer.claims.sub",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};

/**
 * The HTTP API: every route of the table behind IAM and, for each issuer, once more behind an authorizer of its tokens.
 * There is no default route.
 */
export class FrontDoor extends Construct {
  readonly api: HttpApi;
  /** Where people and programs reach it. */
  readonly url: string;
  /** Who called what, written by API Gateway. */
  readonly accessLog: LogGroup;
  private readonly oidc: DeploymentConfiguration["oidc"];

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { domain, ownKey } = props;
    this.oidc = props.oidc;
    this.api = new HttpApi(this, "Api", {
      apiName: "sallyport",
      createDefaultStage: false,
      // With two names, what one of them is guarded by could be walked round by the other.
      disableExecuteApiEndpoint: domain !== undefined,
    });
    const own = domain === undefined ? undefined : new OwnDomain(this, "Domain", { domain });
    this.url = domain === undefined ? this.api.apiEndpoint : `https://${domain.name}`;
    this.accessLog = new LogGroup(this, "AccessLogs", {
      retention: props.logRetention,
      ...(ownKey === undefined ? {} : { encryptionKey: ownKey }),
    });
    if (ownKey === undefined) acknowledge(this.accessLog, LOGS_BY_AWS_KEY);
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: RATE, burstLimit: BURST },
      ...(own === undefined ? {} : { domainMapping: { domainName: own.domainName } }),
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /** Opens the routes, each to the function that the table names for it. */
  open(functions: { [name in FunctionName]: IFunction }): void {
    const authorizers = this.authorizers();
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
    for (const { door, ...authorized } of authorizers) {
      for (const route of routes) {
        this.api.addRoutes({
          path: `${door.prefix}${route.path}`,
          methods: [HttpMethod[route.method]],
          integration: integrations[route.function],
          ...authorized,
        });
      }
    }
  }

  /** Each door with what lets callers through it. No decision of theirs is kept for another call. */
  private authorizers(): {
    door: Door;
    authorizer: IHttpRouteAuthorizer;
    authorizationScopes?: string[];
  }[] {
    return doorsOf(this.oidc.map(({ name }) => name)).map((door) => {
      const issuer =
        door.kind === "token" ? this.oidc.find(({ name }) => name === door.issuer) : undefined;
      if (issuer === undefined) return { door, authorizer: new HttpIamAuthorizer() };
      const { name, audience, scope } = issuer;
      const jwt = new HttpJwtAuthorizer(`Tokens-${name}`, issuer.issuer, {
        authorizerName: `tokens-${name}`,
        jwtAudience: [audience],
      });
      return {
        door,
        authorizer: jwt,
        ...(scope === undefined ? {} : { authorizationScopes: [scope] }),
      };
    });
  }
}
