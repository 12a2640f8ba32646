import type { AccessLine, AccessLog } from "../../core/access-log.ts";

/** A line with when it was written. */
export type WrittenLine = AccessLine & { at: number };

/** The front door's log in memory, held to the contract that CloudWatch's is run through. */
export function memoryAccessLog(written: readonly WrittenLine[]): AccessLog {
  return {
    linesOf: async (calls, from, to) =>
      written
        .filter(({ at, call }) => at >= from && at <= to && calls.includes(call))
        .map(({ call, route, path, principal, status }) => ({
          call,
          route,
          path,
          principal,
          ...(status === undefined ? {} : { status }),
        })),
  };
}
