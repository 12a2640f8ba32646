import { describe, expect, it } from "vitest";
import { pageOf } from "../../emulator/paging.ts";

const same = (text: string): string => text;

/** Every page from the first, as a client that follows the tokens gets them. */
function pagesOf(items: readonly string[], size: number): string[][] {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const page = pageOf(items, same, size, token);
    if (page === undefined || pages.length > items.length) throw new Error("not a page");
    pages.push(page.items);
    token = page.nextToken;
  } while (token !== undefined);
  return pages;
}

describe("pageOf", () => {
  it.each<[string[], number, string[][]]>([
    [[], 2, [[]]],
    [["b", "a"], 2, [["a", "b"]]],
    [["c", "a", "b"], 2, [["a", "b"], ["c"]]],
    [
      ["d", "c", "b", "a"],
      2,
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [["é", "a"], 1, [["a"], ["é"]]],
  ])("gives %j in pages of %i, sorted, each item once", (items, size, pages) => {
    expect(pagesOf(items, size)).toEqual(pages);
  });

  it("moves no item when another comes or goes between two pages", () => {
    const first = pageOf(["a", "b", "c", "d"], same, 2, undefined);
    expect(first?.items).toEqual(["a", "b"]);
    expect(pageOf(["aa", "b", "c", "d"], same, 2, first?.nextToken)?.items).toEqual(["c", "d"]);
    expect(pageOf(["a", "c", "d"], same, 2, first?.nextToken)?.items).toEqual(["c", "d"]);
  });

  it("does not change the list it is given", () => {
    const items = Object.freeze(["b", "a"]);
    expect(pageOf(items, same, 1, undefined)?.items).toEqual(["a"]);
    expect(items).toEqual(["b", "a"]);
  });

  it.each(["", "!", "YQ==", "YQ ", "Y", "YR"])("gives no page for the token %j", (token) => {
    expect(pageOf(["a", "b"], same, 1, token)).toBeUndefined();
  });
});
