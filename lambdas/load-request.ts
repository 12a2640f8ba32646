import type { Caller } from "../core/caller.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { RecordReader } from "../core/event-store.ts";
import { foldRequest } from "../core/fold-request.ts";
import { requestIdPattern } from "../core/ids.ts";
import { mayRead, type ReadRight, readRight } from "../core/may-read.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type RequestState } from "../core/request-state.ts";
import type { Fenced } from "../core/restored.ts";
import type { Call } from "./call.ts";
import type { CommonPorts } from "./ports.ts";
import { recordRead } from "./record-read.ts";

export interface Loaded {
  state: RequestState;
  stored: StoredEvent[];
}

/**
 * The chain of a request, folded, behind the fences of the set it is looked at under; `absent` when there is none. The
 * set may still be on its way. Throws `record_corrupt`, and what comes of the set.
 */
export async function loadRequest(
  events: RecordReader,
  id: string,
  under: Fenced | Promise<Fenced>,
): Promise<Loaded> {
  const [stored, { fences }] = await Promise.all([
    requestIdPattern.test(id) ? events.load(`REQ#${id}`) : [],
    under,
  ]);
  return { state: foldRequest(id, stored, fences), stored };
}

/**
 * The same for somebody who is given it to read, with the right by which: by that of `audit` only once that is on
 * record. Throws `request_not_found`, or what `recordRead` throws.
 */
export async function readable(
  ports: Pick<CommonPorts, "policy" | "events" | "clock" | "random">,
  call: Call,
  configuration: Configuration,
  caller: Caller,
  loaded: Loaded,
): Promise<Loaded & { right: ReadRight }> {
  const { state } = loaded;
  const right = readRight(ports.policy, configuration, state, caller);
  if (right === undefined) throw notFound();
  if (right === "audit") {
    await recordRead(ports, call, configuration, caller, { kind: "request", id: state.id });
  }
  return { ...loaded, right };
}

/** For whoever may see it. To anybody else it is as absent as one that never was: `request_not_found`. */
export function visible(
  ports: Pick<CommonPorts, "policy">,
  configuration: Configuration,
  caller: Caller,
  loaded: Loaded,
): Loaded {
  if (mayRead(ports.policy, configuration, loaded.state, caller)) return loaded;
  throw notFound();
}

function notFound(): SallyportError {
  return new SallyportError("request_not_found", "no such request, or none that you may see", {
    hint: "`sallyport ls` lists those you may see",
  });
}
