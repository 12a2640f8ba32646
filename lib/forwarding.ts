import { Stack } from "aws-cdk-lib";
import { CfnEventBusPolicy, EventBus, Rule } from "aws-cdk-lib/aws-events";
import { EventBus as ToBus } from "aws-cdk-lib/aws-events-targets";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { ROLE_PATH } from "../core/roles.ts";
import { acknowledge, INLINE_POLICY } from "./acknowledge.ts";
import type { DeploymentPlace } from "./cluster-arn.ts";

/** The bus in the gateway's home that every account's events come to. */
export const BUS_NAME = "sallyport";

export function busArn(partition: string, home: DeploymentPlace): string {
  return `arn:${partition}:events:${home.region}:${home.account}:event-bus/${BUS_NAME}`;
}

/** Lets another account's forwarding put events onto the gateway's bus. */
export function letIn(bus: EventBus, account: string): void {
  new CfnEventBusPolicy(bus, `From${account}`, {
    eventBusName: bus.eventBusName,
    statementId: `From${account}`,
    statement: {
      Effect: "Allow",
      Principal: { AWS: `arn:${Stack.of(bus).partition}:iam::${account}:root` },
      Action: "events:PutEvents",
      Resource: bus.eventBusArn,
      // Of that account's administrators, only the role that forwards.
      Condition: {
        ArnLike: {
          "aws:PrincipalArn": `arn:${Stack.of(bus).partition}:iam::${account}:role${ROLE_PATH}sallyport-forward-*`,
        },
      },
    },
  });
}

export interface ForwardingProps {
  region: string;
  /** Of the gateway's bus. */
  busArn: string;
}

/**
 * Tells the gateway's home what CloudTrail saw in this account and region of commands, sessions and roles: also what
 * somebody did around the gateway. It needs a trail that records management events, which most accounts have; without
 * one nothing is seen here.
 */
export class Forwarding extends Construct {
  constructor(scope: Construct, id: string, props: ForwardingProps) {
    super(scope, id);
    // What it may do is added by the rule: to put events onto that bus.
    const role = new Role(this, "Role", {
      roleName: `sallyport-forward-${props.region}`,
      path: ROLE_PATH,
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
    });
    acknowledge(role, INLINE_POLICY);
    new Rule(this, "Calls", {
      description: "Commands, sessions and roles that Sallyport compares with its record",
      eventPattern: {
        source: ["aws.ecs", "aws.ssm", "aws.sts"],
        detailType: ["AWS API Call via CloudTrail"],
        detail: {
          eventName: [
            "ExecuteCommand",
            "StartSession",
            "ResumeSession",
            "TerminateSession",
            "AssumeRole",
          ],
        },
      },
      targets: [new ToBus(EventBus.fromEventBusArn(this, "Bus", props.busArn), { role })],
    });
  }
}
