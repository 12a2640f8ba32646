import { z } from "zod";
import { partitionOf } from "./cluster-arn.ts";
import { configurationFields } from "./configuration-schema.ts";

/** What one deployment says of itself. Rules and people are not here: they are activated, on the record. */
export type DeploymentConfiguration = z.output<typeof configurationFields>;

/** A function's environment holds 4 KB in all; names of tables and roles take the rest. */
const ENVIRONMENT_BYTES = 3_000;

const schema = configurationFields.superRefine((configuration, context) => {
  const { home, clusters, bootstrap, trustedRoles, domain } = configuration;
  const issue = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: "custom", path, message });
  };
  clusters.forEach((arn, i) => {
    if (partitionOf([arn]) !== partitionOf(clusters)) {
      issue(["clusters", i], "in another partition: roles of one cannot be assumed from another");
    }
    if (clusters.indexOf(arn) !== i) issue(["clusters", i], "named twice");
  });
  if (domain !== undefined) {
    const [, , , region, owner] = domain.certificateArn.split(":");
    if (region !== home.region || owner !== home.account) {
      issue(
        ["domain", "certificateArn"],
        `in ${owner}/${region}: the certificate has to be of ${home.account}/${home.region}`,
      );
    }
  }
  const bytes = JSON.stringify([clusters, bootstrap, trustedRoles]).length;
  if (bytes > ENVIRONMENT_BYTES) {
    issue(
      [],
      `takes ${bytes} bytes of a function's environment, which has room for ${ENVIRONMENT_BYTES}`,
    );
  }
});

/** Reads a configuration. Throws Error with a line for everything that is wrong with it. */
export function readDeploymentConfiguration(value: unknown): DeploymentConfiguration {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const lines = read.error.issues.map(
    ({ path, message }) => `  ${path.length === 0 ? "configuration" : path.join(".")}: ${message}`,
  );
  throw new Error(`the deployment's configuration cannot be used:\n${lines.join("\n")}`);
}

/** The JSON Schema of a configuration file, draft 2020-12: what an editor completes and marks by. */
export function configurationJsonSchema(): object {
  return z.toJSONSchema(configurationFields, { io: "input" });
}
