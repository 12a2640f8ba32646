import { Stack, type StackProps } from "aws-cdk-lib";
import { CfnPolicy } from "aws-cdk-lib/aws-organizations";
import type { Construct } from "constructs";
import { guardrails } from "../core/guardrails.ts";
import { partitionOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";

export interface GuardrailStackProps extends Omit<StackProps, "env"> {
  configuration: DeploymentConfiguration & {
    guardrail: NonNullable<DeploymentConfiguration["guardrail"]>;
  };
  /**
   * What the names of the stacks it guards begin with.
   *
   * @default sallyport
   */
  gatewayStackName?: string;
}

/**
 * The service control policies of core/guardrails.ts, in the organization's management account or the one that it
 * lets manage them. In the stage `observe` they are made and attached to nothing, to be read and tried; in `enforce`
 * they are attached to the targets.
 *
 * Deploy it last: whoever may not change the gateway once it is attached cannot deploy it either.
 */
export class GuardrailStack extends Stack {
  constructor(scope: Construct, id: string, props: GuardrailStackProps) {
    const { configuration, gatewayStackName, ...rest } = props;
    const { guardrail, home, domain, deployRoleArns, recoveryRoleArns } = configuration;
    super(scope, id, { ...rest, env: { account: guardrail.account, region: home.region } });
    const policies = guardrails({
      partition: partitionOf(configuration.clusters),
      deployRoleArns,
      recoveryRoleArns,
      apiId: guardrail.apiId,
      domainName: domain?.name,
      restoredEventsTable: configuration.restoredEventsTable,
      stackName: gatewayStackName,
    });
    for (const { name, description, content } of policies) {
      new CfnPolicy(this, name, {
        name,
        description,
        type: "SERVICE_CONTROL_POLICY",
        content,
        ...(guardrail.stage === "enforce" ? { targetIds: guardrail.targetIds } : {}),
      });
    }
  }
}
