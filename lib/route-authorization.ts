import { CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import type { Construct } from "constructs";

/**
 * Makes synthesis fail while any route below a construct lets callers in otherwise than its path says: `/web/…` by a
 * token and an authorizer that looks at it, everything else by IAM. It looks at what will be deployed, so that it also
 * sees a route that was not made by the front door.
 */
export function requireAuthorizers(scope: Construct): void {
  scope.node.addValidation({
    validate: () =>
      scope.node
        .findAll()
        .filter((construct) => construct instanceof CfnRoute)
        .flatMap((route) => {
          const { routeKey, authorizationType = "NONE", authorizerId } = route;
          const needed = /^[A-Z]+ \/web\//.test(routeKey) ? "JWT" : "AWS_IAM";
          if (authorizationType !== needed) {
            return [
              `route ${routeKey} has authorizationType ${authorizationType}; it needs ${needed}`,
            ];
          }
          return needed === "JWT" && authorizerId === undefined
            ? [`route ${routeKey} has no authorizer that looks at its tokens`]
            : [];
        }),
  });
}
