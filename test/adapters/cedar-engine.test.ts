import { describe, expect, it } from "vitest";
import { callEngine } from "../../adapters/cedar-engine.ts";

const onLost = (): void => {
  throw new Error("the engine is not lost");
};

describe("callEngine", () => {
  it("answers what the engine answers", () => {
    expect(callEngine((engine) => engine.checkParsePolicySet({}).type, onLost)).toEqual({
      kind: "answer",
      answer: "success",
    });
  });

  it("lets nothing escape that a call throws, and goes on", () => {
    const called = callEngine((engine) => engine.validate(undefined as never), onLost);
    expect(called).toMatchObject({ kind: "failed" });
    expect(callEngine(() => 1, onLost)).toEqual({ kind: "answer", answer: 1 });
  });
});
