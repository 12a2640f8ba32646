/** A defect that somebody could make, and the tests that have to notice it. */
export interface Mutant {
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  search: string;
  replace: string;
  /** Test files, any of which may find it. */
  suites: readonly string[];
}

const races = "test/world/races.test.ts";
const model = "test/world/model/model.test.ts";

/** What must never go unnoticed. One that no longer applies fails: then it is to be written anew. */
export const mutants: readonly Mutant[] = [
  {
    name: "no condition on Put",
    file: "adapters/event-items.ts",
    search: `      Item: item,
      ConditionExpression: ABSENT,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",`,
    replace: "      Item: item,",
    suites: ["test/wire/event-store.test.ts"],
  },
  {
    name: "no intent",
    file: "lambdas/exec/open-session.ts",
    search: "      event,\n      hold(free, displaced),\n",
    replace: "      hold(free, displaced),\n",
    suites: [races],
  },
  {
    name: "no re-check at open",
    file: "core/right-to-open.ts",
    search: ": tally(candidate.needs, given).lacks.length === 0),",
    replace: ": true),",
    suites: ["test/core/open.test.ts"],
  },
  {
    name: "no terminate after a failed record",
    file: "lambdas/exec/record-outcome.ts",
    search: `    await end();
    throw error;`,
    replace: "    throw error;",
    suites: ["test/world/opens.test.ts"],
  },
  {
    name: "no self-approval check",
    file: "core/decide.ts",
    search: "if (barredFrom(state, directory).has(caller.id)) {",
    replace: "if (barredFrom(state, directory).has(`no ${caller.id}`)) {",
    suites: ["test/core/decide.test.ts"],
  },
  {
    name: "no distinctness: who is in two groups fills two places",
    file: "core/quorum.ts",
    search:
      "    const known = persons.get(person) ?? new Set();\n    for (const group of groups) known.add(group);\n    persons.set(person, known);",
    replace: "    for (const group of groups) persons.set(`${person} ${group}`, new Set([group]));",
    suites: ["test/core/quorum.test.ts", races],
  },
  {
    name: "no digest comparison",
    file: "core/decide.ts",
    search: "  if (input.digest !== state.digest) throw stale(state.digest, []);\n",
    replace: "",
    suites: ["test/core/decide.test.ts"],
  },
  {
    name: "an error of Cedar allows",
    file: "adapters/cedar-policy-engine.ts",
    search: "if (diagnostics.errors.length > 0) {",
    replace: "if (diagnostics.errors.length > 99) {",
    suites: ["test/adapters/cedar-policy-engine.test.ts"],
  },
  {
    name: "<= for < at expiry",
    file: "core/request-state.ts",
    search: "now < state.grant.expiresAt",
    replace: "now <= state.grant.expiresAt",
    suites: ["test/core/open.test.ts", model],
  },
  {
    name: "target not re-checked",
    file: "core/choose-task.ts",
    search: "container.runtimeId !== target.runtimeId",
    replace: "container.runtimeId === undefined",
    suites: ["test/core/open.test.ts"],
  },
  {
    name: "end not verified",
    file: "lambdas/sweeper/end-session.ts",
    search:
      "  const seen = stopper === undefined ? await waitUntilOver(ports, place, sessionId) : undefined;",
    replace: '  const seen = taken === "accepted" ? { endedAt: null } : undefined;',
    suites: [model],
  },
  {
    name: "an open is not fenced on the rules in force",
    file: "lambdas/about-request.ts",
    search: "    { chain: CONF, seq },\n",
    replace: "",
    suites: [races],
  },
  {
    name: "an intent takes no container",
    file: "lambdas/exec/open-session.ts",
    search: "      event,\n      hold(free, displaced),\n",
    replace: "      event,\n",
    suites: [races],
  },
  {
    name: "a session that lost to a revoke is handed over",
    file: "lambdas/exec/record-outcome.ts",
    search: 'if (stage !== "approved" || isOver) return "request_closed";',
    replace: 'if (isOver) return "request_closed";',
    suites: [races],
  },
  {
    name: "a use comes back while what was started runs on",
    file: "lambdas/sweeper/settle-attempt.ts",
    search:
      "    await ports.sessionEnder.terminate(place, sessionId);\n    if ((await waitUntilOver(ports, place, sessionId)) === undefined) {",
    replace: '    if (sessionId === "") {',
    suites: ["test/world/opens.test.ts", model],
  },
  {
    name: "lock not read",
    file: "lambdas/locks.ts",
    search: "  return locksOf(tip, set?.fences ?? []);",
    replace: "  const { tail } = locksOf(tip, []);\n  return { ...locksOf(undefined, []), tail };",
    suites: ["test/e2e/locks.test.ts"],
  },
  {
    name: "one's own write that landed is taken for another's",
    file: "adapters/dynamodb-events.ts",
    search: '?.M?.["nonce"]?.S === write.event.nonce',
    replace: '?.M?.["nonce"]?.S === `not ${write.event.nonce}`',
    suites: ["test/wire/event-store.test.ts"],
  },
];
