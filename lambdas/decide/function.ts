import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { DecidePorts } from "../ports.ts";
import { createActivation } from "./create-activation.ts";
import { decideRequest } from "./decide-request.ts";
import { revokeRequest } from "./revoke-request.ts";
import { terminateSession } from "./terminate-session.ts";

/** Approves, denies, revokes, ends, activates: whatever gives or takes a right. */
export function decideFunction(ports: DecidePorts): HttpFunction {
  return httpFunction(
    "decide",
    { decideRequest, revokeRequest, createActivation, terminateSession },
    ports,
  );
}
