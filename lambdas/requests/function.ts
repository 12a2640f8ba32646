import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { Composed, RequestsPorts } from "../ports.ts";
import { health, listEvents, openapi, whoami } from "./about.ts";
import { cancelRequest } from "./cancel-request.ts";
import { createRequest } from "./create-request.ts";
import { getLastResort, listLastResort } from "./last-resort.ts";
import { listRequests } from "./list-requests.ts";
import { listServices } from "./list-services.ts";
import { listSessions } from "./list-sessions.ts";
import { listTargets } from "./list-targets.ts";
import { preflightRequest } from "./preflight-request.ts";
import { getRequest, getRequestEvents } from "./read-request.ts";
import { getSession } from "./read-session.ts";
import { getActivation, getText } from "./read-sets.ts";

/** Asks, cancels and reads. */
export function requestsFunction(ports: Composed<RequestsPorts>): HttpFunction {
  return httpFunction(
    "requests",
    {
      createRequest,
      listRequests,
      getRequest,
      getRequestEvents,
      cancelRequest,
      listLastResort,
      getLastResort,
      listSessions,
      getSession,
      listTargets,
      listServices,
      preflightRequest,
      listEvents,
      getActivation,
      getText,
      whoami,
      health,
      openapi,
    },
    ports,
  );
}
