import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../bin/sallyport.ts", import.meta.url));

/** The folder of the transcripts of one kind: texts of what a person sees, to be read by people. */
export function transcriptsOf(kind: "faults" | "hints"): string {
  return fileURLToPath(new URL(`../cli/transcripts/${kind}`, import.meta.url));
}

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the command line as a process of its own, its input a pipe that is at its end. `onOutput` sees all that
 * it has printed whenever more has come.
 */
export async function runCli(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  onOutput: (printed: string) => void = () => {},
): Promise<Ran> {
  const child = spawn(process.execPath, [launcher, ...argv], { env });
  child.stdin.end();
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
    onOutput(stdout + stderr);
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
    onOutput(stdout + stderr);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

/** What was typed and what came of it, the same text whenever it runs: ids, times and loads become words. */
export function transcript(typed: string, { code, stdout, stderr }: Ran): string {
  const said = (stdout + stderr)
    .replaceAll(/ecs-execute-command-[0-9a-z]+/g, "SESSION")
    .replaceAll(/\b[0-9a-f]{32}\b/g, "TASK")
    .replaceAll(/\b[0-9a-z]{26}\b/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/quote \S+ to/g, "quote CALL to")
    .replaceAll(/[^\s`]*sallyport(\.ts)? (?=--as|--state|--url|--profile)/g, "sallyport ")
    .replaceAll(/ --state \S+/g, "")
    .replaceAll(/ --as dev/g, "")
    .replaceAll(/127\.0\.0\.1:\d+/g, "GATEWAY")
    .replaceAll(/[\d.]+ [\d.]+ [\d.]+ \d+\/\d+ \d+/g, "LOADS")
    .trimEnd();
  return [`$ ${typed}`, said, `(exit status ${code})`, ""].join("\n");
}
