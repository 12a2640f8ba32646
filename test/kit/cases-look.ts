import { afterEach, beforeEach, expect, type TestContext } from "vitest";
import { forgetLooks, isCase, lookMissing, looksSoFar } from "./looks.ts";

type Named = { name: string; suite?: Named | undefined };

function namesOf(task: TestContext["task"]): string[] {
  const names: string[] = [];
  for (let at: Named | undefined = task; at !== undefined; at = at.suite) names.push(at.name);
  return names;
}

// Set up for every test file: a case that asserts nothing, or looks at nothing, fails.
beforeEach(({ task }) => {
  forgetLooks();
  // oxlint-disable-next-line vitest/no-standalone-expect -- it is the test that follows which has to assert
  if (isCase(namesOf(task))) expect.hasAssertions();
});

afterEach(({ task }) => {
  // One that has failed already says more by that.
  if ((task.result?.errors?.length ?? 0) > 0) return;
  const missing = lookMissing(namesOf(task), task.file.filepath, looksSoFar());
  if (missing !== undefined) throw new Error(missing);
});
