import type { App } from "aws-cdk-lib";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { GatewayStack } from "./gateway-stack.ts";
import { GuardrailStack } from "./guardrail-stack.ts";
import { TargetAccountStack, targetPlaces } from "./target-account-stack.ts";

/**
 * Every stack that a configuration asks for: the gateway in its home, one where other clusters are, and the guardrail
 * where the organization is managed.
 */
export function addStacks(app: App, configuration: DeploymentConfiguration): void {
  const gateway = new GatewayStack(app, "Sallyport", {
    stackName: "sallyport",
    description: "Sallyport: audited, approved exec into containers on Amazon ECS",
    configuration,
  });
  for (const place of targetPlaces(configuration)) {
    const target = new TargetAccountStack(app, `Target-${place.account}-${place.region}`, {
      stackName: "sallyport-target",
      description: "Sallyport: what the gateway needs where clusters are",
      configuration,
      place,
    });
    target.addStackDependency(gateway, "its roles trust those of the gateway's functions");
  }
  const { guardrail } = configuration;
  if (guardrail !== undefined) {
    new GuardrailStack(app, "Guardrail", {
      stackName: "sallyport-guardrail",
      description:
        "Sallyport: what the organization forbids to all but the gateway and who deploys it",
      configuration: { ...configuration, guardrail },
    });
  }
}
