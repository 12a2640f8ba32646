import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { DecidePorts } from "../ports.ts";
import { createActivation } from "./create-activation.ts";
import { createLock } from "./create-lock.ts";
import { decideRequest } from "./decide-request.ts";
import { listLocks } from "./list-locks.ts";
import { releaseLock } from "./release-lock.ts";
import { revokeRequest } from "./revoke-request.ts";

/** Approves, denies, revokes, locks, activates: whatever gives or takes a right. */
export function decideFunction(ports: DecidePorts): HttpFunction {
  return httpFunction(
    "decide",
    { decideRequest, revokeRequest, createActivation, listLocks, createLock, releaseLock },
    ports,
  );
}
