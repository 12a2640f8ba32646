import { CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import type { Construct } from "constructs";

/**
 * Makes synthesis fail while any route below a construct lets callers in without IAM. It looks at what
 * will be deployed, so that it also sees a route that was not made by the front door.
 */
export function requireAuthorizers(scope: Construct): void {
  scope.node.addValidation({
    validate: () =>
      scope.node
        .findAll()
        .filter((construct) => construct instanceof CfnRoute)
        .filter((route) => route.authorizationType !== "AWS_IAM")
        .map(
          (route) =>
            `route ${route.routeKey} has authorizationType ${route.authorizationType ?? "NONE"}; every route needs AWS_IAM`,
        ),
  });
}
