import { describe, expect, it } from "vitest";
import type { Call } from "../../lambdas/call.ts";
import { repeatable } from "../../lambdas/repeat.ts";

const call = (session: string, key = "OPS-1"): Call =>
  ({
    principal: { account: "1", uniqueId: "AROA1", session, arn: "", key: "1:AROA1" },
    idempotencyKey: key,
  }) as Call;

describe("repeatable", () => {
  it("knows one caller's call by its key and route", () => {
    expect(repeatable(call("ann"), "POST /x")).toEqual(repeatable(call("ann"), "POST /x"));
    expect(repeatable(call("ann"), "POST /x")).not.toEqual(repeatable(call("ann"), "POST /y"));
    expect(repeatable(call("ann"), "POST /x")).not.toEqual(repeatable(call("ann", "2"), "POST /x"));
  });

  it("takes two people behind one role for two, whatever keys they choose", () => {
    expect(repeatable(call("ann"), "POST /x")).not.toEqual(repeatable(call("bob"), "POST /x"));
  });
});
