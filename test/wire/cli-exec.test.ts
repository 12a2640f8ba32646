import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { commandLine, processesWith } from "../kit/processes.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { type PtyShell, ptyShell } from "./pty-shell.ts";

/*
 * The command line as a process of its own, on a terminal and without one, against the local gateway: from
 * asking to the end of the session.
 */

const launcher = fileURLToPath(new URL("../../bin/sallyport.ts", import.meta.url));

let folder: string;
let gateway: LocalGateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-exec-"));
  gateway = await startLocalGateway({
    port: 0,
    stateDir: join(folder, "state"),
    containerEnv: { FOLDER: folder },
  });
});

afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const sallyport = (who: string): string =>
  `"${process.execPath}" "${launcher}" --as ${who} --state "${gateway.stateDir}"`;

/** Runs a command on a terminal and says how the terminal and its exit status were. Ctrl-C is for the command alone. */
function onTerminal(command: string): PtyShell {
  return ptyShell(
    `trap : INT; echo "before $(stty -g)"; ${sallyport("dev")} ${command}; echo "status $?;"; echo "after $(stty -g)"; echo done`,
  );
}

async function howItWas(shell: PtyShell): Promise<{ status: number; restored: boolean }> {
  await shell.shows(/^done\r?$/m);
  const screen = shell.screen();
  return {
    status: Number(/status (\d+);/.exec(screen)?.[1]),
    restored: /before ([\w:]+)/.exec(screen)?.[1] === /after ([\w:]+)/.exec(screen)?.[1],
  };
}

/** Runs it with a file or a pipe in place of every terminal. */
async function piped(
  input: string,
  ...argv: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [
    launcher,
    "--as",
    "dev",
    "--state",
    gateway.stateDir,
    ...argv,
  ]);
  child.stdin.end(input);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, stdout, stderr };
}

