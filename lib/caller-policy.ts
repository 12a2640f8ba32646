import { type Route, routes } from "../api/routes.ts";
import { type PolicyDocument, policyDocument } from "../core/policy-document.ts";

/** As IAM names a route: a method, and a path in which a parameter is any text. */
function resourceOf(apiArn: string, { method, path }: Pick<Route, "method" | "path">): string {
  return `${apiArn}/*/${method}${path.replaceAll(/\{[^}]+\}/g, "*")}`;
}

/**
 * What a permission set gives people: to call this API, and nothing else of AWS. Who may do what there is the rules'
 * to say. Breaking the glass is not in it: see `breakGlassPolicy`.
 */
export function callerPolicy(apiArn: string): PolicyDocument {
  const changes = routes.filter(({ name, method }) => method !== "GET" && name !== "breakGlass");
  return policyDocument({
    Sid: "CallSallyport",
    Effect: "Allow",
    Action: ["execute-api:Invoke"],
    Resource: [`${apiArn}/*/GET/v1/*`, ...changes.map((route) => resourceOf(apiArn, route))],
  });
}

/** The roles that Identity Center makes of permission sets. */
const PERMISSION_SETS = "arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*";

/**
 * For a permission set of its own: to break the glass, signed in with a second factor. A session of Identity Center
 * never says whether there was one (`aws:MultiFactorAuthPresent` is not of federated sessions), so that there it is
 * Identity Center that has to ask for it; whoever comes otherwise has to show it.
 */
export function breakGlassPolicy(apiArn: string): PolicyDocument {
  const breaking = {
    Effect: "Allow" as const,
    Action: ["execute-api:Invoke"],
    Resource: routes
      .filter(({ name }) => name === "breakGlass")
      .map((route) => resourceOf(apiArn, route)),
  };
  return policyDocument(
    {
      Sid: "WithASecondFactor",
      ...breaking,
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    {
      Sid: "ByIdentityCenter",
      ...breaking,
      Condition: { ArnLike: { "aws:PrincipalArn": PERMISSION_SETS } },
    },
  );
}
