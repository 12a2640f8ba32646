import { defineConfig } from "vitest/config";

/**
 * Two pools, by what a test needs. `unit` shares one module graph over threads: with isolation the
 * same tests take twelve times as long. `wire` starts engines, sockets and ptys, one file at a time.
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
          isolate: false,
          include: [
            "test/{core,api,session,adapters,lambdas,cli,emulator,policies,tools}/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "wire",
          pool: "forks",
          include: ["test/{wire,e2e,lib}/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
