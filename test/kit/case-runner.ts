import { expect, type RunnerTestCase, TestRunner } from "vitest";
import { withoutEffect } from "../../tools/cases/without-effect.ts";
import { beginLooking, casesOfTest, endLooking, type Look, lookMissing } from "./looks.ts";

type Named = { name: string; suite?: Named | undefined };

function namesOf(test: Named): string[] {
  const names: string[] = [];
  for (let at: Named | undefined = test; at !== undefined; at = at.suite) names.push(at.name);
  return names;
}

/**
 * Runs every test, and lets one of a case fail that asserts nothing, or looks at nothing. A runner, and no hooks:
 * what the hooks of a test read and assert is around it, and not the test's own.
 */
export default class CaseRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const body = TestRunner.getTestFn(test);
    const names = namesOf(test);
    if (casesOfTest(names).length === 0) {
      await body();
      return;
    }
    const assertions = (): number => expect.getState().assertionCalls;
    const before = assertions();
    beginLooking(assertions);
    let seen: Look[] = [];
    try {
      await body();
    } finally {
      seen = endLooking();
    }
    if (assertions() === before) throw new Error("a case ends without an assertion");
    const pure = (number: string): boolean => withoutEffect[number] !== undefined;
    const missing = lookMissing(names, test.file.filepath, seen, pure);
    if (missing !== undefined) throw new Error(missing);
  }
}