async function call(
  who: "dev" | "lead" | "sre",
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<{ [member: string]: unknown }> {
  const answer = await signedFetch(gateway.api, gateway.profiles[who], {
    method,
    path,
    ...(body === undefined ? {} : { body }),
  });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.json as { [member: string]: unknown };
}

async function decide(
  id: string,
  decision: "approve" | "deny",
  ...who: ("lead" | "sre")[]
): Promise<void> {
  for (const each of who) {
    const { digest } = await call(each, "GET", `/v1/requests/${id}`);
    await call(each, "POST", `/v1/requests/${id}/decisions`, { decision, digest });
  }
}

/** A shell of the container's, at its prompt. */
async function openShell(reason: string): Promise<PtyShell & { id: string }> {
  const shell = onTerminal(`exec demo/payments-api:app --reason ${reason}`);
  const [, id = ""] = await shell.shows(REQUEST);
  await decide(id, "approve", "lead", "sre");
  await shell.shows(/[#$] $/);
  return Object.assign(shell, { id });
}

/** Its session runs on, and the container is taken until it is ended. */
async function terminate(id: string): Promise<void> {
  const { status, stdout, stderr } = await piped("", "terminate", id, "--wait");
  expect(status, stderr).toBe(0);
  expect(stdout + stderr).toMatch(/over since/);
}

const REQUEST = /request ([0-9a-z]{26}) is pending/;

describe("exec on a terminal", () => {
  it("asks for the reason, shows who can approve, waits, opens a shell and gives the terminal back", async () => {
    const shell = onTerminal("exec demo/payments-api:app");
    await shell.shows(/Reason: /);
    shell.type("look at the load\r");
    const [, id = ""] = await shell.shows(REQUEST);
    await shell.shows(/waiting for 1 of payments-leads \(lead\), 1 of sre \(sre\)/);
    // Typed for nobody: it must not run as root when the approval comes.
    shell.type(`touch ${folder}/typed-ahead\r`);
    await decide(id, "approve", "lead");
    await shell.shows(/waiting for 1 of sre \(sre\)/);
    await decide(id, "approve", "sre");
    await shell.shows(/session ecs-execute-command-\w+ in app/);
    await shell.shows(/[#$] $/);
    shell.type("echo $((6 * 7))-$FOLDER; stty size\r");
    await shell.shows(/^42-.*sallyport-exec-.*\r\n30 100\r$/m);
    shell.resize(90, 25);
    shell.type("sleep 30\r");
    await shell.shows(/sleep 30\r\n/);
    // Ctrl-C ends what runs there, and neither the session nor us.
    shell.type("\u0003");
    await shell.shows(/\^C/);
    shell.type("stty size; exit\r");
    await shell.shows(/^25 90\r$/m);
    await shell.shows(/the session ended/);
    expect(await howItWas(shell)).toEqual({ status: 0, restored: true });
    expect(existsSync(join(folder, "typed-ahead"))).toBe(false);
  });

  it("leaves the request on Ctrl-C, and takes it up again: by the end of its id, and by the same words", async () => {
    const waiting = onTerminal("exec demo/payments-api:app --reason 'a stuck queue' -- /bin/bash");
    const [, id = ""] = await waiting.shows(REQUEST);
    await waiting.shows(/waiting for/);
    waiting.type("\u0003");
    expect(await howItWas(waiting)).toEqual({ status: 122, restored: true });
    const here = `--as dev --state ${gateway.stateDir}`;
    expect(waiting.screen()).toContain("stands, and still waits for decisions");
    expect(waiting.screen()).toContain(`bin/sallyport ${here} attach ${id}\r\n`);
    expect(waiting.screen()).toContain(`bin/sallyport ${here} cancel ${id}\r\n`);
    expect(await call("dev", "GET", `/v1/requests/${id}`)).toMatchObject({ status: "pending" });

    const again = await piped(
      "",
      "exec",
      "demo/payments-api:app",
      "--reason",
      "other",
      "--ticket",
      "OPS-1",
      "--no-wait",
      "--",
      "/bin/bash",
    );
    expect(again.status).toBe(122);
    expect(again.stderr).toContain(`continuing your open request ${id}`);
    expect(again.stderr).toContain("approvers see that reason and not your new one");
    expect(again.stderr).toContain("its ticket is none and not your new one");

    await decide(id, "approve", "lead", "sre");
    const attached = onTerminal(`attach ${id.slice(-8)}`);
    await attached.shows(/[#$] $/);
    attached.type("exit\r");
    expect(await howItWas(attached)).toEqual({ status: 0, restored: true });

    const twice = await piped("", "attach", id);
    expect(twice.status).toBe(1);
    expect(twice.stderr).toContain("it is taken");
  });

  it("lets go with ~., says that the session runs on, and gives the terminal back", async () => {
    const shell = await openShell("keys");
    shell.type("\r~.");
    await shell.shows(/the session runs on in the container/);
    expect(await howItWas(shell)).toEqual({ status: 1, restored: true });
    await terminate(shell.id);
  });

  it("lets go on SIGTERM, says that the session runs on, and gives the terminal back", async () => {
    const shell = await openShell("signal");
    // The shell around it has the same words, and more.
    const [pid = 0] = processesWith("--reason signal").filter(
      (each) => !commandLine(each).includes("stty"),
    );
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, "SIGTERM");
    await shell.shows(/the session runs on in the container/);
    expect(await howItWas(shell)).toEqual({ status: 143, restored: true });
    await terminate(shell.id);
  });

  it("ends with 121 and the denier's name when a person denies", async () => {
    const shell = onTerminal("exec demo/payments-api:app --reason curious -- /bin/cat /etc/shadow");
    const [, id = ""] = await shell.shows(REQUEST);
    await decide(id, "deny", "lead");
    expect(await howItWas(shell)).toEqual({ status: 121, restored: true });
    expect(shell.screen()).toContain("denied by lead");
    expect(await call("dev", "GET", `/v1/requests/${id}`)).toMatchObject({ sessions: [] });
  });
});

describe("exec without a terminal", () => {
  it("prints the command's output alone on standard output", async () => {
    const { status, stdout, stderr } = await piped(
      "",
      "exec",
      "demo/payments-api:app",
      "--reason",
      "busy?",
      "--",
      "/bin/cat",
      "/proc/loadavg",
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+ \d+\.\d+ \d+\.\d+ \d+\/\d+ \d+\r\n$/);
  });

  it("sends what is piped in, and its end as Ctrl-D, even after a line without an end", async () => {
    const asked = await call("dev", "POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/usr/bin/env cat",
      reason: "count",
    });
    const id = String(asked["id"]);
    await decide(id, "approve", "lead", "sre");
    const { status, stdout, stderr } = await piped("first\nno end", "attach", id);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/first\r\n.*first\r\n.*no end/s);
  });

  it("says with --json what happened on standard error, and the token nowhere", async () => {
    const { status, stdout, stderr } = await piped(
      "",
      "--json",
      "exec",
      "demo/payments-api:app",
      "--reason",
      "busy?",
      "--",
      "/bin/cat",
      "/proc/loadavg",
    );
    expect(status, stderr).toBe(0);
    const events = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).toEqual(["asked", "opened", "ended"]);
    expect(events[2]).toMatchObject({ end: { kind: "ended" } });
    expect(stdout + stderr).not.toMatch(/token|streamUrl/i);
  });

  it("demands a reason, and refuses by a rule with 120: nothing is opened", async () => {
    const none = await piped("", "exec", "demo/payments-api:app");
    expect(none.status).toBe(2);
    expect(none.stderr).toContain("--reason");
    const refused = await piped("", "exec", "demo/legacy", "--reason", "x");
    expect(refused.status, refused.stderr).toBe(120);
  });
});
