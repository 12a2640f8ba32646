import { chmodSync, copyFileSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { commonJsInEsm } from "../lib/common-js-in-esm.ts";

/**
 * Bundles the command line into `dist/`, for `npm pack`: plain JavaScript for Node 20 and newer and Cedar's
 * WebAssembly, which is read from the folder it lies in. Parts that few commands need are files of their
 * own, loaded when they are.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}dist`;

const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };

rmSync(out, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { sallyport: "bin/packed.ts" },
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  define: { packedVersion: JSON.stringify(version) },
  format: "esm",
  target: "node20",
  mainFields: ["module", "main"],
  keepNames: true,
  minifySyntax: true,
  legalComments: "eof",
  banner: { js: `${commonJsInEsm};` },
  // ws works without these two, and loads them where they are.
  external: ["bufferutil", "utf-8-validate"],
  logLevel: "warning",
});
copyFileSync(
  `${root}node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm`,
  `${out}/cedar_wasm_bg.wasm`,
);
chmodSync(`${out}/sallyport.mjs`, 0o755);
