import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { Composed, DecidePorts } from "../ports.ts";
import { createActivation } from "./create-activation.ts";
import { decideRequest } from "./decide-request.ts";
import { revokeRequest } from "./revoke-request.ts";

/** Approves, denies, revokes, activates: whatever gives or takes a right. */
export function decideFunction(ports: Composed<DecidePorts>): HttpFunction {
  return httpFunction("decide", { decideRequest, revokeRequest, createActivation }, ports);
}
