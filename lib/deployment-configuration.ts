import { readFileSync } from "node:fs";
import * as z from "zod";
import { parseStrictJson } from "../core/strict-json.ts";
import { CLUSTER_ARN, partitionOf } from "./cluster-arn.ts";
import { mistakesIn } from "./configuration-mistakes.ts";
import { checkOutside } from "./configuration-outside.ts";
import { configurationFields } from "./configuration-schema.ts";
import { ENVIRONMENT_LIMIT, environmentBytes } from "./told-functions.ts";

/** What one deployment says of itself. Rules and people are not here: they are activated, on the record. */
export type DeploymentConfiguration = z.output<typeof configurationFields>;

const schema = configurationFields.superRefine((configuration, context) => {
  const { home, clusters, domain } = configuration;
  const issue = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: "custom", path, message });
  };
  clusters.forEach((arn, i) => {
    if (partitionOf([arn]) !== partitionOf(clusters)) {
      issue(
        ["clusters", i],
        "in another partition than the first: roles of one cannot be assumed from another. Deploy a gateway in each",
      );
    }
    if (clusters.indexOf(arn) !== i) issue(["clusters", i], "named twice: take one of them away");
  });
  if (domain !== undefined) {
    const [, , , region, owner] = domain.certificateArn.split(":");
    if (region !== home.region || owner !== home.account) {
      issue(
        ["domain", "certificateArn"],
        `the certificate is of ${owner}/${region}, and has to be of home: ${home.account}/${home.region}. Request one there`,
      );
    }
  }
  checkOutside(configuration, issue);
  // Where one is no ARN, that is what is wrong.
  if (!clusters.every((arn) => CLUSTER_ARN.test(arn))) return;
  const bytes = environmentBytes(configuration);
  if (bytes > ENVIRONMENT_LIMIT) {
    issue(
      [],
      `clusters and their places, bootstrap, trustedRoles and oidc make ${bytes} bytes of a function's environment, which holds ${ENVIRONMENT_LIMIT}: name fewer, or deploy a second gateway for some`,
    );
  }
});

/**
 * Reads a configuration. Throws Error with a line for everything that is wrong with it: where, what, and how to mend
 * it; `file` is where it was read from, for whoever has to.
 */
export function readDeploymentConfiguration(
  value: unknown,
  file?: string,
): DeploymentConfiguration {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw unusable(mistakesIn(read.error.issues, value, configurationJsonSchema()), file);
}

/**
 * The same of a file's text, which has to be JSON that every reader reads alike: what stands in it twice is refused
 * and not overlooked. Throws as above, also where it cannot be read, and with line and column where it is no JSON.
 */
export function readConfigurationFile(path: string): DeploymentConfiguration {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw unusable([`${why}. ${EXAMPLES}`], path);
  }
  const json = parseStrictJson(text);
  if (json.kind === "value") return readDeploymentConfiguration(json.value, path);
  const before = text.slice(0, json.at).split("\n");
  const at = `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
  const lines = json.issues.map(({ pointer, detail }) => {
    const where = pointer.slice(1).replaceAll("/", ".");
    return `${where === "" ? "" : `${where}: `}${detail.replace(/ at character \d+$/, "")}`;
  });
  throw unusable([`no JSON at ${at}: ${lines.join("; ")}`], path);
}

/** What to begin with. */
const EXAMPLES = "Copy examples/minimal.json, or name another by `-c sallyport:configuration=FILE`";

function unusable(lines: string[], file: string | undefined): Error {
  const of = file === undefined ? "" : ` ${file}`;
  return new Error(
    `the deployment's configuration cannot be used:${of}\n${lines.map((line) => `  ${line}`).join("\n")}`,
  );
}

/** The JSON Schema of a configuration file, draft 2020-12: what an editor completes and marks by. */
export function configurationJsonSchema(): object {
  return z.toJSONSchema(configurationFields, { io: "input" });
}
