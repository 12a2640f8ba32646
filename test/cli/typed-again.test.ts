import { describe, expect, it } from "vitest";
import { typedAgain } from "../../cli/typed-again.ts";

describe("a command line to come back with", () => {
  it("chooses the same gateway and the same identity", () => {
    expect(typedAgain({ as: "dev", state: "/tmp/s", json: true }, "attach", "abc")).toBe(
      "sallyport --as dev --state /tmp/s attach abc",
    );
    expect(typedAgain({ profile: "prod", region: "eu-west-1" }, "cancel", "abc")).toBe(
      "sallyport --profile prod --region eu-west-1 cancel abc",
    );
  });

  it("is taken by a shell as it stands", () => {
    expect(typedAgain({ state: "it's here; rm -rf" }, "attach", "a")).toBe(
      "sallyport --state 'it'\\''s here; rm -rf' attach a",
    );
  });
});
