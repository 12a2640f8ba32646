import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { Composed, DecidePorts } from "../ports.ts";
import { breakGlass } from "./break-glass.ts";
import { createActivation } from "./create-activation.ts";
import { createLock } from "./create-lock.ts";
import { decideRequest } from "./decide-request.ts";
import { extendRequest } from "./extend-request.ts";
import { listLocks } from "./list-locks.ts";
import { releaseLock } from "./release-lock.ts";
import { reviewLastResort } from "./review-last-resort.ts";
import { reviewRequest } from "./review-request.ts";
import { revokeRequest } from "./revoke-request.ts";
import { terminateSession } from "./terminate-session.ts";

/** Approves, denies, revokes, ends, locks, activates, breaks the glass: whatever gives or takes a right. */
export function decideFunction(ports: Composed<DecidePorts>): HttpFunction {
  return httpFunction(
    "decide",
    {
      decideRequest,
      extendRequest,
      revokeRequest,
      createActivation,
      terminateSession,
      listLocks,
      createLock,
      releaseLock,
      breakGlass,
      reviewRequest,
      reviewLastResort,
    },
    ports,
  );
}
