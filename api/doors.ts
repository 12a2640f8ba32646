import { matchRoute, type Route } from "./routes.ts";

/**
 * A way in to the routes of the table: what their paths begin with there, and whom its authorizer lets through.
 * A route of API Gateway has one authorizer, so each issuer of tokens has a door of its own.
 */
export type Door =
  | { kind: "iam"; prefix: "" }
  /** `issuer`: by the name the deployment gives it. */
  | { kind: "token"; prefix: string; issuer: string };

const iamDoor: Door = { kind: "iam", prefix: "" };

/**
 * The doors of a deployment: `/v1` for whoever signs with AWS's credentials, `/web/v1` for tokens of the first issuer
 * that is configured, `/web/<name>/v1` for each further one.
 */
export function doorsOf(issuers: readonly string[]): [Door, ...Door[]] {
  const tokens = issuers.map(
    (issuer, i): Door => ({ kind: "token", prefix: i === 0 ? "/web" : `/web/${issuer}`, issuer }),
  );
  return [iamDoor, ...tokens];
}

/** As API Gateway names a route behind a door: `GET /web/v1/whoami`. */
export function routeKeyOf(door: Door, { method, path }: Pick<Route, "method" | "path">): string {
  return `${method} ${door.prefix}${path}`;
}

/** The door and the route of a method and a concrete path; undefined when there is none. */
export function throughDoor(
  doors: readonly Door[],
  method: string,
  path: string,
): { door: Door; route: Route; parameters: { [name: string]: string } } | undefined {
  for (const door of doors) {
    if (!path.startsWith(`${door.prefix}/`)) continue;
    // All paths of the table begin with the version, so no path lies behind two doors.
    const found = matchRoute(method, path.slice(door.prefix.length));
    if (found !== undefined) return { door, ...found };
  }
  return undefined;
}
