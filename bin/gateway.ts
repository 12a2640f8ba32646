import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { addStacks } from "../lib/deployment.ts";
import { readConfigurationFile } from "../lib/deployment-configuration.ts";

/*
 * The CDK app: `node bin/gateway.ts [CONFIGURATION.json]`, or by the CDK's own command line. Needs no
 * account and no network; templates and bundles go to cdk.out.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const { context } = JSON.parse(readFileSync(`${root}cdk.json`, "utf8")) as {
  context: { [key: string]: unknown };
};

// The CDK's command line says through the environment where it wants them.
const outdir = process.env["CDK_OUTDIR"] ?? `${root}cdk.out`;
const app = new App({ outdir, context, analyticsReporting: false });
const file = resolve(
  root,
  process.argv[2] ?? String(app.node.getContext("sallyport:configuration")),
);
try {
  addStacks(app, readConfigurationFile(relative(process.cwd(), file)));
  const { stacks } = app.synth();
  for (const { templateFullPath } of stacks) {
    console.log(`template: ${relative(process.cwd(), templateFullPath)}`);
  }
} catch (error) {
  console.error(`sallyport: error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
