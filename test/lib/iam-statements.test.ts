import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inWords, type Told } from "../kit/iam/in-words.ts";
import { templatePolicies } from "../kit/iam/template-policies.ts";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

/** The example with every switch. Of the others stands there what they have otherwise. */
const FULLEST = "own-everything.json";
const HEAD = `Every statement of IAM that is deployed, in words: who may what, on what, and if what.
Of examples/${FULLEST}, which has every switch; then, of each other example, what it has otherwise.
Written anew by \`npm run iam:write\`. A change here is a change of what somebody may do.`;

function toldOf(example: string): Told[] {
  const { outdir, templates } = synthesizedExample(example);
  try {
    return inWords(templatePolicies(templates));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** A statement, with whose it is, in whichever account. */
const key = (title: string, statement: string): string =>
  `${title.replace(/ of \d{12}$/, "")} ${statement}`;
const written = ({ title, statements }: Told): string => [title, ...statements].join("\n\n");

describe("what the stacks grant", () => {
  it("is what stands in iam-statements.txt, for a person to read", async () => {
    const all = toldOf(FULLEST);
    const told = new Set(
      all.flatMap(({ title, statements }) => statements.map((one) => key(title, one))),
    );
    const otherwise = (example: string): Told[] =>
      toldOf(example)
        .map(({ title, statements }) => ({
          title,
          statements: statements.filter((one) => !told.has(key(title, one))),
        }))
        .filter(({ statements }) => statements.length > 0);
    const text = [
      HEAD,
      `== examples/${FULLEST}`,
      ...all.map(written),
      ...exampleConfigurations
        .filter((example) => example !== FULLEST)
        .flatMap((example) => [`== examples/${example}`, ...otherwise(example).map(written)]),
    ].join("\n\n\n");
    // A reference that was not resolved would hide what is granted.
    expect(text).not.toMatch(/\[object|undefined|Fn::/);
    await expect(`${text}\n`).toMatchFileSnapshot("iam-statements.txt");
  });
});
