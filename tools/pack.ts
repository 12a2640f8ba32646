import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { commonJsInEsm } from "../lib/common-js-in-esm.ts";

/*
 * Makes `dist/`, the package that is installed: `npm pack ./dist` packs it, and `npm run pack` does both. In it are
 *
 *   sallyport.mjs   the command line, for Node 20 and newer, with nothing beside it
 *   lib/            the constructs, each a file by its own name, for a CDK app of somebody's own
 *   functions/      the functions' bundles, those that synthesis here makes
 *   types/          what both are, for TypeScript
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}dist`;
const { name, version, description, license, engines, dependencies, devDependencies } = JSON.parse(
  readFileSync(`${root}package.json`, "utf8"),
) as {
  name: string;
  version: string;
  description: string;
  license: string;
  engines: { node: string };
  dependencies: { [name: string]: string };
  devDependencies: { [name: string]: string };
};

const common = {
  absWorkingDir: root,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  mainFields: ["module", "main"],
  keepNames: true,
  minifySyntax: true,
  legalComments: "eof",
  logLevel: "warning",
} satisfies BuildOptions;

rmSync(out, { recursive: true, force: true });
await Promise.all([commandLine(), constructs()]);
functions();
types();
writeFileSync(`${out}/package.json`, `${JSON.stringify(manifest(), null, 2)}\n`);
for (const file of ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"]) {
  copyFileSync(`${root}${file}`, `${out}/${file}`);
}

/** Parts that few commands need are files of their own, loaded when they are; Cedar reads its WebAssembly. */
async function commandLine(): Promise<void> {
  await build({
    ...common,
    entryPoints: { sallyport: "bin/packed.ts" },
    outdir: out,
    define: { packedVersion: JSON.stringify(version) },
    banner: { js: `${commonJsInEsm};` },
    // ws works without these two, and loads them where they are.
    external: ["bufferutil", "utf-8-validate"],
  });
  copyFileSync(
    `${root}node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm`,
    `${out}/cedar_wasm_bg.wasm`,
  );
  chmodSync(`${out}/sallyport.mjs`, 0o755);
}

async function constructs(): Promise<void> {
  await build({
    ...common,
    entryPoints: readdirSync(`${root}lib`)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `lib/${file}`),
    outdir: `${out}/lib`,
    // A construct has to be of the CDK that the app is made with.
    external: ["aws-cdk-lib", "aws-cdk-lib/*", "constructs", "zod"],
  });
}

function functions(): void {
  const assembly = mkdtempSync(join(tmpdir(), "sallyport-pack-"));
  try {
    // An example with every switch that a bundle is made by: `deepPreflight`.
    execFileSync(process.execPath, ["bin/gateway.ts", "examples/many-accounts.json"], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: assembly },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const { Resources: resources } = JSON.parse(
      readFileSync(join(assembly, "Sallyport.template.json"), "utf8"),
    ) as { Resources: { [id: string]: { Type: string; Properties: { Code: { S3Key: string } } } } };
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      if (Type !== "AWS::Lambda::Function") continue;
      const asset = `asset.${Properties.Code.S3Key.replace(/\.zip$/, "")}`;
      const folder = id.replace(/Function[0-9A-F]{8}$/, "").toLowerCase();
      cpSync(join(assembly, asset), `${out}/functions/${folder}`, { recursive: true });
    }
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

/** As the compiler declares them; it makes them first, where they are not there. */
function types(): void {
  execFileSync("tsc", ["-b", "lib"], { cwd: root, stdio: "inherit" });
  for (const folder of ["lib", "core", "api"]) {
    cpSync(`${root}.tsbuild/${folder}`, `${out}/types/${folder}`, {
      recursive: true,
      filter: (file) => !file.endsWith(".tsbuildinfo"),
    });
  }
}

function manifest(): object {
  const pinned = (of: string): string => {
    const found = devDependencies[of] ?? dependencies[of];
    if (found === undefined) throw new Error(`package.json names no version of ${of}`);
    return found;
  };
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines,
    bin: { sallyport: "sallyport.mjs" },
    exports: {
      "./package.json": "./package.json",
      "./*": { types: "./types/lib/*.d.ts", default: "./lib/*.mjs" },
    },
    dependencies: { zod: `^${pinned("zod")}` },
    peerDependencies: {
      "aws-cdk-lib": `^${pinned("aws-cdk-lib")}`,
      constructs: `^${pinned("constructs")}`,
    },
    // Whoever wants the command line alone needs neither.
    peerDependenciesMeta: {
      "aws-cdk-lib": { optional: true },
      constructs: { optional: true },
    },
  };
}
