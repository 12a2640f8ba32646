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

/** For a permission set of its own: to break the glass, signed in with a second factor. */
export function breakGlassPolicy(apiArn: string): PolicyDocument {
  return policyDocument({
    Sid: "InAnEmergency",
    Effect: "Allow",
    Action: ["execute-api:Invoke"],
    Resource: routes
      .filter(({ name }) => name === "breakGlass")
      .map((route) => resourceOf(apiArn, route)),
    Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  });
}
