import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS, textDefects } from "../../adapters/cedar-text-limits.ts";
import { demoTexts } from "../policies/demo-set.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** What `check` makes of texts in a thread with an engine of its own. */
async function inThread(
  texts: { policies: string[] } | { schemas: string[] },
): Promise<{ refused: boolean[]; works: boolean; lost: number }> {
  const worker = new Worker(new URL("cedar-engine-worker.ts", import.meta.url), {
    workerData: texts,
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  } finally {
    await worker.terminate();
  }
}

const rule = (condition: string): string =>
  `@id("a") @approvals("sre:1") @max_duration("1h")
   permit (principal, action == Sallyport::Action::"exec", resource) when { ${condition} };`;
const accepted = (policies: string): boolean =>
  textDefects({ policies, schema: demoTexts.schema }).length === 0;

/** Ways of piling one expression on another, each with the brackets and operators it costs. */
const PILES: { [name: string]: (inner: string) => string } = {
  and: (e) => `${e} && context.shell`,
  "and before": (e) => `context.shell && ${e}`,
  or: (e) => `${e} || context.shell`,
  if: (e) => `if ${e} then true else false`,
  "in then": (e) => `if context.shell then ${e} else false`,
  "in else": (e) => `if context.shell then false else ${e}`,
  not: (e) => `!${e}`,
  minus: (e) => `-${e}`,
  plus: (e) => `${e} + 1`,
  times: (e) => `2 * ${e}`,
  attribute: (e) => `${e}.a`,
  method: (e) => `${e}.isEmpty()`,
  argument: (e) => `[].contains(${e})`,
  parentheses: (e) => `(${e})`,
  set: (e) => `[${e}]`,
  record: (e) => `{a: ${e}}`,
  index: (e) => `${e}["a"]`,
};

/** As deep as the limits let this pile grow, starting from one expression. */
function highest(pile: (inner: string) => string, from: string): string {
  let text = from;
  for (;;) {
    const next = pile(text);
    if (!accepted(rule(next))) return text;
    text = next;
  }
}

describe("what the engine is shown, it survives", () => {
  it(`rules piled as high as they are let (seed ${seed})`, async () => {
    const names = Object.keys(PILES);
    const pairs = fc.sample(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), {
      seed,
      numRuns: 25,
    });
    const piles = [...names.map((name) => [name, name] as const), ...pairs];
    const policies = piles.map(([a, b]) => {
      const [first, second] = [PILES[a], PILES[b]];
      if (first === undefined || second === undefined) throw new Error("no pile");
      return rule(highest((e) => first(second(e)), "context.shell"));
    });
    policies.push(...names.map((name) => rule(highest(PILES[name] ?? String, "1"))));
    const result = await inThread({ policies });
    expect(result).toMatchObject({ works: true, lost: 0 });
    expect(result.refused).toHaveLength(policies.length);
  });

  it(`text that is no rule (seed ${seed})`, async () => {
    const piece = fc.constantFrom(
      ..."()[]{}<>;,.:!&|=+-*@?\"\\/'".split(""),
      "permit",
      "forbid(principal,action,resource)",
      "when",
      "unless",
      "if true then ",
      "&&",
      "context.shell",
      'Sallyport::Action::"exec"',
      '@id("a")',
      "// x\n",
      "\n",
      "é",
      "((((((((((((",
    );
    const policies = fc
      .sample(fc.array(piece, { maxLength: 60 }), { seed, numRuns: 300 })
      .map((pieces) => pieces.join(""));
    const result = await inThread({ policies });
    expect(result).toMatchObject({ works: true, lost: 0 });
    expect(result.refused).not.toContain(false);
  });

  it("schemas as long and as deep as they are let", async () => {
    const fill = (line: (i: number) => string): string => {
      let text = "entity Y; type T0 = String;";
      for (let i = 1; text.length + line(i).length < LIMITS.schema.characters; i++) text += line(i);
      return text;
    };
    const schemas = [
      fill((i) => `type T${i}=T${i - 1};`),
      fill((i) => `type T${i}={a:T${i - 1}};`),
      fill((i) => `entity E${i} in [${i === 1 ? "Y" : `E${i - 1}`}];`),
      fill((i) => `action a${i}${i === 1 ? "" : ` in [a${i - 1}]`};`),
      `entity X { a: ${"{a: ".repeat(14)}String${"}".repeat(14)} };`,
    ];
    const result = await inThread({ schemas });
    expect(result).toMatchObject({ works: true, lost: 0 });
    expect(result.refused).toEqual(schemas.map(() => true));
  });
});

describe("the engine, once it has trapped", () => {
  it("T30 denies everything once the engine has trapped, and says so once", async () => {
    // A trap is for good, so it is made in a thread with an engine of its own.
    const worker = new Worker(new URL("cedar-engine-worker.ts", import.meta.url), {
      workerData: "trap",
    });
    const seen = await new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    await worker.terminate();
    const denied = {
      kind: "deny",
      why: "error",
      errors: [expect.stringMatching(/^the policy engine is lost: /)],
    };
    expect(seen).toMatchObject({
      before: true,
      trapped: true,
      verdicts: [denied, denied],
      may: false,
      defects: [{ where: "policies", detail: expect.stringContaining("is lost") }],
      lost: 1,
    });
  });
});
