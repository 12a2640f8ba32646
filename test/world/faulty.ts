import { SallyportError } from "../../core/errors.ts";
import type { ExecOutcome } from "../../core/execute-command.ts";
import type { Intercept, PortCall } from "./intercept.ts";
import type { World } from "./world.ts";

/**
 * What is done to one call of a port:
 * `not-applied` fails without effect; `applied` has its effect, and its answer is lost; `hang` fails after the
 * adapter's time-out, and its effect comes later still; `duplicate` is delivered twice; `conflict` loses to somebody
 * else or is throttled; `down` fails, and so does every later call of that port.
 * `killed-before` and `killed-after` end the function there, with all that it was about to do. `frozen` stands still
 * there until every grant is over, and goes on. At `repeated` the same is done in full by another call before it goes
 * on, at `revoked` the request is taken back.
 */
export const modes = [
  "not-applied",
  "applied",
  "hang",
  "duplicate",
  "conflict",
  "down",
  "killed-before",
  "killed-after",
  "frozen",
  "repeated",
  "revoked",
] as const;
export type Mode = (typeof modes)[number];

/** A call of a path: the n-th of this operation by this function, from 1. */
export interface Spot {
  by: PortCall["by"];
  op: string;
  nth: number;
}

export function nameOf({ by, op, nth }: Spot): string {
  return `${by} ${op} ${nth}`;
}

/** So long an adapter waits for an answer. */
const TIMEOUT_MS = 8_000;

/** Counts the calls of each operation by each function. */
export function counting(): (call: PortCall) => Spot {
  const counts = new Map<string, number>();
  return ({ by, op }) => {
    const name = `${by} ${op}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    return { by, op, nth };
  };
}

/** Lets everything pass, and notes it: the operations a path is made of, in their order. */
export function recorder(seen: Spot[]): Intercept {
  const count = counting();
  return (call, next) => {
    seen.push(count(call));
    return next();
  };
}

/** Longer than any grant of these paths. */
const FROZEN_MS = 31 * 60_000;

/** Who is told, and what is done meanwhile. */
export interface Meanwhile {
  /** The run has come to the call. */
  hit(killed: boolean): void;
  repeat(): Promise<unknown>;
  revoke(): Promise<unknown>;
}

/** Does `mode` to one call of the ports, and to no other. */
export function faulty(w: World, at: Spot, mode: Mode, meanwhile: Meanwhile): Intercept {
  const count = counting();
  const { hit } = meanwhile;
  let down = false;
  let aside = false;
  return async (call, next) => {
    if (aside) return await next();
    const here = nameOf(count(call)) === nameOf(at);
    const [port] = call.op.split(".");
    if (!here && !(down && at.op.startsWith(`${port}.`))) return await next();
    w.journal.push({ what: "fault", at: w.clock.now(), op: call.op, mode });
    if (here) down = mode === "down";
    if (here) hit(false);
    switch (mode) {
      case "not-applied":
      case "down":
        return fails(call);
      case "applied":
        await next();
        return fails(call);
      case "hang":
        void w.clock.sleep(timeoutOf(w, call) + 1_000).then(next, () => {});
        await w.clock.sleep(timeoutOf(w, call));
        return fails(call);
      case "duplicate":
        await next();
        return await next();
      case "conflict":
        return conflicts(call);
      case "frozen": {
        // ECS is called while there is still time: what stands still is whoever waits for its answer.
        const early = call.op === "execRole.executeCommand" ? await next() : undefined;
        w.clock.advance(FROZEN_MS);
        return early ?? (await next());
      }
      case "repeated":
      case "revoked":
        aside = true;
        await (mode === "repeated" ? meanwhile.repeat() : meanwhile.revoke());
        aside = false;
        return await next();
      case "killed-after":
        await next();
        return await killed();
      case "killed-before":
        return await killed();
    }
    async function killed(): Promise<never> {
      w.restart();
      hit(true);
      return await new Promise(() => {});
    }
  };
}

function timeoutOf(w: World, { op, args }: PortCall): number {
  if (op !== "execRole.executeCommand") return TIMEOUT_MS;
  return Math.max(0, Number(args[1]) - w.clock.now());
}

/** The call as its adapter fails it when nothing is known of it. */
function fails({ op }: PortCall): unknown {
  const [port = ""] = op.split(".");
  switch (port) {
    case "events":
    case "views":
      throw new SallyportError("record_unavailable", "it could not be reached");
    case "execRoles":
      throw new SallyportError("gateway_credentials", "the role could not be assumed");
    case "execRole":
      return { kind: "unknown", why: "no answer (TimeoutError)" } satisfies ExecOutcome;
    case "sessionEnder":
      return "failed";
    case "containers":
      throw new SallyportError("internal", "ECS did not answer as expected");
    default:
      throw new Error("no answer");
  }
}

/** The call as it loses to somebody else, or is throttled: nothing was done, and that is known. */
function conflicts({ op, args }: PortCall): unknown {
  if (op === "events.append") {
    const [[event]] = args as [{ chain: string }[]];
    // A call's own chain is nobody else's: there is none to lose it to.
    if (event?.chain.startsWith("REFUSED#") !== false) {
      throw new SallyportError("record_conflict", "other writers kept the record busy");
    }
    return { kind: "lost", chains: [event.chain] };
  }
  const [port = ""] = op.split(".");
  switch (port) {
    case "events":
    case "views":
      throw new SallyportError("record_unavailable", "the table is throttled");
    case "execRole":
      return {
        kind: "failed",
        code: "throttled",
        aws: { error: "ThrottlingException", message: "Rate exceeded" },
      } satisfies ExecOutcome;
    case "sessionEnder":
      return "failed";
    case "sessionWatch":
    case "marks":
      throw new Error("ThrottlingException: Rate exceeded");
    default:
      throw new SallyportError("throttled", "AWS asks for fewer calls; nothing was started");
  }
}

/**
 * Whether a mode says anything of an operation: ExecuteCommand goes out once by its adapter's promise, which is
 * tested on the wire (test/wire/execute-command-once.test.ts), so that nothing here could deliver it twice.
 */
export function applies(mode: Mode, { op }: Spot): boolean {
  return !(mode === "duplicate" && op === "execRole.executeCommand");
}
