import { type BundlingOptions, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";

/** A module of CommonJS inside an ESM bundle expects these; Node gives them to no ES module. */
const COMMON_JS = [
  "import{createRequire as _createRequire}from'node:module'",
  "import{dirname as _dirname}from'node:path'",
  "import{fileURLToPath as _fileURLToPath}from'node:url'",
  "const require=_createRequire(import.meta.url)",
  "const __filename=_fileURLToPath(import.meta.url)",
  "const __dirname=_dirname(__filename)",
].join(";");

const CEDAR_WASM = "node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm";

/**
 * How a function becomes one file that needs nothing beside it, the SDK included: Lambda's own copy
 * changes under a running deployment. Cedar reads its WebAssembly from the folder it lies in, so that is
 * copied there.
 */
export function functionBundle(options: { cedar: boolean }): BundlingOptions {
  return {
    format: OutputFormat.ESM,
    target: "node24",
    mainFields: ["module", "main"],
    externalModules: [],
    minify: true,
    keepNames: true,
    sourceMap: true,
    sourcesContent: false,
    banner: `${COMMON_JS};`,
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (inputFolder, outputFolder) =>
        options.cedar ? [`cp "${inputFolder}/${CEDAR_WASM}" "${outputFolder}/"`] : [],
    },
  };
}
