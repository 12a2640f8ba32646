import { describe, expect, it } from "vitest";
import { errorCodes } from "../../core/errors.ts";
import { checkCodes } from "../../tools/check-codes.ts";

const codes = ["first_code", "second_code"];
const page = "# Errors\n\n## Asking\n\n### `first_code`\n\nOne.\n\n### `second_code`\n\nTwo.\n";

describe("checkCodes", () => {
  it("accepts a page with a heading and a text for each code", () => {
    expect(checkCodes(page, codes)).toEqual([]);
  });

  it("names a code without a heading", () => {
    expect(checkCodes(page, [...codes, "third_code"])).toEqual(["`third_code` has no heading"]);
  });

  it("names a heading without a code", () => {
    expect(checkCodes(page, ["first_code"])).toEqual(["`second_code` is not an error code"]);
  });

  it("names a code with two headings", () => {
    expect(checkCodes(`${page}\n### \`first_code\`\n\nAgain.\n`, codes)).toEqual([
      "`first_code` has two headings",
    ]);
  });

  it("does not take a heading alone for documentation", () => {
    expect(checkCodes("### `first_code`\n\n### `second_code`\n\n## End\n\nText.\n", codes)).toEqual(
      ["`first_code` has a heading and no text", "`second_code` has a heading and no text"],
    );
  });

  it("does not take a heading of another level, without backticks or in an example for one", () => {
    const text =
      "## `first_code`\n\nOne.\n\n```md\n### `first_code`\n```\n\n### second_code\n\nTwo.\n";
    expect(checkCodes(text, codes)).toEqual([
      "`first_code` has no heading",
      "`second_code` has no heading",
    ]);
  });

  it("finds every code of the product missing on an empty page", () => {
    expect(errorCodes.length).toBeGreaterThan(30);
    expect(checkCodes("", errorCodes)).toHaveLength(errorCodes.length);
  });
});
