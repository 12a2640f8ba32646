import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forShell } from "../../cli/typed-again.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { engineHere } from "../kit/engine.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { runCli, transcript, transcriptsOf } from "../kit/transcript.ts";

/*
 * What a person is told to do where it is not AWS that failed: test/cli/transcripts/hints holds one text for
 * each, to be read by people. `vitest run -u` writes them anew.
 */

const transcripts = transcriptsOf("hints");
const clockOff = fileURLToPath(new URL("../kit/clock-off.mjs", import.meta.url));
const policies = fileURLToPath(new URL("../../policies", import.meta.url));

interface Hinted {
  name: string;
  typed: string;
  argv(): string[];
  exit: number;
  /** What it is about: without these words the hint is none. */
  says: string[];
  env?: NodeJS.ProcessEnv;
  /** Waits until there is to be seen what it is about. */
  ready?: () => Promise<void>;
  /** Told what it has printed whenever there is more. */
  onOutput?: (printed: string) => void;
}

describe.skipIf(!engineHere)("what a person is told to do", () => {
  let folder: string;
  let gateway: LocalGateway;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-hints-"));
    gateway = await startLocalGateway({ port: 0, stateDir: join(folder, "state") });
    writeFileSync(
      join(folder, "aws-config"),
      [
        "[profile prod]",
        "sso_session = corp",
        "sso_account_id = 111122223333",
        "sso_role_name = engineer",
        "region = us-east-1",
        "[sso-session corp]",
        "sso_start_url = https://corp.awsapps.com/start",
        "sso_region = us-east-1",
        "[profile ci]",
        "region = us-east-1",
        "",
      ].join("\n"),
    );
    writeFileSync(
      join(folder, "aws-credentials"),
      "[ci]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = of-nobody\n",
    );
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Approves the request that is printed, once. */
  const approving = () => {
    let seen = false;
    return (printed: string): void => {
      const [, id] = /request ([0-9a-z]{26}) is pending/.exec(printed) ?? [];
      if (seen || id === undefined) return;
      seen = true;
      void approve(id);
    };
  };
  /** Breaks the connection once the command has begun. */
  const dropping =
    (also: (printed: string) => void) =>
    (printed: string): void => {
      also(printed);
      if (printed.includes("begun\r\n")) gateway.emulatorHandle.dropClients();
    };
  async function approve(id: string): Promise<void> {
    const path = `/v1/requests/${id}`;
    for (const who of ["lead", "sre"] as const) {
      const call = (method: "GET" | "POST", at: string, body?: object) =>
        signedFetch(gateway.api, gateway.profiles[who], {
          method,
          path: at,
          ...(body && { body }),
        });
      const { digest } = (await call("GET", path)).json as { digest: string };
      await call("POST", `${path}/decisions`, { decision: "approve", digest });
    }
  }
  async function untilLive(count: number): Promise<void> {
    for (let n = 0; n < 200; n++) {
      const path = "/v1/sessions?state=live";
      const listed = await signedFetch(gateway.api, gateway.profiles.dev, { method: "GET", path });
      if ((listed.json as { items: unknown[] }).items.length === count) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`there are not ${count} live sessions`);
  }

  const local = (...words: string[]): string[] => [
    "--as",
    "dev",
    "--state",
    gateway.stateDir,
    ...words,
  ];
  const exec = (place: string, reason: string, ...command: string[]) => {
    const words = [
      "exec",
      place,
      "--reason",
      reason,
      ...(command.length > 0 ? ["--"] : []),
      ...command,
    ];
    return { typed: `sallyport ${words.map(forShell).join(" ")}`, argv: () => local(...words) };
  };
  const loads = ["/bin/cat", "/proc/loadavg"];

  it.each<Hinted>([
    {
      name: "sso-session-expired",
      typed: "sallyport --profile prod targets",
      argv: () => ["--url", gateway.api, "--profile", "prod", "targets"],
      exit: 124,
      says: ["aws sso login --profile prod"],
    },
    {
      name: "not-allowed-to-call",
      typed: "sallyport --profile ci targets",
      argv: () => ["--url", gateway.api, "--profile", "ci", "targets"],
      exit: 124,
      says: ["this identity may not call the gateway", "execute-api:Invoke"],
    },
    {
      name: "clock-ahead",
      typed: "sallyport targets",
      argv: () => local("targets"),
      env: { NODE_OPTIONS: `--import=${clockOff}`, CLOCK_OFF_MS: String(11 * 60_000) },
      exit: 124,
      says: ["11 minutes ahead of the gateway's", "timedatectl"],
    },
    {
      name: "clock-behind",
      typed: "sallyport targets",
      argv: () => local("targets"),
      env: { NODE_OPTIONS: `--import=${clockOff}`, CLOCK_OFF_MS: String(-3 * 3_600_000) },
      exit: 124,
      says: ["3 hours behind the gateway's", "timedatectl"],
    },
    {
      name: "service-misspelt",
      ...exec("demo/payment-api:app", "is it busy"),
      exit: 1,
      says: ["nearest where you may ask: payments-api"],
    },
    {
      name: "secret-in-command",
      ...exec("demo/payments-api:app", "fix it", "psql", "postgres://app:hunter2hunter2@db/app"),
      exit: 1,
      says: ["a password in a URL", "/run/secrets/NAME"],
    },
    {
      name: "exec-not-enabled",
      ...exec("demo/legacy:app", "is it busy"),
      exit: 120,
      says: ["enableExecuteCommand"],
    },
    {
      name: "command-not-in-the-image",
      ...exec("demo/payments-api:app", "a stuck queue", "/bin/nope"),
      onOutput: approving(),
      exit: 1,
      says: ["no such file", "exists in this image", "to go on, ask again: "],
    },
    {
      name: "connection-lost",
      ...exec("demo/payments-api:app", "a stuck queue", "/bin/sh", "-c", "echo begun; sleep 60"),
      onOutput: dropping(approving()),
      exit: 125,
      says: [
        "the session runs on in the container",
        "until ECS ends it at TIME",
        "cannot be rejoined yet",
      ],
    },
    {
      name: "sessions",
      typed: "sallyport sessions --only live",
      argv: () => local("sessions", "--only", "live"),
      exit: 0,
      // The other one's command was over at once, and the sweeper has seen it.
      ready: () => untilLive(1),
      says: ["echo begun", "live"],
    },
    {
      name: "doctor-of-a-stopped-agent",
      typed: "sallyport doctor demo/broken:app",
      argv: () => local("doctor", "demo/broken:app"),
      exit: 120,
      says: ["exec_agent                  failed"],
    },
    {
      name: "policy-test",
      typed: "sallyport policy test policies",
      argv: () => ["policy", "test", policies],
      exit: 0,
      says: ["50 passed, 0 failed"],
    },
    {
      name: "session-ended",
      ...exec("demo/payments-api:app", "is it busy", ...loads),
      exit: 0,
      says: ["its command has exited, or was ended from outside", "the same again: "],
    },
  ])("$name", async ({ name, typed, argv, env, exit: status, says, onOutput, ready }) => {
    const surroundings = {
      ...process.env,
      AWS_CONFIG_FILE: join(folder, "aws-config"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "aws-credentials"),
      HOME: folder,
      ...env,
    };
    await ready?.();
    const ran = await runCli(argv(), surroundings, onOutput);
    const said = transcript(typed, ran);
    await expect(said).toMatchFileSnapshot(join(transcripts, `${name}.txt`));
    expect(ran.code).toBe(status);
    for (const words of says) expect(said).toContain(words);
  });
});
