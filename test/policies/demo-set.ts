import type { Directory } from "../../core/directory.ts";
import { parseDirectory } from "../../core/directory-text.ts";
import type { Configuration, Question, Resource } from "../../core/policy-engine.ts";
import { rulesHere } from "../../local/rules-here.ts";

/** The rules of the repository as the local gateway activates them. */
export const demoTexts = rulesHere();

export function directoryOf(text: string): Directory {
  const parsed = parseDirectory(text);
  if (parsed.kind === "directory") return parsed.directory;
  throw new Error(JSON.stringify(parsed.defects));
}

export const demoDirectory = directoryOf(demoTexts.directory);

export function configurationOf(
  change: { policies?: string; directory?: Directory } = {},
): Configuration {
  const policies = change.policies ?? demoTexts.policies;
  return {
    seq: 1,
    hash: `hash of ${policies.length}`,
    policies,
    schema: demoTexts.schema,
    directory: change.directory ?? demoDirectory,
  };
}

export function principal(id: string, directory: Directory = demoDirectory): Question["principal"] {
  const known = [...directory.persons, ...directory.programs].find((one) => one.id === id);
  if (known === undefined) throw new Error(`${id} is not in the directory`);
  return { kind: known.kind, id, groups: known.groups };
}

export function target(
  kind: "service" | "family",
  clusterName: string,
  name: string,
  tags: { [key: string]: string } = { team: "payments" },
): Resource & { kind: "service" | "family" } {
  const [account, region] = ["111122223333", "us-east-1"];
  const arn = `arn:aws:ecs:${region}:${account}`;
  const clusterArn = `${arn}:cluster/${clusterName}`;
  const id =
    kind === "service" ? `${arn}:service/${clusterName}/${name}` : `${clusterArn}/family/${name}`;
  return { kind, id, name, clusterArn, clusterName, account, region, tags };
}
