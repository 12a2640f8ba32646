import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Prints the closing line that CI reads: `N passed, N failed, N skipped`.
 * An unhandled error, a file that failed to load and a run of no test at all count as failures.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === "passed") passed++;
        else if (state === "skipped") skipped++;
        else failed++;
      }
    }
    if (passed + failed + skipped === 0) failed = 1;
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }
}
