import { defineConfig } from "vitest/config";

/** What every test of a case has to show. */
const runner = "test/kit/case-runner.ts";

/** Tests of the rules, by the engine that judges them; and what takes some seconds beside them. */
const rules = [
  "test/adapters/cedar-*.test.ts",
  "test/policies/**/*.test.ts",
  "test/world/faults.test.ts",
];

/**
 * Three pools, by what a test needs. `unit` shares one module graph over threads: with isolation the
 * same tests take twelve times as long, and with the workers vitest would leave (one less than there are
 * cores) half as long again on two. `rules` loads the engine of the rules, 4 MB of WebAssembly, and has it read
 * sets of rules by the hundred. `wire` starts engines, sockets and ptys, one file at a time.
 */
export default defineConfig({
  test: {
    reporters: [
      ["default", { summary: false }],
      ["./test/kit/count-reporter.ts", {}],
    ],
    pool: "threads",
    projects: [
      {
        test: {
          name: "unit",
          pool: "threads",
          runner,
          isolate: false,
          maxWorkers: "100%",
          // Nothing here waits for time to pass: only a machine that is busy otherwise is slow.
          testTimeout: 30_000,
          include: [
            "test/{core,api,session,adapters,lambdas,cli,emulator,policies,tools,world}/**/*.test.ts",
          ],
          exclude: rules,
        },
      },
      {
        test: {
          name: "rules",
          pool: "threads",
          runner,
          isolate: false,
          maxWorkers: "100%",
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
          include: rules,
        },
      },
      {
        test: {
          name: "wire",
          pool: "forks",
          runner,
          include: ["test/{wire,e2e,lib}/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
