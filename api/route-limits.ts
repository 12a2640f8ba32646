import type { Rates } from "../core/rate-limits.ts";
import type { RouteName } from "./routes.ts";

/**
 * By which of a person's limits each route counts. A route without a row does not compile. Those that are not
 * limited say nothing of the record but whether it is there: they answer even where nothing can be counted.
 */
export const routeLimits: { [name in RouteName]: Exclude<keyof Rates, "target"> | "none" } = {
  createRequest: "write",
  cancelRequest: "write",
  decideRequest: "write",
  extendRequest: "write",
  revokeRequest: "write",
  createActivation: "write",
  terminateSession: "write",
  createLock: "write",
  releaseLock: "write",
  breakGlass: "write",
  reviewRequest: "write",
  reviewLastResort: "write",
  openSession: "write",
  executeCommand: "write",
  // It looks into ECS as an ask does.
  preflightRequest: "write",
  listRequests: "read",
  getRequest: "read",
  getRequestEvents: "read",
  listLastResort: "read",
  getLastResort: "read",
  listSessions: "read",
  getSession: "read",
  listTargets: "read",
  listServices: "read",
  listLocks: "read",
  listEvents: "read",
  getActivation: "read",
  getText: "read",
  whoami: "read",
  health: "none",
  openapi: "none",
};
