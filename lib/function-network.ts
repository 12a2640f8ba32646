import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { type PolicyDocument, policyDocument } from "../core/policy-document.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";

export type FunctionNetwork = NonNullable<DeploymentConfiguration["network"]>;

const INTERFACES = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * What Lambda needs of a function's role to put it into a VPC. It takes the role's own right, for which IAM knows no
 * narrower resource; the function's code, which arrives as a function, is denied it.
 */
export function networkPolicy(partition: string, account: string): PolicyDocument {
  return policyDocument(
    { Sid: "InterfacesOfLambda", Effect: "Allow", Action: INTERFACES, Resource: ["*"] },
    {
      Sid: "NotOfTheCode",
      Effect: "Deny",
      Action: INTERFACES,
      Resource: ["*"],
      Condition: {
        ArnLike: { "lambda:SourceFunctionArn": `arn:${partition}:lambda:*:${account}:function:*` },
      },
    },
  );
}

/** By ids alone: the VPC is the customer's, and nothing of it has to be looked up to synthesize. */
export function placeIn(network: FunctionNetwork, lambda: CfnFunction): void {
  lambda.vpcConfig = {
    subnetIds: network.subnetIds,
    securityGroupIds: network.securityGroupIds,
  };
}
