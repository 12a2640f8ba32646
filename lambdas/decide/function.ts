import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { DecidePorts } from "../ports.ts";
import { createActivation } from "./create-activation.ts";
import { decideRequest } from "./decide-request.ts";
import { extendRequest } from "./extend-request.ts";
import { revokeRequest } from "./revoke-request.ts";

/** Approves, denies, revokes, activates: whatever gives or takes a right. */
export function decideFunction(ports: DecidePorts): HttpFunction {
  return httpFunction(
    "decide",
    { decideRequest, extendRequest, revokeRequest, createActivation },
    ports,
  );
}
