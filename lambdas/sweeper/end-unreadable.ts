import type { Duty } from "../../core/duties.ts";
import { readablePart } from "../../core/fold-request.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Fenced } from "../../core/restored.ts";
import type { SweeperPorts } from "../ports.ts";
import { performDuty } from "./perform-duty.ts";

/**
 * Ends what a request may have running whose chain cannot be read to its end. What it has is known by the events
 * before the first that does not fit, and `dutiesOf` says what of it is to end. Nothing can be put on record of
 * that: `EndUnverified` counts what was not seen to be over.
 */
export async function endUnreadable(
  ports: SweeperPorts,
  { fences }: Fenced,
  id: string,
  dutiesOf: (state: RequestState) => readonly Duty[],
): Promise<void> {
  const state = readablePart(id, await ports.events.loadReadable(`REQ#${id}`), fences);
  for (const duty of dutiesOf(state)) {
    if (duty.kind === "end" || duty.kind === "settle") await performDuty(ports, state, duty);
  }
}
