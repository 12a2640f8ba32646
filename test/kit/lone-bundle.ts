import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A function's bundle, copied to an empty folder: nothing above it holds a package. */
export interface LoneBundle {
  /**
   * Loads `index.mjs` in a Node of its own that has only `environment`, and answers what `handler` does
   * for each event; without events, only whether there is a handler.
   */
  invoke(environment: { [name: string]: string }, ...events: unknown[]): Promise<unknown[]>;
  remove(): void;
}

/** The whole program of the child. Only its last line is the answer: a handler may log to stdout. */
const CHILD = `
  const { handler } = await import("./index.mjs");
  if (typeof handler !== "function") throw new Error("exports no handler");
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const context = { awsRequestId: "r", functionName: "f", getRemainingTimeInMillis: () => 20_000 };
  const answers = [];
  for (const event of JSON.parse(text)) answers.push(await handler(event, context));
  process.stdout.write("\\n" + JSON.stringify(answers) + "\\n", () => process.exit(0));
`;

export function loneBundle(folder: string): LoneBundle {
  const empty = mkdtempSync(join(tmpdir(), "sallyport-bundle-"));
  cpSync(folder, empty, { recursive: true });
  return {
    remove: () => rmSync(empty, { recursive: true, force: true }),
    invoke: (environment, ...events) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ["--input-type=module", "--eval", CHILD], {
          cwd: empty,
          env: environment,
          timeout: 30_000,
        });
        let out = "";
        let err = "";
        child.stdout.on("data", (chunk) => (out += String(chunk)));
        child.stderr.on("data", (chunk) => (err += String(chunk)));
        child.on("error", reject);
        child.on("close", (code) => {
          if (code !== 0) return reject(new Error(`the bundle failed (${code}): ${err}`));
          resolve(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as unknown[]);
        });
        child.stdin.end(JSON.stringify(events));
      }),
  };
}
