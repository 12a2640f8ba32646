import * as cedar from "@cedar-policy/cedar-wasm/nodejs";

/** What a call to the engine came to: its answer, or why there is none. */
export type Answered<T> = { kind: "answer"; answer: T } | { kind: "failed"; why: string };

let lost: string | undefined;

/**
 * Calls the engine and lets nothing escape. A call that throws leaves the engine's stack as it was in the
 * middle of it: after some thousand of them, or one trap, no call succeeds any more (seen with 4.13.0).
 * So whatever would make it throw is kept from it, see adapters/cedar-text-limits.ts; and after a trap the
 * engine counts as lost: every call fails at once until the process is replaced, which `onLost` is told.
 */
export function callEngine<T>(
  call: (engine: typeof cedar) => T,
  onLost: (error: unknown) => void,
): Answered<T> {
  if (lost !== undefined) return { kind: "failed", why: lost };
  try {
    return { kind: "answer", answer: call(cedar) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError || (error instanceof Error && error.name === "RuntimeError")) {
      lost = `the policy engine is lost: ${text}`;
      onLost(error);
      return { kind: "failed", why: lost };
    }
    return { kind: "failed", why: `the policy engine failed: ${text}` };
  }
}

/** Whether a call has trapped it. */
export function isEngineLost(): boolean {
  return lost !== undefined;
}

/** Name and version of the engine and of the language it speaks. */
export const engineVersion = `cedar-wasm ${cedar.getCedarSDKVersion()} (language ${cedar.getCedarLangVersion()})`;
