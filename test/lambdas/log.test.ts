import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { allowed, causes, type LogFields, lambdaLog } from "../../lambdas/log.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const secret = "a-token-that-belongs-in-no-line";
/** As it comes from code that was not compiled against the type. */
const fields = { code: "internal", attempt: 2, token: secret, body: { secret } } as LogFields;

describe("the functions' log", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function written(act: () => void): { [member: string]: unknown } {
    const lines: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0);
    }
    act();
    vi.restoreAllMocks();
    expect(lines).toHaveLength(1);
    expect(lines.join("")).toMatch(/^[^\r\n]*\n$/);
    expect(lines.join("")).not.toContain(secret);
    return JSON.parse(lines.join("")) as { [member: string]: unknown };
  }

  it("writes the fields that may be written, and drops every other one", () => {
    const line = written(() => lambdaLog("test").info("call", fields));
    expect(line).toMatchObject({ message: "call", code: "internal", attempt: 2 });
    expect(Object.keys(line)).not.toContain("token");
    expect(Object.keys(line)).not.toContain("body");
  });

  it("drops them beside an error as well, of which it writes names and messages alone", () => {
    const error = Object.assign(
      new Error("outer", { cause: Object.assign(new TypeError("inner"), { secret }) }),
      { secret },
    );
    const line = written(() => lambdaLog("test").error("call failed", fields, error));
    expect(line).toMatchObject({ code: "internal", causes: ["Error: outer", "TypeError: inner"] });
    expect(Object.keys(line)).not.toContain("token");
  });

  it(`T49 writes one line, whatever a field or an error holds (seed ${seed})`, () => {
    const breaks = fc.constantFrom("\r\n", "\n", "\r", "\u2028", "\u2029", "\u0085", "{", '"', "a");
    const text = fc.string({ unit: breaks, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, (route, code, message) => {
        const line = written(() =>
          lambdaLog("test").error("x", { route, code }, new Error(message)),
        );
        expect(line).toMatchObject({ route, code, causes: [`Error: ${message}`] });
      }),
      { seed, numRuns: 50 },
    );
  });

  it("cuts what is long, and what has too many causes", () => {
    expect(allowed({ chain: "x".repeat(1_000) }).chain).toHaveLength(300);
    let error = new Error("y".repeat(1_000));
    for (let n = 0; n < 9; n++) error = new Error("y".repeat(1_000), { cause: error });
    expect(causes(error).map((line) => line.length)).toEqual([500, 500, 500, 500, 500]);
  });

  it("says of what is no error only what type it has", () => {
    expect(causes(secret)).toEqual(["string"]);
    expect(causes({ secret })).toEqual(["object"]);
  });
});
