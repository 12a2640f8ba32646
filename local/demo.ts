import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type CommandLine, openCommandLine } from "./demo-command.ts";
import { playScenes } from "./demo-scenes.ts";
import { openStage, type Stage } from "./demo-stage.ts";
import { type LocalGateway, startLocalGateway } from "./gateway.ts";

/**
 * The whole job, without a human: a gateway, and the command line as its users would use it, for a shell
 * that two groups agreed to, a denial, an automatic approval, and the record, verified and then with one
 * byte flipped. Exits 0 only if each scene went as it must, and leaves nothing behind however it ends.
 *
 *   node local/demo.ts [--state DIR] [--cast FILE]
 *
 * `--state` keeps the gateway's state in DIR; `--cast` records what is shown.
 */
const { values: flags } = parseArgs({
  options: { state: { type: "string" }, cast: { type: "string" } },
});

let stop = (_why: Error, _status: number): void => undefined;
let status = 0;
const stopped = new Promise<never>((_, reject) => {
  stop = (why, code) => {
    status = code;
    reject(why);
  };
});
stopped.catch(() => undefined); // heard by whoever waits when it comes
// Before anything is started, and for as long as something is to be ended.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => stop(new Error(`ended by ${signal}`), 128 + constants.signals[signal]));
}

// A reader that has seen enough, such as head.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => stop(error, 1));
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-demo-"));
const number = randomInt(10_000, 1_000_000);
let stage: Stage | undefined;
let gateway: LocalGateway | undefined;
let commandLine: CommandLine | undefined;
try {
  stage = openStage(process.stdout);
  gateway = await startLocalGateway({
    port: 0,
    stateDir: flags.state ?? join(folder, "state"),
    containerEnv: { SALLYPORT_DEMO: String(number) },
    onLost: () => stop(new Error("the DynamoDB engine ended"), 1),
  });
  const { stateDir } = gateway;
  commandLine = openCommandLine({ stateDir, folder, size: stage });
  stage.say("Whoever stands before the $ runs `./bin/sallyport --as NAME --state DIR …`.");
  await Promise.race([stopped, playScenes({ commandLine, stage, folder, number })]);
  stage.say("The demo went as it must.");
  stage.close(flags.cast);
} catch (error) {
  status ||= 1;
  stage?.close();
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\nsallyport: error: the demo failed: ${what}\n`);
} finally {
  await commandLine?.end();
  await gateway?.close().catch((error: unknown) => {
    status ||= 1;
    process.stderr.write(`sallyport: error: ${String(error)}\n`);
  });
  rmSync(folder, { recursive: true, force: true });
  if (flags.state !== undefined) process.stderr.write(`state kept in ${flags.state}\n`);
}
// At once: a call that was cut off would still go on, and write to a log that has gone.
process.exit(status);
