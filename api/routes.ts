/** Which Lambda function serves a route. */
export type FunctionName = "requests" | "decide" | "exec";

export interface Route {
  /** Permanent name; handlers are looked up by it, so a route without a handler does not compile. */
  name: RouteName;
  method: "GET" | "POST" | "DELETE";
  /** API Gateway's path syntax: `{id}` is one segment. */
  path: string;
  function: FunctionName;
  summary: string;
}

export type RouteName = (typeof table)[number]["name"];

const table = [
  {
    name: "createRequest",
    method: "POST",
    path: "/v1/requests",
    function: "requests",
    summary: "Ask to run a command in a container",
  },
  {
    name: "listRequests",
    method: "GET",
    path: "/v1/requests",
    function: "requests",
    summary: "List the requests you may see",
  },
  {
    name: "getRequest",
    method: "GET",
    path: "/v1/requests/{id}",
    function: "requests",
    summary: "One request as it stands, with its card and what it still lacks",
  },
  {
    name: "getRequestEvents",
    method: "GET",
    path: "/v1/requests/{id}/events",
    function: "requests",
    summary: "The chain of one request, event by event, as it is stored",
  },
  {
    name: "cancelRequest",
    method: "POST",
    path: "/v1/requests/{id}/cancel",
    function: "requests",
    summary: "Withdraw your own request",
  },
  {
    name: "decideRequest",
    method: "POST",
    path: "/v1/requests/{id}/decisions",
    function: "decide",
    summary: "Approve or deny what a card says",
  },
  {
    name: "extendRequest",
    method: "POST",
    path: "/v1/requests/{id}/extensions",
    function: "decide",
    summary: "Ask for more time under a grant: a new decision, on a new card",
  },
  {
    name: "revokeRequest",
    method: "POST",
    path: "/v1/requests/{id}/revoke",
    function: "decide",
    summary: "Take a request or its grant back: no session opens after this",
  },
  {
    name: "listLocks",
    method: "GET",
    path: "/v1/locks",
    function: "decide",
    summary: "What is locked: all of it for whoever may lock or audit, else what is yours",
  },
  {
    name: "createLock",
    method: "POST",
    path: "/v1/locks",
    function: "decide",
    summary: "Lock a person, a group, a task, a service or a cluster, at once",
  },
  {
    name: "releaseLock",
    method: "DELETE",
    path: "/v1/locks/{id}",
    function: "decide",
    summary: "Unlock: the first of two persons asks for it (202), the second does it (200)",
  },
  {
    name: "createActivation",
    method: "POST",
    path: "/v1/activations",
    function: "decide",
    summary: "Put new rules and a new directory in force, or ask to",
  },
  {
    name: "breakGlass",
    method: "POST",
    path: "/v1/break-glass",
    function: "decide",
    summary: "In an emergency: run a command in a container now, and owe a review of it",
  },
  {
    name: "reviewRequest",
    method: "POST",
    path: "/v1/requests/{id}/review",
    function: "decide",
    summary: "Say whether breaking the glass was justified",
  },
  {
    name: "listLastResort",
    method: "GET",
    path: "/v1/last-resort",
    function: "requests",
    summary:
      "Uses of the role outside the gateway, newest first, and how it stands with their reviews",
  },
  {
    name: "getLastResort",
    method: "GET",
    path: "/v1/last-resort/{id}",
    function: "requests",
    summary:
      "One use of it, by CloudTrail's id of any of its calls: who, from where, and which calls",
  },
  {
    name: "reviewLastResort",
    method: "POST",
    path: "/v1/last-resort/{id}/review",
    function: "decide",
    summary: "Say whether using it was justified",
  },
  {
    name: "openSession",
    method: "POST",
    path: "/v1/requests/{id}/sessions",
    function: "exec",
    summary: "Open the approved session and receive its credentials, once",
  },
  {
    name: "listSessions",
    method: "GET",
    path: "/v1/sessions",
    function: "requests",
    summary: "Sessions you may see, those of the newest requests first",
  },
  {
    name: "getSession",
    method: "GET",
    path: "/v1/sessions/{sessionId}",
    function: "requests",
    summary: "One session: whose, where, until when",
  },
  {
    name: "terminateSession",
    method: "POST",
    path: "/v1/sessions/{sessionId}/terminate",
    function: "decide",
    summary: "End a session, with its whole task where that is asked for and configured",
  },
  {
    name: "executeCommand",
    method: "POST",
    path: "/v1/execute-command",
    function: "exec",
    summary: "ExecuteCommand in AWS's own shape: asks, waits, and opens once it is approved",
  },
  {
    name: "listTargets",
    method: "GET",
    path: "/v1/targets",
    function: "requests",
    summary: "Running tasks you may ask for",
  },
  {
    name: "listServices",
    method: "GET",
    path: "/v1/services",
    function: "requests",
    summary: "Services you may ask for, and in how many of their tasks ECS Exec would work",
  },
  {
    name: "preflightRequest",
    method: "POST",
    path: "/v1/preflight",
    function: "requests",
    summary: "What would come of asking: checks, rules and card, with nobody asked",
  },
  {
    name: "listEvents",
    method: "GET",
    path: "/v1/events",
    function: "requests",
    summary: "Stored events of every chain, by day, for auditors",
  },
  {
    name: "getActivation",
    method: "GET",
    path: "/v1/activations",
    function: "requests",
    summary:
      "The stored event of one activation, by its number or as `active`, for auditors; with `request`, the one in force, for who could agree to another",
  },
  {
    name: "getText",
    method: "GET",
    path: "/v1/texts",
    function: "requests",
    summary:
      "A text that an activation names by its SHA-256: rules, schema or directory, for auditors; with `request`, for who could agree to it",
  },
  {
    name: "whoami",
    method: "GET",
    path: "/v1/whoami",
    function: "requests",
    summary: "Who the gateway takes you for, and how it knows",
  },
  {
    name: "health",
    method: "GET",
    path: "/v1/health",
    function: "requests",
    summary: "Whether rules are in force and the record can be read",
  },
  {
    name: "openapi",
    method: "GET",
    path: "/v1/openapi.json",
    function: "requests",
    summary: "This API as OpenAPI 3.1",
  },
] as const satisfies readonly {
  name: string;
  method: "GET" | "POST" | "DELETE";
  path: string;
  function: FunctionName;
  summary: string;
}[];

/** Every route of the gateway. The CDK stack, the local server, the CLI and OpenAPI all read this table. */
export const routes: readonly Route[] = table;

/** The route of a method and a concrete path, with its path parameters; undefined when there is none. */
export function matchRoute(
  method: string,
  path: string,
): { route: Route; parameters: { [name: string]: string } } | undefined {
  const given = path.split("/");
  for (const route of routes) {
    if (route.method !== method) continue;
    const wanted = route.path.split("/");
    if (wanted.length !== given.length) continue;
    const parameters: { [name: string]: string } = {};
    const fits = wanted.every((part, i) => {
      const value = given[i] ?? "";
      if (!part.startsWith("{")) return part === value;
      parameters[part.slice(1, -1)] = value;
      return value !== "";
    });
    if (fits) return { route, parameters };
  }
  return undefined;
}
