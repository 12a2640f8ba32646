import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionEnvironments } from "../kit/function-environments.ts";
import { loneBundle } from "../kit/lone-bundle.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** All that somebody writes who has clusters and wants a gateway. */
const APP = `
import { App } from "aws-cdk-lib";
import { readDeploymentConfiguration } from "sallyport/deployment-configuration";
import { GatewayStack } from "sallyport/gateway-stack";
import { TargetAccountStack, targetPlaces } from "sallyport/target-account-stack";

const app = new App();
const configuration = readDeploymentConfiguration({
  home: { account: "111122223333", region: "us-east-1" },
  clusters: [
    "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
    "arn:aws:ecs:us-east-1:444455556666:cluster/prod",
  ],
  bootstrap: [
    { person: "olga", principal: { account: "111122223333", uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } },
  ],
});
const gateway = new GatewayStack(app, "Exec", { configuration });
for (const place of targetPlaces(configuration)) {
  new TargetAccountStack(app, "Target-" + place.account, { configuration, place }).addStackDependency(gateway);
}
app.synth();
`;

describe("an empty CDK app that depends on the packed tarball", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-app-"));
    await run("npm", ["run", "pack", "--", "--pack-destination", folder], { cwd: root });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    await run("tar", ["-xzf", join(folder, tarball), "-C", folder]);
    // As npm lays them out: the package beside what it says it needs, and nothing else.
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    symlinkSync(join(folder, "package"), join(modules, "sallyport"));
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(folder, "package", "package.json"), "utf8"),
    ) as { [of: string]: { [name: string]: string } };
    const needed = join(folder, "package", "node_modules");
    mkdirSync(needed);
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      symlinkSync(join(root, "node_modules", name), join(modules, name));
      symlinkSync(join(root, "node_modules", name), join(needed, name));
    }
    writeFileSync(join(folder, "app.mts"), APP);
    writeFileSync(join(folder, "app.mjs"), APP);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("synthesizes a gateway and what other accounts need, functions and all", async () => {
    const out = join(folder, "out");
    await run(process.execPath, ["app.mjs"], {
      cwd: folder,
      env: { PATH: "/usr/bin:/bin", HOME: folder, CDK_OUTDIR: out },
    });
    const { Resources: resources } = JSON.parse(
      readFileSync(join(out, "Exec.template.json"), "utf8"),
    ) as {
      Resources: {
        [id: string]: { Type: string; Properties: { Code?: { S3Key: string }; Handler?: string } };
      };
    };
    const functions = Object.entries(resources).filter(
      ([, { Type }]) => Type === "AWS::Lambda::Function",
    );
    const packed = readdirSync(join(folder, "package", "functions")).toSorted();
    expect(
      functions.map(([id]) => id.replace(/Function[0-9A-F]{8}$/, "").toLowerCase()).toSorted(),
    ).toEqual(packed);
    expect(packed.length).toBeGreaterThan(4);
    const environments = functionEnvironments();
    for (const [id, { Properties }] of functions) {
      expect(Properties.Handler, id).toBe("index.handler");
      const asset = join(out, `asset.${Properties.Code?.S3Key.replace(/\.zip$/, "")}`);
      // What is deployed loads by itself: what it reads while it starts has to be packed with it.
      const bundle = loneBundle(asset);
      try {
        const name = id.replace(/Function[0-9A-F]{8}$/, "").toLowerCase();
        expect(await bundle.invoke(environments[name] ?? {}), name).toEqual([]);
      } finally {
        bundle.remove();
      }
    }
    expect(readdirSync(out)).toContain("Target-444455556666.template.json");
  });

  it("is checked by TypeScript against the types of the package, and told what is not there", async () => {
    const check = (file: string): Promise<unknown> =>
      run(
        join(root, "node_modules", ".bin", "tsc"),
        ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", file],
        { cwd: folder },
      );
    await check("app.mts");
    writeFileSync(join(folder, "wrong.mts"), APP.replace("{ configuration }", "{ config: 1 }"));
    await expect(check("wrong.mts")).rejects.toMatchObject({
      stdout: expect.stringContaining("'config' does not exist"),
    });
  });
});
