import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Problem, problems } from "../../api/problems.ts";
import { type ErrorCode, errorCodes, SallyportError } from "../../core/errors.ts";
import { noRuleLets } from "../../core/no-right.ts";
import { problemOf } from "../../lambdas/chain/problem-details.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const usual = (code: ErrorCode): string | undefined => (problems[code] as Problem).hint;

/** The arguments of each error that a source makes, as they are written. */
function made(source: string): string[] {
  return source
    .split("new SallyportError(")
    .slice(1)
    .map((rest) => {
      let depth = 1;
      const end = rest.split("").findIndex((c) => {
        depth += c === "(" ? 1 : c === ")" ? -1 : 0;
        return depth === 0;
      });
      return rest.slice(0, end);
    });
}

describe("every error", () => {
  it("says what to do: by itself, or as its code always does", () => {
    const files = globSync(["core/**/*.ts", "lambdas/**/*.ts", "adapters/*.ts"], { cwd: root });
    const silent = files
      // What is thrown there is compared with the record, and told to nobody.
      .filter((file) => !file.startsWith("core/replay/"))
      .flatMap((file) => made(readFileSync(join(root, file), "utf8")).map((text) => [file, text]))
      .filter(([, text = ""]) => {
        const [code] = errorCodes.filter((one) => text.trimStart().startsWith(`"${one}"`));
        const isTold = /\bhint\b|details|instead\(/.test(text);
        return code !== undefined && usual(code) === undefined && !isTold;
      });
    expect(silent).toEqual([]);
    expect(files.length).toBeGreaterThan(200);
  });

  it("keeps what it says itself, and has what its code says where it says nothing", () => {
    const own = new SallyportError("internal", "no", { hint: "look there" });
    expect(problemOf(own, "c").hint).toBe("look there");
    expect(problemOf(new Error("a secret"), "c").hint).toBe(usual("internal"));
  });
});

describe("what no rule lets somebody do", () => {
  it("names the action as rules call it, and who changes that", () => {
    const { message, details } = noRuleLets("audit", "audit");
    expect(message).toBe("no rule lets you audit");
    expect(details.hint).toContain('permits "audit"');
    expect(details.hint).toContain("`sallyport policy activate`");
  });
});
