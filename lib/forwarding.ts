import { Stack } from "aws-cdk-lib";
import { CfnEventBusPolicy, EventBus, type EventPattern, Rule } from "aws-cdk-lib/aws-events";
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

/** As EventBridge names what CloudTrail tells. */
export const OF_CLOUDTRAIL = ["AWS API Call via CloudTrail"];
/** Roles of the gateway, by ARN or, where AWS refused and told nothing else, in its message. */
const ROLE_OF_OURS = [{ wildcard: `*:role${ROLE_PATH}*` }];

/**
 * What CloudTrail tells that the watcher compares, by the rule that takes it: commands and sessions of everybody, and
 * of AssumeRole, of which there are very many, those of the gateway's own roles.
 */
export const comparedCalls = {
  Calls: {
    source: ["aws.ecs", "aws.ssm"],
    detailType: OF_CLOUDTRAIL,
    detail: {
      eventName: ["ExecuteCommand", "StartSession", "ResumeSession"],
    },
  },
  Roles: {
    source: ["aws.sts"],
    detailType: OF_CLOUDTRAIL,
    detail: {
      eventName: ["AssumeRole"],
      $or: [{ requestParameters: { roleArn: ROLE_OF_OURS } }, { errorMessage: ROLE_OF_OURS }],
    },
  },
} as const satisfies { [rule: string]: EventPattern };

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
    const bus = EventBus.fromEventBusArn(this, "Bus", props.busArn);
    for (const [name, eventPattern] of Object.entries(comparedCalls)) {
      new Rule(this, name, {
        description: "Commands, sessions and roles that Sallyport compares with its record",
        eventPattern,
        targets: [new ToBus(bus, { role })],
      });
    }
  }
}
