import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../cli/main.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { AUDIENCE, startTestIssuer, type TestIssuer } from "../kit/issuer.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { tokenPeople } from "../kit/token-people.ts";

/*
 * The command line with a token in place of AWS's credentials, as a pipeline has it, over real HTTP.
 */

let folder: string;
let people: TestIssuer;
let programs: TestIssuer;
let gateway: LocalGateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-cli-token-"));
  people = await startTestIssuer();
  programs = await startTestIssuer();
  const of = { audience: AUDIENCE };
  gateway = await startLocalGateway({
    port: 0,
    stateDir: join(folder, "state"),
    seedRules: false,
    issuers: [
      { name: "corp", issuer: people.url, ...of, kind: "people", maxAuthAgeMinutes: 15 },
      { name: "ci", issuer: programs.url, ...of, kind: "programs" },
    ],
  });
  const activated = await signedFetch(gateway.api, gateway.profiles.operator, {
    method: "POST",
    path: "/v1/activations",
    body: { ...tokenPeople(people.url, programs.url), reason: "the first set" },
  });
  if (activated.status !== 200) throw new Error(activated.text);
});
afterAll(async () => {
  await gateway.close();
  await people.close();
  await programs.close();
  rmSync(folder, { recursive: true, force: true });
});

const build = { sub: "repo:acme/payments:ref:refs/heads/main" };
const soon = () => Math.floor(Date.now() / 1_000);
const ask = ["request", "demo/payments-api:app", "--reason", "the nightly build wants to know"];

async function run(env: NodeJS.ProcessEnv, ...argv: string[]) {
  const [stdin, stdout, stderr] = [0, 1, 2].map(() => new PassThrough());
  const exitCode = await runCli(
    argv,
    {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      // No AWS credentials anywhere: whoever looks for them fails.
      env: { XDG_CONFIG_HOME: folder, HOME: folder, ...env },
      cwd: folder,
    },
    {
      runLocal: () => Promise.reject(new Error("not here")),
      policyEngine: () => Promise.reject(new Error("not here")),
      recovery: () => Promise.reject(new Error("not here")),
      lists: () => Promise.reject(new Error("not here")),
    },
  );
  const text = (stream: PassThrough | undefined) => String(stream?.read() ?? "");
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

describe("a pipeline's token", () => {
  it("asks in the name of its program, from the file that was configured", async () => {
    const token = programs.token(build);
    writeFileSync(join(folder, "token"), `${token}\n`);
    const configured = await run(
      {},
      "configure",
      `${gateway.api}/web/ci`,
      "--oidc-token-file",
      "token",
    );
    expect(configured.exitCode, configured.stderr).toBe(0);
    const config = join(folder, "sallyport", "config.json");
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({
      url: `${gateway.api}/web/ci`,
      tokenFile: join(folder, "token"),
    });
    expect(statSync(config).mode & 0o777).toBe(0o600);
    const who = await run({}, "whoami");
    expect(who.stdout).toContain("program bot");
    expect(who.stdout).toMatch(/groups +bots, by the directory of \d{4}-/);
    const asked = await run({}, ...ask, "--json", "--", "/bin/cat", "/proc/loadavg");
    expect(asked.exitCode, asked.stderr).toBe(0);
    expect(JSON.parse(asked.stdout).requester.person).toBe("bot");
    for (const said of [configured, who, asked]) {
      expect(said.stdout + said.stderr).not.toContain(token.split(".")[2]);
    }
  });

  it("is read anew for each call: one that was renewed is used, one that has expired is not sent", async () => {
    const file = join(folder, "renewed");
    const flags = ["--url", `${gateway.api}/web/ci`, "--token-file", file];
    writeFileSync(file, programs.token({ ...build, iat: soon() - 600, exp: soon() - 60 }));
    const before = programs.asked.length;
    const old = await run({}, ...flags, "whoami");
    expect(old.exitCode).toBe(124);
    expect(old.stderr).toMatch(/the token in \S+ expired \d+[smhd] ago/);
    expect(old.stderr).toContain("get a new one from its issuer");
    expect(programs.asked).toHaveLength(before);
    writeFileSync(file, programs.token(build));
    expect((await run({}, ...flags, "whoami")).exitCode).toBe(0);
  });

  it("may stand in SALLYPORT_TOKEN, and comes by the first issuer's door", async () => {
    const env = { SALLYPORT_URL: gateway.api, SALLYPORT_TOKEN: people.token({ sub: "sub-dev" }) };
    const who = await run(env, "whoami");
    expect(who.exitCode, who.stderr).toBe(0);
    expect(who.stdout).toContain("person dev");
    const lead = { ...env, SALLYPORT_TOKEN: people.token({ sub: "sub-lead" }) };
    expect((await run(lead, "whoami")).stdout).toContain(
      "groups     not known: the token has no claim of groups",
    );
  });

  it.each<[string, () => string, RegExp]>([
    ["of another issuer", () => programs.token(build), /the token is not accepted: Unauthorized/],
    ["that is none", () => "hunter2", /SALLYPORT_TOKEN holds no token/],
  ])("%s is exit status 124, with what to do", async (_, token, said) => {
    const env = { SALLYPORT_URL: gateway.api, SALLYPORT_TOKEN: token() };
    const { exitCode, stderr } = await run(env, "whoami");
    expect(exitCode).toBe(124);
    expect(stderr).toMatch(said);
    expect(stderr).toContain("get a new one");
    expect(stderr).not.toContain("hunter2");
  });

  it("of an old sign-in is exit status 124 where a fresh one is needed", async () => {
    const fresh = people.token({ sub: "sub-dev", auth_time: soon() - 60 });
    const env = { SALLYPORT_URL: gateway.api, SALLYPORT_TOKEN: fresh };
    const asked = await run(env, ...ask, "--json", "--", "/bin/date");
    const { id } = JSON.parse(asked.stdout);
    const old = people.token({ sub: "sub-dev", auth_time: soon() - 3_600 });
    const opened = await run({ ...env, SALLYPORT_TOKEN: old }, "attach", id);
    expect(opened.exitCode).toBe(124);
    expect(opened.stderr).toContain("sign in again");
  });

  it("is not mixed with a profile or a local identity", async () => {
    const file = ["--token-file", "token"];
    expect(
      (await run({}, ...file, "--profile", "work", "--url", gateway.api, "whoami")).exitCode,
    ).toBe(2);
    expect((await run({}, ...file, "--as", "dev", "whoami")).exitCode).toBe(2);
    const missing = await run({}, "--token-file", "nowhere", "--url", gateway.api, "whoami");
    expect(missing.exitCode).toBe(124);
    expect(missing.stderr).toMatch(/there is no \S+nowhere/);
  });
});
