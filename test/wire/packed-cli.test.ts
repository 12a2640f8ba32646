import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { engineHere } from "../kit/engine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The machine's own Node, which may be older than the one that is pinned here. */
const hostNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find((file) => existsSync(file));

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

describe.skipIf(!engineHere)("the packed command line, alone in a folder", () => {
  let folder: string;
  let home: string;
  let gateway: LocalGateway;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-packed-"));
    home = join(folder, "home");
    mkdirSync(home);
    await run("npm", ["run", "pack", "--", "--pack-destination", folder], { cwd: root });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    await run("tar", ["-xzf", join(folder, tarball), "-C", folder]);
    gateway = await startLocalGateway({ port: 0, stateDir: join(folder, "state") });
    // As a person has them: a profile in AWS's own file.
    mkdirSync(join(home, ".aws"));
    writeFileSync(
      join(home, ".aws", "credentials"),
      readFileSync(join(folder, "state", "credentials"), "utf8"),
    );
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the package says is to be run. */
  function bin(): string {
    const { bin: named } = JSON.parse(
      readFileSync(join(folder, "package/package.json"), "utf8"),
    ) as { bin: { sallyport: string } };
    return join(folder, "package", named.sallyport);
  }

  async function sallyport(...argv: string[]): Promise<Ran> {
    const env = { PATH: "/usr/bin:/bin", HOME: home, AWS_PROFILE: "dev", AWS_REGION: "us-east-1" };
    const node = hostNode ?? process.execPath;
    try {
      const done = await run(node, [bin(), ...argv], {
        env,
        cwd: home,
      });
      return { code: 0, ...done };
    } catch (error) {
      const failed = error as Ran;
      return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
    }
  }

  it("is run by a Node that is 20 or newer, and holds nothing native", async () => {
    const { stdout } = await run(hostNode ?? process.execPath, ["--version"]);
    console.log(`packed command line under Node ${stdout.trim()}`);
    expect(Number(/^v(\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(20);
    const files = readdirSync(join(folder, "package"), { recursive: true }).map(String);
    expect(files.filter((name) => /\.node$|node_modules|(?<!\.d)\.ts$/.test(name))).toEqual([]);
    expect(files).toContain("sallyport.mjs");
  });

  it("can be run by the name that the package gives it", async () => {
    expect(statSync(bin()).mode & 0o111).toBe(0o111);
    expect(readFileSync(bin(), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { stdout } = await run(bin(), ["--help"], {
      env: { PATH: `${dirname(hostNode ?? process.execPath)}:/usr/bin:/bin`, HOME: home },
    });
    expect(stdout).toContain("exec");
  });

  /** Named in the text of an error, which says to require it. */
  const NAMED_ONLY = "@aws-sdk/signature-v4-crt";

  it("loads nothing but Node and what is packed, and two that ws can do without", () => {
    const dist = join(folder, "package");
    const loaded = readdirSync(dist)
      .filter((name) => name.endsWith(".mjs"))
      .flatMap((name) => [
        ...readFileSync(join(dist, name), "utf8").matchAll(
          /(?:^import\b[^"'\n;]*|\bfrom\s*|\bimport\(\s*|(?:\b|_)require\d*\(\s*)"([^"\n]+)"/gm,
        ),
      ])
      .map(([, module = ""]) => module)
      .filter(
        (module) => !/^\.{1,2}\//.test(module) && !isBuiltin(module) && module !== NAMED_ONLY,
      );
    const files = readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isFile());
    const named = files.filter(({ name }) =>
      /@lydell|@dynoxide/.test(readFileSync(join(dist, name), "latin1")),
    );
    expect(named).toEqual([]);
    expect([...new Set(loaded)].toSorted()).toEqual(["bufferutil", "utf-8-validate"]);
  });

  it("says what it can do", async () => {
    const { code, stdout } = await sallyport("--help");
    expect([code, stdout]).toEqual([0, expect.stringContaining("exec")]);
  });

  it("is told once where the gateway is, and then asks, opens and prints", async () => {
    const configured = await sallyport("configure", gateway.api);
    expect(configured.code, configured.stderr).toBe(0);
    const ran = await sallyport(
      "exec",
      "demo/payments-api:app",
      "--reason",
      "is it busy",
      "--",
      "/bin/cat",
      "/proc/loadavg",
    );
    expect(ran.stdout, ran.stderr).toMatch(/\d+\.\d+ \d+\.\d+/);
    expect(ran.code).toBe(0);
  });

  it("tries rules with the engine it brings along", async () => {
    const { code, stdout, stderr } = await sallyport("policy", "check", join(root, "policies"));
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining("nothing wrong")]);
  });

  it("says where the local gateway is to be had", async () => {
    const { code, stderr } = await sallyport("local");
    expect([code, stderr]).toEqual([1, expect.stringContaining("from a checkout")]);
  });
});
