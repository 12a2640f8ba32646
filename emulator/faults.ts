import type { JsonObject } from "./json.ts";

/**
 * What to do to a call instead of answering it, or before, or to its answer. The kinds that strike what
 * has happened leave a refusal as it is, for then nothing has.
 */
export type Fault =
  /** This error, in the service's own form; nothing has happened. */
  | { kind: "error"; code: string; status: number; message?: string }
  /** A bare status and no body, as a load balancer answers; nothing has happened. */
  | { kind: "status"; status: number }
  /** The connection is reset; nothing has happened. */
  | { kind: "reset" }
  /** No answer ever; nothing has happened. */
  | { kind: "hang" }
  /** The answer, late; what it answers happens late too. */
  | { kind: "slow"; ms: number }
  /** It happened, and the answer is lost. */
  | { kind: "applied-then-reset" }
  | { kind: "applied-then-hang" }
  /** It happened, and the answer is changed: a merge patch (RFC 7396) over the true one. */
  | { kind: "lie"; merge: JsonObject };

export interface FaultMatch {
  /** `ExecuteCommand`, whichever service it belongs to. */
  operation: string;
  /** How many calls it strikes; all, where absent. */
  times?: number;
}

/** The faults set for one emulator. */
export interface Faults {
  add(match: FaultMatch, what: Fault): void;
  clear(): void;
  /** The fault that strikes this call, which uses it up by one: the first set of those that match. */
  take(operation: string): Fault | undefined;
}

export function createFaults(): Faults {
  let set: { operation: string; left: number; what: Fault }[] = [];
  return {
    add({ operation, times }, what) {
      if (times !== undefined && times < 1) return;
      set.push({ operation, left: times ?? Infinity, what });
    },
    clear() {
      set = [];
    },
    take(operation) {
      const found = set.find((fault) => fault.operation === operation);
      if (found === undefined) return undefined;
      if (--found.left <= 0) set = set.filter((fault) => fault !== found);
      return found.what;
    },
  };
}
