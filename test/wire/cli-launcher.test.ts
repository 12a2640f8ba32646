import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * The command line as a checkout starts it: without its Node, with nothing to load that help does not need,
 * and for somebody whose sign-in to AWS is over.
 */

const bin = fileURLToPath(new URL("../../bin/", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-bin-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the launcher of a checkout", () => {
  const launched = (path: string) => spawnSync(path, ["--help"], { encoding: "utf8", env: {} });

  it("without its Node says so, and what to run where", () => {
    mkdirSync(join(folder, "bin"));
    copyFileSync(join(bin, "sallyport"), join(folder, "bin", "sallyport"));
    chmodSync(join(folder, "bin", "sallyport"), 0o755);
    for (const there of ["", "node_modules/.bin"]) {
      mkdirSync(join(folder, there), { recursive: true });
      const { status, stdout, stderr } = launched(join(folder, "bin", "sallyport"));
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(
        `sallyport: error: ${folder}/node_modules/.bin/node is missing: the pinned Node is not installed, and no other is used\n` +
          `sallyport: hint: run npm ci in ${folder}\n`,
      );
    }
  });

  it("starts from anywhere, and through a link", () => {
    const link = join(folder, "linked");
    symlinkSync(join(bin, "sallyport"), link);
    for (const path of [join(bin, "sallyport"), link]) {
      const { status, stdout, stderr } = launched(path);
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/^Usage: sallyport /);
    }
  });
});

describe("what a command line loads", () => {
  const loadedBy = (...argv: string[]) => {
    // Told of every module as it is loaded, whoever asks for it.
    const hook = `import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) {
        if (url.startsWith("file:")) process.stderr.write("loads " + url + "\\n");
        return next(url, context);
      } });`;
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        "--import",
        `data:text/javascript,${encodeURIComponent(hook)}`,
        join(bin, "sallyport.ts"),
        ...argv,
      ],
      { encoding: "utf8", cwd: folder, env: { HOME: folder } },
    );
    const modules = stderr.split("\n").flatMap((line) => /^loads (.*)/.exec(line)?.[1] ?? []);
    const heavy = modules.flatMap(
      (url) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1] ?? [],
    );
    return { status, modules, packages: [...new Set(heavy)] };
  };

  it.each([
    [["--help"], 0],
    [["nosuch"], 2],
    [["exec", "--help"], 0],
    [["exec", "a/b/c", "--reason", "x"], 2],
    [["exec", "api", "ls"], 2],
    [["attach", "x", "--wait", "soon"], 2],
    [["request", "--task", "t", "api"], 2],
  ])("for help and a mistyped line is nothing that speaks to a gateway: %j", (argv, expected) => {
    const { status, packages } = loadedBy(...argv);
    expect([status, packages]).toEqual([expected, ["commander"]]);
  });

  it("for a command is its own module and no other command's", () => {
    const { status, modules, packages } = loadedBy("whoami");
    expect(status).toBe(124);
    expect(packages).toContain("zod");
    expect(modules.filter((url) => url.includes("/cli/commands/"))).toEqual([
      expect.stringMatching(/whoami\.ts$/),
    ]);
  });
});

describe("exec by somebody whose sign-in to AWS is over", () => {
  it("names the command that signs them in, exits 124, and sends nothing", () => {
    const aws = join(folder, ".aws");
    mkdirSync(join(aws, "sso", "cache"), { recursive: true });
    writeFileSync(
      join(aws, "config"),
      "[profile prod]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Engineer\n" +
        "[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = eu-central-1\n",
    );
    const exec = () =>
      spawnSync(
        process.execPath,
        [
          join(bin, "sallyport.ts"),
          "exec",
          "demo/api:app",
          "--reason",
          "x",
          "--profile",
          "prod",
          // Nothing listens there: a call would end otherwise than by the sign-in.
          "--url",
          "http://127.0.0.1:9",
        ],
        { encoding: "utf8", cwd: folder, env: { HOME: folder } },
      );
    const expected = [124, "", "sallyport: hint: aws sso login --profile prod\n"];
    const missing = exec();
    expect([missing.status, missing.stdout, lastLine(missing.stderr)]).toEqual(expected);
    writeFileSync(
      // AWS names the file by the SHA-1 of the session's name.
      join(aws, "sso", "cache", "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"),
      JSON.stringify({ accessToken: "token-of-sso", expiresAt: "2020-01-01T00:00:00Z" }),
    );
    const over = exec();
    expect([over.status, over.stdout, lastLine(over.stderr)]).toEqual(expected);
    expect(over.stderr).not.toContain("token-of-sso");
  });
});

function lastLine(text: string): string {
  return /[^\n]*\n$/.exec(text)?.[0] ?? "";
}
