import { type BundlingOptions, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { commonJsInEsm } from "./common-js-in-esm.ts";

const CEDAR_WASM = "node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm";

/**
 * How a function becomes one file that needs nothing beside it, the SDK included: Lambda's own copy
 * changes under a running deployment. Cedar reads its WebAssembly from the folder it lies in, so that is
 * copied there.
 */
export function functionBundle(options: {
  cedar: boolean;
  deepPreflight: boolean;
}): BundlingOptions {
  return {
    format: OutputFormat.ESM,
    target: "node24",
    mainFields: ["module", "main"],
    externalModules: [],
    minify: true,
    keepNames: true,
    // For a person who reads a stack: Node is not told to, for it reads the whole map at each cold start.
    sourceMap: true,
    sourcesContent: false,
    banner: `${commonJsInEsm};`,
    // What asks IAM and EC2 is left out where it would never be called.
    define: options.deepPreflight ? {} : { "process.env.DEEP_PREFLIGHT": '"false"' },
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (inputFolder, outputFolder) =>
        options.cedar ? [`cp "${inputFolder}/${CEDAR_WASM}" "${outputFolder}/"`] : [],
    },
  };
}
