import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { completeLock, type Lock, platformOf, versionFor } from "../../tools/lock-platforms.ts";

const lockWith = (packages: Lock["packages"]): Lock => ({ packages: { "": {}, ...packages } });

describe("completeLock", () => {
  it("adds a missing platform package with its platform and its parent's flags", () => {
    const before = lockWith({
      "node_modules/tool": {
        version: "2.0.0",
        dev: true,
        license: "MIT",
        optionalDependencies: { "@tool/cli-linux-x64-musl": "2.0.0" },
      },
    });
    const { lock, added } = completeLock(before);
    expect(added).toEqual(["node_modules/@tool/cli-linux-x64-musl"]);
    expect(lock.packages["node_modules/@tool/cli-linux-x64-musl"]).toEqual({
      version: "2.0.0",
      cpu: ["x64"],
      dev: true,
      libc: ["musl"],
      license: "MIT",
      optional: true,
      os: ["linux"],
    });
    expect(Object.keys(before.packages)).toHaveLength(2);
  });

  it("keeps npm's order of places", () => {
    const { lock } = completeLock(
      lockWith({
        "node_modules/b": { version: "1.0.0", optionalDependencies: { "a-darwin-arm64": "1.0.0" } },
      }),
    );
    expect(Object.keys(lock.packages)).toEqual([
      "",
      "node_modules/a-darwin-arm64",
      "node_modules/b",
    ]);
  });

  it("changes nothing the second time", () => {
    const once = completeLock(
      lockWith({
        "node_modules/b": { version: "1.0.0", optionalDependencies: { "a-darwin-arm64": "1.0.0" } },
      }),
    );
    const twice = completeLock(once.lock);
    expect(once.added).toHaveLength(1);
    expect(twice.added).toEqual([]);
    expect(twice.lock).toBe(once.lock);
  });

  it("nests a second version of a platform package below the package that asks for it", () => {
    const wanted = (version: string) => ({
      version,
      optionalDependencies: { "x-win32-x64": version },
    });
    const { lock, added } = completeLock(
      lockWith({ "node_modules/x": wanted("2.0.0"), "node_modules/y": wanted("1.0.0") }),
    );
    expect(added).toEqual(["node_modules/x-win32-x64", "node_modules/y/node_modules/x-win32-x64"]);
    expect(lock.packages["node_modules/x-win32-x64"]?.version).toBe("2.0.0");
    expect(completeLock(lock).added).toEqual([]);
  });

  it("finds a package that an enclosing node_modules already holds", () => {
    const { added } = completeLock(
      lockWith({
        "node_modules/a/node_modules/b": {
          version: "1.0.0",
          optionalDependencies: { "b-linux-arm64": "1.0.0" },
        },
        "node_modules/b-linux-arm64": { version: "1.0.0" },
      }),
    );
    expect(added).toEqual([]);
  });

  it("takes the version a caret or tilde range was made from", () => {
    const { lock } = completeLock(
      lockWith({
        "": { optionalDependencies: { "x-darwin-x64": "~2.3.3" } },
      }),
    );
    expect(lock.packages["node_modules/x-darwin-x64"]?.version).toBe("2.3.3");
  });

  it("reports, and does not invent, a version that a range does not name", () => {
    const { added, unresolved } = completeLock(
      lockWith({ "node_modules/x": { optionalDependencies: { "x-darwin-x64": "1.x || 2.x" } } }),
    );
    expect(added).toEqual([]);
    expect(unresolved).toEqual(["x-darwin-x64@1.x || 2.x"]);
  });

  it("leaves alone what names no platform and what came bundled", () => {
    const { added, unresolved } = completeLock(
      lockWith({
        "node_modules/x": { optionalDependencies: { "graceful-fs": "4.1.6" } },
        "node_modules/x/node_modules/y": {
          inBundle: true,
          optionalDependencies: { "y-win32-x64": "1.0.0" },
        },
      }),
    );
    expect([...added, ...unresolved]).toEqual([]);
  });

  it("names an entry that says which registry it came from", () => {
    const { addresses } = completeLock(
      lockWith({
        "node_modules/x": { version: "1.0.0", resolved: "https://registry.example/x-1.0.0.tgz" },
      }),
    );
    expect(addresses).toEqual(["node_modules/x"]);
  });

  it("finds this repository's own lock complete, with no registry in it", () => {
    const own = JSON.parse(
      readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"),
    );
    const { added, unresolved, addresses } = completeLock(own as Lock);
    expect({ added, unresolved, addresses }).toEqual({
      added: [],
      unresolved: [],
      addresses: [],
    });
  });
});

describe("platformOf", () => {
  it.each([
    ["@biomejs/cli-win32-arm64", { cpu: ["arm64"], os: ["win32"] }],
    ["@oxlint/binding-linux-arm-gnueabihf", { cpu: ["arm"], libc: ["glibc"], os: ["linux"] }],
    ["@oxlint/binding-linux-arm-musleabihf", { cpu: ["arm"], libc: ["musl"], os: ["linux"] }],
    ["@oxc-parser/binding-android-arm-eabi", { cpu: ["arm"], os: ["android"] }],
    ["@oxc-parser/binding-wasm32-wasi", { cpu: ["wasm32"] }],
    ["@oxlint-tsgolint/darwin-x64", { cpu: ["x64"], os: ["darwin"] }],
    ["linux-lover/fsevents", undefined],
  ])("reads %s", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});

describe("versionFor", () => {
  it.each([
    ["1.2.3", "1.2.3"],
    ["=1.2.3", "1.2.3"],
    ["^1.2.3", "1.2.3"],
    [">=1.2.3", "1.2.3"],
    ["2.0.0-beta.2", "2.0.0-beta.2"],
    ["1.2.3+build.1", "1.2.3"],
    [">1.2.3", undefined],
    ["<1.2.3", undefined],
    ["1.x", undefined],
    ["*", undefined],
    ["latest", undefined],
    ["npm:other@1.2.3", undefined],
    [">=1.2.3 <2", undefined],
  ])("reads %s as %s", (range, version) => {
    expect(versionFor(range)).toBe(version);
  });
});
