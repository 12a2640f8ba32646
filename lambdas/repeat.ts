import type { Caller } from "../core/caller.ts";
import { sha256Hex } from "../core/digest.ts";
import { SallyportError } from "../core/errors.ts";
import type { Repeatable } from "../core/kinds/asked.ts";
import { principalText } from "../core/principal.ts";
import type { RequestState } from "../core/request-state.ts";
import type { Call } from "./call.ts";

/**
 * The Idempotency-Key of a call as later events carry it: hashed, with who used it, session and all, and
 * where. Somebody else with the same key is somebody else.
 */
export function repeatable(call: Call, route: string): Repeatable | undefined {
  if (call.idempotencyKey === undefined) return undefined;
  return {
    keyHash: sha256Hex(`${principalText(call.principal)}\n${route}\n${call.idempotencyKey}`),
  };
}

/**
 * Lets a call go on with the request that stands under its key. Throws `idempotency_conflict` where that is
 * another's, or came with another body.
 */
export function requireOwnRepeat(
  state: RequestState,
  caller: Pick<Caller, "id">,
  call: Call,
  repeat: Repeatable | undefined,
): void {
  if (state.requester.person !== caller.id) {
    throw new SallyportError("idempotency_conflict", "this Idempotency-Key is taken", {
      hint: "use a new key for a new wish",
    });
  }
  isRepeat(state, call, repeat);
}

/**
 * Whether this very call is on the chain already. Throws `idempotency_conflict` when its key is there
 * with another body: a client that reuses a key by mistake must not believe that it was heard.
 */
export function isRepeat(state: RequestState, call: Call, repeat: Repeatable | undefined): boolean {
  if (repeat === undefined || !Object.hasOwn(state.keyHashes, repeat.keyHash)) return false;
  requireSameBody(state.keyHashes[repeat.keyHash]?.body, call);
  return true;
}

/** Throws `idempotency_conflict` where a key that is on record came with another body than this call's. */
export function requireSameBody(before: string | undefined, { bodyHash }: Call): void {
  if (before === bodyHash) return;
  throw new SallyportError(
    "idempotency_conflict",
    "this Idempotency-Key came with another body before",
    {
      hint: "use a new key for a new wish",
    },
  );
}
