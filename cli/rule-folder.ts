import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "./failure.ts";

export interface RuleTexts {
  policies: string;
  schema: string;
  directory: string;
}

/**
 * The texts of a set in a folder: every `*.cedar` file, in the order of their names and joined by a
 * newline, the one `*.cedarschema` file, and `directory.json`. Throws Failure where one is missing or is
 * not UTF-8.
 */
export async function readRuleFolder(cwd: string, folder: string): Promise<RuleTexts> {
  const path = resolve(cwd, folder);
  const names = (await reading(path, () => readdir(path))).toSorted();
  const read = async (name: string): Promise<string> => {
    const bytes = await reading(join(path, name), () => readFile(join(path, name)));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new Failure(`${join(path, name)} is not UTF-8`, { cause: error });
    }
  };
  const rules = names.filter((name) => name.endsWith(".cedar"));
  const [schema, other] = names.filter((name) => name.endsWith(".cedarschema"));
  if (rules.length === 0) throw new Failure(`${path} has no .cedar file`);
  if (schema === undefined || other !== undefined) {
    throw new Failure(
      `${path} needs one .cedarschema file, and has ${schema ? "several" : "none"}`,
    );
  }
  const texts = await Promise.all(rules.map(read));
  return {
    policies: texts.join("\n"),
    schema: await read(schema),
    directory: await read("directory.json"),
  };
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    throw new Failure(`${path} cannot be read: ${why}`, { cause: error });
  }
}
