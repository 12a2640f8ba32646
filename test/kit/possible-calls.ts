import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A call that a function's code holds: which command, and the adapter that sends it. */
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
 * Every call to AWS that stands in the adapters each function is put together with, read from the code: what its
 * handler imports, at whatever remove, and the SDK's commands that are made there.
 */
export function possibleCalls(): PossibleCall[] {
  return functionNames.flatMap((name) =>
    [...reachedFrom(join(root, "lambdas", name, "handler.ts"))]
      .map((file) => [relative(root, file), readFileSync(file, "utf8")] as const)
      .filter(([file]) => file.startsWith("adapters/"))
      .flatMap(([adapter, text]) =>
        [...new Set(text.match(/(?<=new )\w+Command(?=\()/g))].map((command) => ({
          function: name,
          adapter,
          command,
        })),
      ),
  );
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
