import { type CfnElement, CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { TableEncryptionV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import { functionEnvironment } from "../core/function-environment.ts";
import { functionPolicy } from "../core/function-policies.ts";
import { roleArn } from "../core/roles.ts";
import { acknowledge } from "./acknowledge.ts";
import { Alarms } from "./alarms.ts";
import { AroundLog } from "./around-log.ts";
import { BreakGlassMetric } from "./break-glass-metric.ts";
import { breakGlassPolicy, callerPolicy } from "./caller-policy.ts";
import { clustersIn, partitionOf, targetAccounts } from "./cluster-arn.ts";
import { Dashboard } from "./dashboard.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { EventsTable } from "./events-table.ts";
import { BUS_NAME, Forwarding, letIn } from "./forwarding.ts";
import { FrontDoor } from "./front-door.ts";
import { functionRoleArns, GatewayFunction } from "./gateway-function.ts";
import { addLastResort } from "./last-resort.ts";
import { OwnKey } from "./own-key.ts";
import { Projection } from "./projection.ts";
import { RECOVERY_ROLE, RecoveryRole } from "./recovery-role.ts";
import { requireAuthorizers } from "./route-authorization.ts";
import { StateTable } from "./state-table.ts";
import { Sweeping } from "./sweeping.ts";
import { TargetRoles, targetRolesConfiguration } from "./target-roles.ts";
import { toldFunctions } from "./told-functions.ts";
import { ViewsTable } from "./views-table.ts";
import { Watching } from "./watching.ts";

export interface GatewayStackProps extends Omit<StackProps, "env"> {
  configuration: DeploymentConfiguration;
}

/**
 * The gateway in its home region: the record and the lists, six functions, the front door, and the roles
 * by which they reach the clusters of this account.
 *
 * The ids of its constructs are a contract: another id for a table is another table.
 */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    const { configuration, ...rest } = props;
    super(scope, id, { ...rest, env: configuration.home });
    const { home, clusters, logRetentionDays: logRetention, network, tracing } = configuration;
    const { identityCenter } = configuration;
    const partition = partitionOf(clusters);
    // The roles of the target accounts have fixed names, so that each side can name the other.
    const targetRoleArns = (name: string): { [account: string]: string } =>
      Object.fromEntries(
        targetAccounts(clusters).map((account) => [account, roleArn(partition, account, name)]),
      );
    const [readArns, execArns, endArns] = [
      targetRoleArns("sallyport-read"),
      targetRoleArns("sallyport-exec"),
      targetRoleArns("sallyport-end"),
    ];

    const ownKey = configuration.ownKeys ? new OwnKey(this, "Key") : undefined;
    const encryption =
      ownKey === undefined ? undefined : TableEncryptionV2.customerManagedKey(ownKey.key);
    const { recovery, restoredEventsTable: restoredTable } = configuration;
    const events = new EventsTable(this, "Events", {
      writerRoleArns: [
        ...Object.values(functionRoleArns(partition, home.account)),
        ...(recovery === undefined ? [] : [roleArn(partition, home.account, RECOVERY_ROLE)]),
      ],
      restoredTable,
      deployRoleArns: configuration.deployRoleArns,
      recoveryRoleArns: configuration.recoveryRoleArns,
      encryption,
    }).table;
    // What was listed and counted beside another record says more than this one does: both begin anew with it.
    const beside = restoredTable === undefined ? "" : `-${restoredTable}`;
    const views = new ViewsTable(this, `Views${beside}`, { encryption }).table;
    const state = new StateTable(this, `State${beside}`, { encryption }).table;
    if (recovery !== undefined) {
      new RecoveryRole(this, "Recovery", {
        ...recovery,
        eventsTableArn: events.tableArn,
        viewsTableArn: views.tableArn,
        ownKey,
      });
    }
    const frontDoor = new FrontDoor(this, "FrontDoor", {
      logRetention,
      ownKey: ownKey?.key,
      domain: configuration.domain,
      oidc: configuration.oidc,
    });

    const told = toldFunctions(configuration, {
      eventsTable: events.tableName,
      eventsTableArn: events.tableArn,
      viewsTable: views.tableName,
      stateTable: state.tableName,
      apiId: frontDoor.api.apiId,
    });
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
          readRoleArns: Object.values(readArns),
          execRoleArns: Object.values(execArns),
          endRoleArns: Object.values(endArns),
          ...(identityCenter === undefined
            ? {}
            : {
                identityStoreArn: `arn:${partition}:identitystore::${identityCenter.account ?? home.account}:identitystore/${identityCenter.identityStoreId}`,
              }),
          accessLogArn: frontDoor.accessLog.logGroupArn,
        }),
        // Who reads what API Gateway writes is the one that compares it.
        environment: functionEnvironment({
          ...told,
          accessLog: name === "watcher" ? frontDoor.accessLog.logGroupName : undefined,
        }),
        logRetention,
        ownKey,
        network,
        tracing,
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
      timeout: Duration.minutes(1),
    });

    const watcher = gatewayFunction("Watcher", "watcher", {
      cedar: false,
      timeout: Duration.minutes(5),
    });

    acknowledge(requests.role, {
      [`AwsSolutions-IAM5[Resource::<${this.getLogicalId(views.node.defaultChild as CfnElement)}.Arn>/index/*]`]:
        "Every index of the table of lists, which holds nothing that decides.",
    });
    if (identityCenter !== undefined) {
      for (const { role } of [requests, decide, exec]) acknowledge(role, membershipsOf(partition));
    }
    new BreakGlassMetric(this, "BreakGlass", { logGroup: decide.logGroup });

    frontDoor.open({
      requests: requests.function,
      decide: decide.function,
      exec: exec.function,
    });
    requireAuthorizers(this);
    const { deadLetters } = new Projection(this, "Projection", {
      events,
      projector: projector.function,
      ownKey: ownKey?.key,
    });
    const sweeping = new Sweeping(this, "Sweeping", {
      events,
      sweeper: sweeper.function,
      ownKey: ownKey?.key,
    });
    const bus = new EventBus(this, "Bus", { eventBusName: BUS_NAME });
    for (const account of targetAccounts(clusters)) {
      if (account !== home.account) letIn(bus, account);
    }
    new Forwarding(this, "Forwarding", { region: home.region, busArn: bus.eventBusArn });
    if (configuration.guardrail !== undefined) {
      new AroundLog(this, "Around", { bus, logRetention, ownKey: ownKey?.key });
    }
    const watching = new Watching(this, "Watching", {
      bus,
      tables: { events, views, state },
      watcher,
      ownKey: ownKey?.key,
    });
    const watched = {
      functions: { requests, decide, exec, projector, sweeper, watcher },
      api: frontDoor.api,
      deadLetters,
      unswept: sweeping.deadLetters,
      unseen: watching.deadLetters,
    };
    new Alarms(this, "Alarms", {
      ...watched,
      mail: configuration.alarmMail,
      ownKey: ownKey?.key,
    });
    if (configuration.dashboard) new Dashboard(this, "Dashboard", watched);

    const own = clustersIn(home.account, clusters);
    if (own.length > 0) {
      const targetRoles = new TargetRoles(this, "TargetRoles", {
        configuration: targetRolesConfiguration(configuration, {
          account: home.account,
          clusters: own,
        }),
      });
      // IAM refuses a trust policy that names a role which does not exist yet.
      targetRoles.node.addDependency(
        requests.role,
        decide.role,
        exec.role,
        sweeper.role,
        watcher.role,
      );
    }

    addLastResort(this, configuration, home);

    const apiArn = `arn:${partition}:execute-api:${home.region}:${home.account}:${frontDoor.api.apiId}`;
    new CfnOutput(this, "Url", { value: frontDoor.url });
    new CfnOutput(this, "ApiId", { value: frontDoor.api.apiId });
    new CfnOutput(this, "EventsTable", { value: events.tableName });
    new CfnOutput(this, "CallerPolicy", {
      description: "For the permission set of whoever may call the gateway",
      value: this.toJsonString(callerPolicy(apiArn)),
    });
    new CfnOutput(this, "BreakGlassPolicy", {
      description: "For the permission set of whoever may break the glass",
      value: this.toJsonString(breakGlassPolicy(apiArn)),
    });
  }
}

/** What cdk-nag finds in a right to read memberships. */
function membershipsOf(partition: string): { [finding: string]: string } {
  return Object.fromEntries(
    ["user", "group", "membership"].map((kind) => [
      `AwsSolutions-IAM5[Resource::arn:${partition}:identitystore:::${kind}/*]`,
      "Whose groups are asked for is known by a call alone; the identity store they are of is the one configured.",
    ]),
  );
}
