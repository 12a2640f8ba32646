import { describe, expect, it } from "vitest";
import { routes } from "../../api/routes.ts";
import { evaluate, parsePolicy } from "../../emulator/iam/policy.ts";
import { breakGlassPolicy, callerPolicy } from "../../lib/caller-policy.ts";

const api = "arn:aws:execute-api:us-east-1:111122223333:abcde12345";
const permissionSet =
  "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Engineer_0123456789abcdef";

/** What the emulator's evaluator, which shares nothing with the policies, says of a call to the API. */
function mayCall(
  policy: ReturnType<typeof callerPolicy>,
  route: { method: string; path: string },
  context: { [key: string]: string } = {},
): boolean {
  const path = route.path.replaceAll(/\{[^}]+\}/g, "01arz3ndektsv4rrffq69g5fav");
  const request = {
    action: "execute-api:Invoke",
    resource: `${api}/$default/${route.method}${path}`,
    context,
  };
  return evaluate([parsePolicy(policy, "identity")], request) === "allow";
}

describe("callerPolicy", () => {
  const policy = callerPolicy(api);

  it("lets people call every route but the one that breaks the glass", () => {
    const refused = routes.filter((route) => !mayCall(policy, route));
    expect(refused.map(({ name }) => name)).toEqual(["breakGlass"]);
  });

  it("lets them call no other API, no other method, and nothing else of AWS", () => {
    const other = policy.Statement.flatMap(({ Resource = [] }) => [Resource].flat());
    expect(other.every((resource) => resource.startsWith(`${api}/`))).toBe(true);
    expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual(["execute-api:Invoke"]);
    expect(mayCall(policy, { method: "PUT", path: "/v1/requests" })).toBe(false);
    expect(mayCall(policy, { method: "POST", path: "/v2/requests" })).toBe(false);
  });
});

describe("breakGlassPolicy", () => {
  const policy = breakGlassPolicy(api);
  const glass = { method: "POST", path: "/v1/break-glass" };

  it("asks for a second factor of whoever comes without Identity Center", () => {
    const user = { "aws:principalarn": "arn:aws:iam::111122223333:user/dev" };
    expect(mayCall(policy, glass, user)).toBe(false);
    expect(mayCall(policy, glass, { ...user, "aws:multifactorauthpresent": "false" })).toBe(false);
    expect(mayCall(policy, glass, { ...user, "aws:multifactorauthpresent": "true" })).toBe(true);
  });

  it("lets in a permission set, whose sessions never say whether there was a second factor", () => {
    expect(mayCall(policy, glass, { "aws:principalarn": permissionSet })).toBe(true);
    const named = "arn:aws:iam::111122223333:role/sso.amazonaws.com/Engineer";
    expect(mayCall(policy, glass, { "aws:principalarn": named })).toBe(false);
  });

  it("is for nothing but breaking the glass", () => {
    const context = { "aws:principalarn": permissionSet, "aws:multifactorauthpresent": "true" };
    const allowed = routes.filter((route) => mayCall(policy, route, context));
    expect(allowed.map(({ name }) => name)).toEqual(["breakGlass"]);
  });
});
