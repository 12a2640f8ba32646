import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { addStacks } from "../../lib/deployment.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";

const examples = new URL("../../examples/", import.meta.url);

/** The names of the configurations in examples/. */
export const exampleConfigurations = readdirSync(examples).filter(
  (name) => name.endsWith(".json") && !name.endsWith(".schema.json"),
);

export interface Synthesized {
  app: App;
  outdir: string;
  templates: string[];
}

/** An example's stacks without the functions' code, and the folder of their templates, which the caller removes. */
export function synthesizedExample(name: string): Synthesized {
  const file = readFileSync(new URL(name, examples), "utf8");
  return synthesized(JSON.parse(file));
}

/** The same of any configuration. */
export function synthesized(configuration: unknown): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), "sallyport-example-"));
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { "aws:cdk:bundling-stacks": [] },
  });
  addStacks(app, readDeploymentConfiguration(configuration));
  const { stacks } = app.synth();
  return { app, outdir, templates: stacks.map(({ templateFullPath }) => templateFullPath) };
}
