import { sha256Hex } from "../core/digest.ts";
import { parseDirectory } from "../core/directory-text.ts";
import type { Configuration, PolicyEngine } from "../core/policy-engine.ts";
import { counted } from "./counted.ts";
import { Failure } from "./failure.ts";
import { readRuleFolder } from "./rule-folder.ts";
import type { Bare } from "./start.ts";

/**
 * The rules of a folder, ready to be asked here as the gateway would ask them. Throws Failure where they
 * could not be put in force: what such rules say means nothing.
 */
export async function rulesToTry(
  { io, extras }: Pick<Bare, "io" | "extras">,
  folder: string,
): Promise<{ engine: PolicyEngine; configuration: Configuration }> {
  const texts = await readRuleFolder(io.cwd, folder);
  const engine = await extras.policyEngine();
  const defects = engine.check(texts);
  const parsed = parseDirectory(texts.directory);
  if (defects.length > 0 || parsed.kind === "defects") {
    throw new Failure(`these rules cannot be put in force: ${counted(defects.length, "defect")}`, {
      hint: `\`sallyport policy check ${folder}\` lists them`,
    });
  }
  const { policies, schema } = texts;
  const hash = sha256Hex(JSON.stringify(texts));
  return { engine, configuration: { seq: 1, hash, policies, schema, directory: parsed.directory } };
}
