import { readFileSync, rmSync } from "node:fs";
import { synthesizedExample } from "./synthesized-example.ts";

/** What each function finds in its environment, with a word for what only a deployment can know. */
export function functionEnvironments(): { [name: string]: { [name: string]: string } } {
  const { outdir, templates } = synthesizedExample("minimal.json");
  try {
    const environments: { [name: string]: { [name: string]: string } } = {};
    for (const file of templates) {
      const { Resources: resources } = JSON.parse(readFileSync(file, "utf8")) as {
        Resources: {
          [id: string]: {
            Type: string;
            Properties: { Environment?: { Variables: { [name: string]: unknown } } };
          };
        };
      };
      for (const [id, { Type, Properties }] of Object.entries(resources)) {
        if (Type !== "AWS::Lambda::Function") continue;
        const variables = Object.entries(Properties.Environment?.Variables ?? {});
        environments[id.replace(/Function[0-9A-F]{8}$/, "").toLowerCase()] = {
          AWS_REGION: "us-east-1",
          ...Object.fromEntries(
            variables.map(([key, value]) => [key, typeof value === "string" ? value : "deployed"]),
          ),
        };
      }
    }
    return environments;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
