/**
 * Completes package-lock.json with the optional platform packages that the registry at hand does not
 * list, so that `npm ci` passes with npm 10, 11 and 12.
 *
 *   node tools/lock-platforms.ts [--check] [FILE]
 *
 * npm leaves a foreign platform's package out of the lock when its registry answers 404 for it, and then
 * `npm ci` calls that same lock incomplete. An entry made here has no integrity: the hash of a package
 * that cannot be fetched is not knowable. npm skips it on other platforms, and on its own platform
 * resolves it by name and version; `npm install` there adds the hash. `--check` writes nothing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** The fields of a lock entry that are read or written here; all others are carried through. */
export interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  cpu?: string[];
  dev?: boolean;
  devOptional?: boolean;
  libc?: string[];
  license?: string;
  optional?: boolean;
  os?: string[];
  peer?: boolean;
  inBundle?: boolean;
  optionalDependencies?: { [name: string]: string };
}

/** package-lock.json, lockfileVersion 3: `packages` by place, `""` being the project itself. */
export interface Lock {
  packages: { [place: string]: LockEntry };
}

export interface Completion {
  lock: Lock;
  /** Places that were missing and now have an entry, in the order of the lock. */
  added: string[];
  /** Platform packages for which the lock does not say a version, as `name@range`. */
  unresolved: string[];
  /** Places whose `resolved` is an address: a lock must install from whatever registry is at hand. */
  addresses: string[];
}

const systems = new Set([
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]);
const processors = new Set([
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
]);

/**
 * What a package name says about where it runs, or undefined if it names no platform. By the convention
 * that esbuild, napi-rs and Biome share: `…-<os>-<cpu>[-<libc or abi>]`.
 */
export function platformOf(name: string): Pick<LockEntry, "cpu" | "libc" | "os"> | undefined {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const os = words.find((word) => systems.has(word));
  const cpu = words.find((word) => processors.has(word));
  if (os === undefined && cpu !== "wasm32") return undefined;
  const abi = os === "linux" ? words.at(-1) : undefined;
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(abi?.startsWith("musl") ? { libc: ["musl"] } : {}),
    ...(abi?.startsWith("gnu") ? { libc: ["glibc"] } : {}),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

/**
 * The version to write for a range: the exact version it names, or the lowest one it admits if it is
 * `^x.y.z`, `~x.y.z` or `>=x.y.z`, which was published because the range was made from it. Any other
 * range (`1.x`, `*`, `a || b`, a tag, an alias, an address) names no version: undefined.
 */
export function versionFor(range: string): string | undefined {
  return /^(?:[\^~=]|>=)?\s*v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+[0-9A-Za-z.-]+)?$/.exec(
    range.trim(),
  )?.[1];
}

/** Where Node resolves `name` from the package at `from`: the nearest enclosing node_modules has it. */
function resolve(packages: Lock["packages"], from: string, name: string): string | undefined {
  for (let folder = from; ; ) {
    const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === "") return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")));
  }
}

/** Returns the completed lock. Completing a complete lock changes nothing; the lock given is not changed. */
export function completeLock(lock: Lock): Completion {
  const packages = { ...lock.packages };
  const added: string[] = [];
  const unresolved = new Set<string>();
  for (const [from, parent] of Object.entries(lock.packages)) {
    // What is bundled came inside another package: npm installs nothing for it.
    if (parent.inBundle) continue;
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === undefined) continue;
      const found = resolve(packages, from, name);
      const version = versionFor(range);
      const exact = /^\d/.test(range) && version !== undefined;
      if (found !== undefined && !(exact && packages[found]?.version !== version)) continue;
      if (version === undefined) {
        unresolved.add(`${name}@${range}`);
        continue;
      }
      // Another version already holds the top place: ours goes below the package that asks for it.
      const place =
        found === undefined
          ? `node_modules/${name}`
          : `${from === "" ? "" : `${from}/`}node_modules/${name}`;
      packages[place] = {
        version,
        ...(platform.cpu ? { cpu: platform.cpu } : {}),
        ...(parent.dev ? { dev: true } : {}),
        ...(parent.devOptional ? { devOptional: true } : {}),
        ...(platform.libc ? { libc: platform.libc } : {}),
        ...(parent.license === undefined ? {} : { license: parent.license }),
        optional: true,
        ...(platform.os ? { os: platform.os } : {}),
        ...(parent.peer ? { peer: true } : {}),
      };
      added.push(place);
    }
  }
  const inOrder = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  return {
    lock: added.length === 0 ? lock : { ...lock, packages: Object.fromEntries(inOrder) },
    added: added.sort((a, b) => a.localeCompare(b, "en")),
    unresolved: [...unresolved],
    addresses: inOrder
      .filter(([, entry]) => /^https?:/.test(entry.resolved ?? ""))
      .map(([place]) => place),
  };
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { check: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const file = positionals[0] ?? "package-lock.json";
  const { lock, added, unresolved, addresses } = completeLock(
    JSON.parse(readFileSync(file, "utf8")) as Lock,
  );
  for (const place of addresses) {
    console.error(`${file}: error: ${place} names the registry it came from`);
  }
  for (const wanted of unresolved) {
    console.error(`${file}: error: ${wanted} is missing, and its range names no version`);
  }
  if (values.check) {
    for (const place of added) console.error(`${file}: error: ${place} is missing`);
    if (added.length > 0) console.error("hint: run `node tools/lock-platforms.ts`");
    return added.length + unresolved.length + addresses.length > 0 ? 1 : 0;
  }
  // npm's own form, so that its next write does not touch what it did not change.
  if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${file}: ${added.length} platform packages added`);
  return unresolved.length + addresses.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
