import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosenGateway, configPath, writeConfig } from "../../cli/config.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "sallyport-config-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("which gateway is spoken to", () => {
  it("is the one configured, in a file that its owner alone can read", async () => {
    const cwd = folder();
    const env = { XDG_CONFIG_HOME: cwd };
    const config = { url: "https://gateway.example/", profile: "work", region: "eu-north-1" };
    const path = await writeConfig({ env }, config);
    expect(path).toBe(join(cwd, "sallyport", "config.json"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const chosen = await chosenGateway({ env, cwd }, {});
    expect(chosen.url.href).toBe(config.url);
    expect(chosen.region).toBe("eu-north-1");
    expect(chosen.credentials).toEqual({ kind: "chain", profile: "work" });
  });

  it("is SALLYPORT_URL before that, without the profile that was configured for another", async () => {
    const cwd = folder();
    const env = {
      XDG_CONFIG_HOME: cwd,
      SALLYPORT_URL: "https://a.execute-api.sa-east-1.amazonaws.com",
    };
    await writeConfig(
      { env },
      { url: "https://gateway.example/", profile: "work", region: "eu-north-1" },
    );
    const chosen = await chosenGateway({ env, cwd }, {});
    expect(chosen.url.hostname).toBe("a.execute-api.sa-east-1.amazonaws.com");
    expect(chosen.region).toBe("sa-east-1");
    expect(chosen.credentials).toEqual({ kind: "chain", profile: undefined });
  });

  it.each([
    "http://gateway.example/",
    "https://user:pw@gateway.example/",
    "https://x/?a",
    "ftp://x/",
    "x",
  ])("is never %s", async (url) => {
    await expect(chosenGateway({ env: {}, cwd: "/" }, { url })).rejects.toMatchObject({
      exitCode: 2,
    });
  });

  it("with --as is on this machine, whatever a file in the folder says", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "endpoint.json"), '{"api":"https://evil.example/"}');
    await expect(chosenGateway({ env: {}, cwd }, { as: "dev", state: "." })).rejects.toThrow(
      /not on this machine/,
    );
    writeFileSync(join(cwd, "endpoint.json"), '{"api":"http://127.0.0.1:7070"}');
    const chosen = await chosenGateway({ env: {}, cwd }, { as: "dev", state: "." });
    expect(chosen.credentials).toEqual({
      kind: "file",
      path: join(cwd, "credentials"),
      profile: "dev",
    });
  });

  it("ignores a relative XDG_CONFIG_HOME, as its specification says", () => {
    expect(configPath({ env: { XDG_CONFIG_HOME: "rel", HOME: "/home/x" } })).toBe(
      "/home/x/.config/sallyport/config.json",
    );
  });
});
