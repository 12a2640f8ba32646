import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { functionPolicy, type GatewayFunctionName } from "../core/function-policies.ts";
import { roleArn } from "../core/roles.ts";
import { Alarms } from "./alarms.ts";
import { BreakGlassMetric } from "./break-glass-metric.ts";
import { type DeploymentConfiguration, partitionOf, placesOf } from "./deployment-configuration.ts";
import { EventsTable } from "./events-table.ts";
import { FrontDoor } from "./front-door.ts";
import { functionRoleName, GatewayFunction } from "./gateway-function.ts";
import { Projection } from "./projection.ts";
import { requireAuthorizers } from "./route-authorization.ts";
import { StateTable } from "./state-table.ts";
import { Sweeping } from "./sweeping.ts";
import { TargetRoles } from "./target-roles.ts";
import { ViewsTable } from "./views-table.ts";

export interface GatewayStackProps extends Omit<StackProps, "env"> {
  configuration: DeploymentConfiguration;
}

/**
 * The gateway in its home region: the record and the lists, five functions, the front door, and the roles
 * by which they reach the clusters of this account.
 *
 * The ids of its constructs are a contract: another id for a table is another table.
 */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    const { configuration, ...rest } = props;
    super(scope, id, { ...rest, env: configuration.home });
    const { home, clusters, logRetentionDays: logRetention } = configuration;
    const partition = partitionOf(clusters);
    const arnOf = (name: string): string => roleArn(partition, home.account, name);
    const [readArn, execArn, endArn] = [
      arnOf("sallyport-read"),
      arnOf("sallyport-exec"),
      arnOf("sallyport-end"),
    ];
    const functionRoleArns = {
      requests: arnOf(functionRoleName("requests")),
      decide: arnOf(functionRoleName("decide")),
      exec: arnOf(functionRoleName("exec")),
      sweeper: arnOf(functionRoleName("sweeper")),
    };

    const events = new EventsTable(this, "Events", {
      writerRoleArns: Object.values(functionRoleArns),
    }).table;
    const views = new ViewsTable(this, "Views").table;
    const state = new StateTable(this, "State").table;
    const frontDoor = new FrontDoor(this, "FrontDoor", { logRetention });

    const environment = {
      EVENTS_TABLE: events.tableName,
      EVENTS_TABLE_ARN: events.tableArn,
      VIEWS_TABLE: views.tableName,
      STATE_TABLE: state.tableName,
      READ_ROLE_ARNS: JSON.stringify({ [home.account]: readArn }),
      EXEC_ROLE_ARNS: JSON.stringify({ [home.account]: execArn }),
      END_ROLE_ARNS: JSON.stringify({ [home.account]: endArn }),
      PLACES: JSON.stringify(placesOf(configuration)),
      CLUSTERS: JSON.stringify(clusters),
      BOOTSTRAP: JSON.stringify(configuration.bootstrap),
      TRUSTED_ROLES: JSON.stringify(configuration.trustedRoles),
      ...(configuration.rates === undefined ? {} : { RATES: JSON.stringify(configuration.rates) }),
      ...(configuration.mayStopTasks ? { MAY_STOP_TASKS: "true" } : {}),
      API_ID: frontDoor.api.apiId,
    };
    const gatewayFunction = (
      constructId: string,
      name: GatewayFunctionName,
      own: { cedar?: boolean; timeout?: Duration } = {},
    ): GatewayFunction =>
      new GatewayFunction(this, constructId, {
        name,
        policy: functionPolicy(name, {
          eventsTableArn: events.tableArn,
          viewsTableArn: views.tableArn,
          stateTableArn: state.tableArn,
          readRoleArns: [readArn],
          execRoleArns: [execArn],
          endRoleArns: [endArn],
        }),
        environment,
        logRetention,
        ...own,
      });
    const requests = gatewayFunction("Requests", "requests");
    const decide = gatewayFunction("Decide", "decide");
    const exec = gatewayFunction("Exec", "exec");
    const projector = gatewayFunction("Projector", "projector", {
      cedar: false,
      timeout: Duration.minutes(1),
    });
    const sweeper = gatewayFunction("Sweeper", "sweeper", {
      cedar: false,
      timeout: Duration.minutes(1),
    });

    new BreakGlassMetric(this, "BreakGlass", { logGroup: decide.logGroup });

    frontDoor.open({
      requests: requests.function,
      decide: decide.function,
      exec: exec.function,
    });
    requireAuthorizers(this);
    new Projection(this, "Projection", { events, projector: projector.function });
    new Sweeping(this, "Sweeping", { events, sweeper: sweeper.function });
    new Alarms(this, "Alarms", { sweeper: sweeper.function });

    const targetRoles = new TargetRoles(this, "TargetRoles", {
      configuration: {
        partition,
        account: home.account,
        clusters,
        functionRoleArns,
        mayStopTasks: configuration.mayStopTasks,
      },
    });
    // IAM refuses a trust policy that names a role which does not exist yet.
    targetRoles.node.addDependency(requests.role, decide.role, exec.role, sweeper.role);

    new CfnOutput(this, "Url", { value: frontDoor.api.apiEndpoint });
    new CfnOutput(this, "EventsTable", { value: events.tableName });
  }
}
