import { relative } from "node:path";
import { parseArgs } from "node:util";
import { region } from "./fleet.ts";
import { type LocalGateway, startLocalGateway } from "./gateway.ts";
import { localProblem } from "./problem.ts";

const DEFAULT_PORT = 7070;
const DEFAULT_STATE = ".sallyport";

/**
 * `sallyport local [--port N] [--state DIR] [--json]`: runs the gateway until it is told to end by SIGTERM,
 * SIGINT or SIGHUP, and ends everything it started. Throws, with a hint, where it cannot start.
 *
 * With `--json` the only line on stdout says where it answers, once it does.
 */
export async function runLocal(argv: string[]): Promise<void> {
  const { port, stateDir, json } = readFlags(argv);
  let end = (_why: "told" | "lost"): void => undefined;
  const ended = new Promise<"told" | "lost">((resolve) => (end = resolve));
  const told = (): void => end("told");
  // Before anything is started: a signal in the middle of the start must not leave half of it behind.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, told);

  const gateway = await startLocalGateway({
    port,
    stateDir,
    onFinding: (line) => process.stderr.write(`watcher: ${line}\n`),
    onLost: () => end("lost"),
  });
  if (gateway.rules === "differs") {
    process.stderr.write(
      "policies/ differs from the rules in force, which stay: `sallyport policy activate policies` asks to change them\n",
    );
  }
  if (json) {
    const { api, emulator, gateway: messages, pid } = gateway;
    process.stdout.write(
      `${JSON.stringify({ api, emulator, gateway: messages, region, state: gateway.stateDir, pid })}\n`,
    );
  } else {
    process.stdout.write(tour(gateway, port, stateDir));
  }
  const why = await ended;
  await gateway.close();
  if (why === "lost") {
    throw localProblem("the DynamoDB engine ended", "start again: what is on record is kept");
  }
}

function readFlags(argv: string[]): { port: number; stateDir: string; json: boolean } {
  let values: { port?: string; state?: string; json?: boolean };
  try {
    ({ values } = parseArgs({
      args: argv,
      options: { port: { type: "string" }, state: { type: "string" }, json: { type: "boolean" } },
    }));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw localProblem(what, "sallyport local [--port N] [--state DIR] [--json]", error);
  }
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_533) {
    throw localProblem(
      "--port is no port",
      "it takes 0 (any) to 65533: two more after it are used",
    );
  }
  return { port, stateDir: values.state ?? DEFAULT_STATE, json: values.json ?? false };
}

/** What to type next. Secrets are read from the file, never shown. */
function tour(gateway: LocalGateway, port: number, stateDir: string): string {
  const folder = relative(process.cwd(), gateway.stateDir) || ".";
  const as = (name: string): string =>
    `./bin/sallyport --as ${name}${stateDir === DEFAULT_STATE ? "" : ` --state ${quoted(folder)}`}`;
  const keysOf =
    `keys() { awk -v p="[$1]" '/^\\[/ { on = ($0 == p) } on && /key_id/ { k = $3 } ` +
    `on && /secret/ { print "user = \\"" k ":" $3 "\\"" }' ${quoted(`${folder}/credentials`)}; }`;
  const { clusters } = gateway.emulatorHandle.fleet;
  const task = clusters[0]?.tasks.find(({ containers }) => containers[0]?.name === "app");
  const command = { cluster: "demo", task: task?.id, container: "app", command: "/bin/date" };
  return `
Sallyport is up.${port === 0 ? "" : ` (--port ${port})`}
  API               ${gateway.api}
  AWS emulator      ${gateway.emulator}
  message gateway   ${gateway.gateway}
  state             ${folder}/ (credentials of ${Object.keys(gateway.profiles).join(", ")})

Ask for a shell as dev; it prints an id and who can agree, and waits:
  ${as("dev")} exec demo/payments-api:app --reason "look at the load"

In another terminal, agree to it, as one of each group:
  ${as("lead")} approve ID
  ${as("sre")} approve ID

What was recorded:
  ${as("dev")} show ID
  ${as("auditor")} audit export --out record.jsonl
  ./bin/sallyport audit verify record.jsonl

The same API with curl, keys read from the file:
  ${keysOf}
  keys dev | curl -K - --aws-sigv4 aws:amz:${region}:execute-api ${gateway.api}/v1/whoami

Around the gateway, as who may do all at AWS; the watcher says so here, and the export has it:
  keys admin | curl -K - --aws-sigv4 aws:amz:${region}:ecs ${gateway.emulator} \\
    -H 'content-type: application/x-amz-json-1.1' \\
    -H 'x-amz-target: AmazonEC2ContainerServiceV20141113.ExecuteCommand' \\
    -d '${JSON.stringify({ ...command, interactive: true })}'

"Containers" here are processes that run as you. Ctrl-C ends everything.
`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
