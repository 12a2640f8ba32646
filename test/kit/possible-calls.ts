import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A call that a function's code holds: which command, and the module that sends it, which has to be an adapter. */
export interface PossibleCall {
  function: string;
  adapter: string;
  command: string;
}

/** The functions there are: folders of lambdas/ with a handler. */
export const functionNames = readdirSync(join(root, "lambdas"), { withFileTypes: true })
  .filter((entry) => existsSync(join(root, "lambdas", entry.name, "handler.ts")))
  .map(({ name }) => name);

/**
 * Every call to AWS that stands in what each function is put together with, read from the code: what its handler
 * imports, at whatever remove, and the SDK's commands that are imported there, under whatever name. Throws for a module
 * that takes something else of the SDK's by which calls are made: what is not named one by one is not known here.
 */
export function possibleCalls(): PossibleCall[] {
  return functionNames.flatMap((name) =>
    [...reachedFrom(join(root, "lambdas", name, "handler.ts"))].flatMap((file) => {
      const adapter = relative(root, file);
      const commands = commandsIn(adapter, readFileSync(file, "utf8"));
      return commands.map((command) => ({ function: name, adapter, command }));
    }),
  );
}

/** The commands that a module imports from the SDK. */
export function commandsIn(file: string, text: string): string[] {
  const taken = [
    ...text.matchAll(/^(import|export)\s+(?!type\b)([^;"]*?)\s+from\s+"@aws-sdk\/[^"]+"/gm),
  ];
  const names = taken.flatMap(([whole, keyword, clause = ""]) => {
    if (keyword !== "import" || !/^\{[^}]*\}$/.test(clause)) {
      throw new Error(`${file}: ${whole}: take what is needed of the SDK by name`);
    }
    const members = clause
      .slice(1, -1)
      .split(",")
      .map((member) => member.trim());
    return members.flatMap((member) =>
      member === "" || member.startsWith("type ") ? [] : [member.split(" as ")[0] ?? ""],
    );
  });
  if (/\b(?:import|require)\(\s*["'`]@aws-sdk\//.test(text)) {
    throw new Error(`${file}: loads the SDK while it runs: take what is needed by name`);
  }
  const other = names.find((name) => !/(?:Command|Client|Exception)$/.test(name));
  if (other !== undefined) throw new Error(`${file}: ${other}: a call is made by its own command`);
  return names.filter((name) => name.endsWith("Command"));
}

/** The modules that a module needs to run. A type is gone by then. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  const text = readFileSync(file, "utf8");
  const imports = [
    ...text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"(\.[^"]+)"/gm),
    ...text.matchAll(/\bimport\("(\.[^"]+)"\)/g),
  ];
  for (const [, path = ""] of imports) {
    if (path.endsWith(".ts")) reachedFrom(join(dirname(file), path), reached);
  }
  return reached;
}
