import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { functionBundle } from "../../lib/function-bundle.ts";

/*
 * Bundles to load beside each other, each made as synthesis makes a function's: `index.mjs` in a folder of its own.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const CEDAR = "@cedar-policy/cedar-wasm/nodejs";

function options(out: string): BuildOptions {
  const { target, mainFields, minify, keepNames, banner, define } = functionBundle({
    cedar: false,
    deepPreflight: false,
  });
  if (
    target === undefined ||
    mainFields === undefined ||
    banner === undefined ||
    define === undefined
  ) {
    throw new Error("lib/function-bundle.ts says no longer what is measured here");
  }
  return {
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: join(out, "index.mjs"),
    sourcemap: true,
    sourcesContent: false,
    logLevel: "error",
    target,
    mainFields,
    minify: minify === true,
    keepNames: keepNames === true,
    banner: { js: banner },
    define,
  };
}

/** A function as it is deployed; or with the engine of the rules in a file beside it, which `rulesEngine` makes. */
export async function functionFile(
  name: string,
  out: string,
  { rulesApart = false } = {},
): Promise<{ evaluatesRules: boolean; sources: string[] }> {
  const { metafile } = await build({
    ...options(out),
    entryPoints: [`lambdas/${name}/handler.ts`],
    metafile: true,
    plugins: rulesApart ? [apart] : [],
  });
  const sources = Object.keys(metafile?.inputs ?? {});
  const evaluatesRules = sources.some((source) => source.includes(CEDAR));
  if (evaluatesRules) copyWasm(out);
  return { evaluatesRules, sources: sources.filter((source) => !source.includes("node_modules")) };
}

/** The engine is CommonJS, whose members no bundler can list: it is handed over whole. */
const apart: Plugin = {
  name: "rules-apart",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${CEDAR}$`) }, ({ path }) => ({ path, namespace: "apart" }));
    onLoad({ filter: /^/, namespace: "apart" }, () => ({
      contents: "module.exports = globalThis.rulesEngine",
    }));
    // What it does first is the engine's too.
    onLoad({ filter: /cedar-warm-up\.ts$/ }, () => ({
      contents: "export const warmUp = () => {}",
    }));
  },
};

/** The engine alone. */
export async function rulesEngine(out: string): Promise<void> {
  await build({
    ...options(out),
    outfile: join(out, "rules-engine.mjs"),
    stdin: {
      resolveDir: root,
      loader: "ts",
      contents: `
        import * as engine from "${CEDAR}";
        globalThis.rulesEngine = engine;
      `,
    },
  });
  copyWasm(out);
}

function copyWasm(out: string): void {
  const wasm = "cedar_wasm_bg.wasm";
  copyFileSync(join(root, "node_modules", CEDAR, wasm), join(out, wasm));
}

/** A handler that does nothing, with every client and command of the SDK that the function imports. */
export async function emptyHandler(name: string, out: string): Promise<void> {
  const { sources } = await functionFile(name, out);
  rmSync(out, { recursive: true });
  const used = new Map<string, Set<string>>();
  for (const source of sources) {
    const text = readFileSync(join(root, source), "utf8");
    for (const [, names = "", from = ""] of text.matchAll(
      /^import \{([^}]*)\} from "(@aws-sdk\/[^"]+)";$/gm,
    )) {
      const values = names
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "" && !one.startsWith("type "));
      used.set(from, new Set([...(used.get(from) ?? []), ...values]));
    }
  }
  if (used.size === 0) throw new Error(`${name} imports nothing of the SDK`);
  const all = [...used].flatMap(([, values]) => [...values]);
  const imports = [...used].map(
    ([from, values]) => `import { ${[...values].join(", ")} } from "${from}";`,
  );
  const clients = all.filter((one) => one.endsWith("Client")).map((one) => `new ${one}({})`);
  await build({
    ...options(out),
    stdin: {
      resolveDir: root,
      loader: "ts",
      contents: `${imports.join("\n")}
        const used = [${all.join(", ")}];
        const clients = [${clients.join(", ")}];
        export const handler = async () => [used.length, clients.length];`,
    },
  });
}
