import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "./failure.ts";

export interface RuleTexts {
  policies: string;
  schema: string;
  directory: string;
}

/** A file of rules as it stands in the folder. */
export interface RuleFile {
  name: string;
  text: string;
}

/** Every `*.cedar` file of a folder, in the order of their names. Throws Failure. */
export async function readRuleFiles(cwd: string, folder: string): Promise<RuleFile[]> {
  const path = resolve(cwd, folder);
  const names = (await namesIn(path)).filter((name) => name.endsWith(".cedar"));
  if (names.length === 0) throw new Failure(`${path} has no .cedar file`);
  return await Promise.all(
    names.map(async (name) => ({ name, text: await readText(join(path, name)) })),
  );
}

/**
 * The texts of a set in a folder: every `*.cedar` file, in the order of their names and joined by a
 * newline, the one `*.cedarschema` file, and `directory.json`. Throws Failure where one is missing or is
 * not UTF-8.
 */
export async function readRuleFolder(cwd: string, folder: string): Promise<RuleTexts> {
  const path = resolve(cwd, folder);
  const files = await readRuleFiles(cwd, folder);
  const [schema, other] = (await namesIn(path)).filter((name) => name.endsWith(".cedarschema"));
  if (schema === undefined || other !== undefined) {
    throw new Failure(
      `${path} needs one .cedarschema file, and has ${schema ? "several" : "none"}`,
    );
  }
  return {
    policies: files.map(({ text }) => text).join("\n"),
    schema: await readText(join(path, schema)),
    directory: await readText(join(path, "directory.json")),
  };
}

/** The files of `cases/allow` and `cases/deny`; none where there is no such folder. Throws Failure. */
export async function readCaseFiles(
  cwd: string,
  folder: string,
  kind: "allow" | "deny",
): Promise<RuleFile[]> {
  const path = join(resolve(cwd, folder), "cases", kind);
  const names = await readdir(path).catch(() => []);
  return await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map(async (name) => ({ name, text: await readText(join(path, name)) })),
  );
}

async function namesIn(path: string): Promise<string[]> {
  return (await reading(path, () => readdir(path))).toSorted();
}

async function readText(path: string): Promise<string> {
  const bytes = await reading(path, () => readFile(path));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`${path} is not UTF-8`, { cause: error });
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    if (why === "ENOENT") throw new Failure(`there is no ${path}`, { cause: error });
    if (why === "ENOTDIR") throw new Failure(`${path} is no folder`, { cause: error });
    throw new Failure(`${path} cannot be read: ${why}`, { cause: error });
  }
}
