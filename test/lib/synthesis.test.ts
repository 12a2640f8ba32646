import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loneBundle } from "../kit/lone-bundle.ts";

/*
 * The app as it is run, bundles and all. One run serves the whole file: it takes seconds.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
let out: string;
let printed: string;
let template: { Resources: { [id: string]: { Type: string; Properties: Properties } } };

interface Properties {
  Code?: { S3Key: string };
  Environment?: { Variables: { [name: string]: unknown } };
}

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "sallyport-synth-"));
  const run = spawnSync(process.execPath, ["bin/gateway.ts"], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], CDK_OUTDIR: out },
  });
  printed = run.stdout;
  if (run.status !== 0) throw new Error(`synthesis failed: ${run.stderr}`);
  template = JSON.parse(readFileSync(join(out, "Sallyport.template.json"), "utf8"));
}, 120_000);

afterAll(() => rmSync(out, { recursive: true, force: true }));

function functionNamed(name: string): Properties {
  const [found] = Object.entries(template.Resources).filter(
    ([id, { Type }]) => Type === "AWS::Lambda::Function" && id.startsWith(`${name}Function`),
  );
  if (found === undefined) throw new Error(`no function ${name} in the template`);
  return found[1].Properties;
}

/** The folder that becomes a function. */
function bundleOf(name: string): string {
  return join(out, `asset.${functionNamed(name).Code?.S3Key.replace(/\.zip$/, "")}`);
}

/** What the function finds in its environment, with a word for what only a deployment can know. */
function environmentOf(name: string): { [name: string]: string } {
  const variables = Object.entries(functionNamed(name).Environment?.Variables ?? {});
  return {
    AWS_REGION: "us-east-1",
    ...Object.fromEntries(
      variables.map(([key, value]) => [key, typeof value === "string" ? value : "deployed"]),
    ),
  };
}

describe("node bin/gateway.ts", () => {
  it("needs no account, no network and no CDK command line, and says where the template is", () => {
    expect(printed).toMatch(/^template: \S*Sallyport\.template\.json$/m);
  });

  it("fails with what is wrong when the configuration cannot be used", () => {
    const run = spawnSync(process.execPath, ["bin/gateway.ts", "package.json"], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], CDK_OUTDIR: join(out, "refused") },
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^sallyport: error: the deployment's configuration cannot be used:/);
    expect(run.stderr).toContain("\n  home: ");
  });

  it.each(["Requests", "Decide", "Exec", "Projector"])(
    "bundles %s into one file, with Cedar's WebAssembly where rules are evaluated",
    (name) => {
      const folder = bundleOf(name);
      const wasm = name === "Projector" ? [] : ["cedar_wasm_bg.wasm"];
      expect(readdirSync(folder).toSorted()).toEqual([...wasm, "index.mjs", "index.mjs.map"]);
      // What it costs a cold start to read.
      expect(statSync(join(folder, "index.mjs")).size).toBeLessThan(1_200_000);
    },
  );

  it.each(["Requests", "Decide", "Exec", "Projector"])(
    "bundles %s so that it loads from an empty folder, with nothing but its environment",
    async (name) => {
      const bundle = loneBundle(bundleOf(name));
      try {
        expect(await bundle.invoke(environmentOf(name))).toEqual([]);
      } finally {
        bundle.remove();
      }
    },
  );

  it.skipIf(!installed("cfn-lint"))("makes a template in which cfn-lint finds no error", () => {
    // W3005: the CDK lets every function depend on its role once more than it has to.
    const lint = spawnSync(
      "cfn-lint",
      ["--ignore-checks", "W3005", "--", join(out, "Sallyport.template.json")],
      { encoding: "utf8" },
    );
    expect(lint.stdout).toBe("");
    expect(lint.status).toBe(0);
  });
});

function installed(command: string): boolean {
  const { status } = spawnSync(command, ["--version"], { encoding: "utf8" });
  if (status !== 0) console.warn(`SKIPPED: ${command} is not installed`);
  return status === 0;
}
