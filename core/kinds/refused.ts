import type { Json } from "../canonical-json.ts";
import type { ErrorCode } from "../errors.ts";

interface RefusedCall {
  data: {
    /** The route's name. */
    route: string;
    /** What the path names: a request or a session, whether or not there is one. */
    about: string | null;
    code: ErrorCode;
  };
  /** `target`: what was asked for, as it was named. */
  values: { detail: string; target?: Json };
}

/** Calls that were read and refused, one kind for each function that refuses. */
export interface RefusedKinds {
  "call.refused": RefusedCall;
  "decision.refused": RefusedCall;
  "open.refused": RefusedCall;
}
