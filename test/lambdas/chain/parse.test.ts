import { describe, expect, it } from "vitest";
import { createLockSchema } from "../../../api/decision-schemas.ts";
import { getRequestQuery } from "../../../api/query-schemas.ts";
import { createRequestSchema } from "../../../api/request-schemas.ts";
import { SallyportError } from "../../../core/errors.ts";
import { parseBody, parseQuery } from "../../../lambdas/chain/parse.ts";

const ask = { target: { task: "t1" }, command: "ls", reason: "look" };

function issuesOf(read: () => unknown): { [pointer: string]: string } {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return Object.fromEntries(
      (error.details.issues ?? []).map(({ pointer, detail }) => [pointer, detail]),
    );
  }
  return {};
}

describe("what a body may be", () => {
  it("is said in words, at each place that is wrong", () => {
    const wrong = { ...ask, target: { task: "" }, command: 7, durationMinutes: 1_441, reason: " " };
    expect(issuesOf(() => parseBody(createRequestSchema, wrong))).toEqual({
      "/target/task": "Too small: expected string to have >=1 characters",
      "/command": "Invalid input: expected string, received number",
      "/durationMinutes": "Too big: expected number to be <=1440",
      "/reason": "must hold a letter, a digit or a sign",
    });
  });

  it("is named where it is something else than all there may be", () => {
    const wrong = { subject: { kind: "planet", id: "x" }, reason: "why" };
    expect(issuesOf(() => parseBody(createLockSchema, wrong))["/subject/kind"]).toMatch(
      /^Invalid option: expected one of .*"person"/,
    );
  });

  it("names a member that nobody knows, and where it stands", () => {
    const wrong = { ...ask, target: { task: "t1", tsak: "t2" } };
    expect(issuesOf(() => parseBody(createRequestSchema, wrong))).toEqual({
      "/target": 'Unrecognized key: "tsak"',
    });
  });
});

describe("what a query may be", () => {
  it("takes numbers as texts, and says which it takes", () => {
    expect(parseQuery(getRequestQuery, { waitSeconds: "20", after: "0" })).toEqual({
      waitSeconds: 20,
      after: 0,
    });
    expect(
      issuesOf(() => parseQuery(getRequestQuery, { waitSeconds: "21", after: "1.5" })),
    ).toEqual({
      "?waitSeconds": "Too big: expected number to be <=20",
      "?after": "Invalid input: expected int, received number",
    });
    expect(issuesOf(() => parseQuery(getRequestQuery, { after: "x" }))).toEqual({
      "?after": "Invalid input: expected number, received NaN",
    });
  });
});
