import { describe, expect, it } from "vitest";
import { parseTarget } from "../../cli/target.ts";

describe("a target on the command line", () => {
  it.each([
    ["payments-api", { service: "payments-api" }],
    ["prod/payments-api", { cluster: "prod", service: "payments-api" }],
    ["prod/payments-api:app", { cluster: "prod", service: "payments-api", container: "app" }],
    ["payments-api:app", { service: "payments-api", container: "app" }],
  ])("%s is read as %j", (text, wanted) => {
    expect(parseTarget(text, {})).toEqual(wanted);
  });

  it("is a task where --task names one", () => {
    expect(parseTarget(undefined, { task: "abc" })).toEqual({ task: "abc" });
  });

  it("takes cluster and container from options of their own, once", () => {
    expect(parseTarget(undefined, { task: "abc", cluster: "prod", container: "app" })).toEqual({
      task: "abc",
      cluster: "prod",
      container: "app",
    });
    expect(() => parseTarget("prod/a:app", { container: "envoy" })).toThrow(
      expect.objectContaining({ exitCode: 2 }),
    );
  });

  it.each(["", "/x", "x/", "x:", "a/b/c", "a:b:c"])("%j is refused as usage", (text) => {
    expect(() => parseTarget(text, {})).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it("is named once", () => {
    expect(() => parseTarget("x", { task: "abc" })).toThrow(/both/);
    expect(() => parseTarget(undefined, {})).toThrow(/no target/);
  });
});
