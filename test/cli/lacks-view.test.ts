import { describe, expect, it } from "vitest";
import { lackText } from "../../cli/lacks-view.ts";

const lack = (persons: string[], alsoBy?: ("identity-center" | "token")[]) =>
  lackText({ group: "sre", count: 1, persons, ...(alsoBy === undefined ? {} : { alsoBy }) }, true)
    .shown;

describe("who could give what is lacking", () => {
  it("is whom the directory has in the group, six of them by name", () => {
    expect(lack(["ann", "bob"])).toBe("1 of sre (ann, bob)");
    expect(lack(["a", "b", "c", "d", "e", "f", "g", "h"])).toBe(
      "1 of sre (a, b, c, d, e, f and 2 more)",
    );
    expect(lack([])).toBe("1 of sre (nobody there may)");
  });

  it("is also whoever is in it by another word, who is known to nobody before they come", () => {
    expect(lack(["ann"], ["token"])).toBe("1 of sre (ann and whoever has sre in their token)");
    expect(lack([], ["identity-center"])).toBe(
      "1 of sre (whoever IAM Identity Center says is in sre)",
    );
  });
});
