import type { PolicyEngine } from "../../core/policy-engine.ts";

/**
 * The same engine, asked each question once in this process: an answer follows from the set of rules and the
 * question alone, and a test asks the same few ten thousand times.
 */
export function askedOnce(engine: PolicyEngine): PolicyEngine {
  const answers = new Map<string, unknown>();
  const once = <T>(question: unknown[], ask: () => T): T => {
    const key = JSON.stringify(question);
    if (!answers.has(key)) answers.set(key, ask());
    // A copy, so that no answer is changed by whoever was given it.
    return structuredClone(answers.get(key)) as T;
  };
  return {
    version: engine.version,
    isLost: () => engine.isLost(),
    rulesOf: (texts) => once(["rulesOf", texts], () => engine.rulesOf(texts)),
    judge: (set, question) =>
      once(["judge", set.hash, question], () => engine.judge(set, question)),
    mayAskThere: (set, principal, resource, mode) =>
      once(["mayAskThere", set.hash, principal, resource, mode ?? null], () =>
        engine.mayAskThere(set, principal, resource, mode),
      ),
    check: (texts) => once(["check", texts], () => engine.check(texts)),
  };
}
