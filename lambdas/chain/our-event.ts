import type { Api } from "../ports.ts";

/**
 * Why an event is none that the deployment's own API delivers; undefined where it is one. Looks at nothing an
 * authorizer said: what another API, a function's URL or another format puts there means something else.
 *
 * It keeps out what was connected by mistake, or by whoever may only connect. Whoever may invoke a function writes
 * all of the event: only IAM keeps them out.
 */
export function whyNotOurs(event: unknown, { id, account, stage }: Api): string | undefined {
  const { version, requestContext } = membersOf(event);
  if (version !== "2.0") return "its format is not 2.0";
  const context = membersOf(requestContext);
  if (context["apiId"] !== id) return "it is of another API";
  if (context["accountId"] !== account) return "it is of another account";
  if (context["stage"] !== stage) return "it is of another stage";
  if (typeof membersOf(context["http"])["method"] !== "string") return "it has no method";
  if (typeof membersOf(event)["rawPath"] !== "string") return "it has no path";
  if (typeof context["requestId"] !== "string") return "it has no id";
  return undefined;
}

/** Whether an event is of the route that its path says. */
export function isOfRoute(event: unknown, routeKey: string): boolean {
  const { routeKey: own, requestContext } = membersOf(event);
  return own === routeKey && membersOf(requestContext)["routeKey"] === routeKey;
}

function membersOf(value: unknown): { [name: string]: unknown } {
  return typeof value === "object" && value !== null ? (value as { [name: string]: unknown }) : {};
}
