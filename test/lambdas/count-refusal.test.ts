import { describe, expect, it } from "vitest";
import type { Caller } from "../../core/caller.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { principalOf } from "../../core/principal.ts";
import type { CountedRefusal } from "../../core/refusal-counts.ts";
import { countedCaller, isFirst } from "../../lambdas/count-refusal.ts";

const account = "111122223333";

/** A session of a role, under a name that whoever assumed it chose. */
function session(roleId: string, name: string) {
  const read = principalOf({
    accountId: account,
    userArn: `arn:aws:sts::${account}:assumed-role/some/${name}`,
    userId: `${roleId}:${name}`,
    cognitoIdentity: null,
  });
  if (read.kind !== "principal") throw new Error(read.detail);
  return read.principal;
}

const person = (id: string, groups: string[] = ["payments"]): Caller => ({
  kind: "person",
  id,
  name: id,
  groups,
  principal: `${account}:AROAROLE000000000001:x`,
});
const role = session("AROAROLE000000000001", "one");

describe("for whom a call counts", () => {
  it("is whoever the directory knows, under any identity and as any session", () => {
    const other = session("AROAROLE000000000002", "two");
    expect(countedCaller(person("dev"), role)).toEqual({ kind: "person", id: "dev" });
    expect(countedCaller(person("dev"), other)).toEqual({ kind: "person", id: "dev" });
  });

  it("is the role itself where nobody is known, whatever its session is called", () => {
    const named = ["one", "two", "dev"].map((name) => session("AROAROLE000000000001", name));
    for (const principal of named) {
      expect(countedCaller(undefined, principal)).toEqual({
        kind: "unknown",
        id: `${account}:AROAROLE000000000001`,
      });
    }
    expect(countedCaller(undefined, session("AROAROLE000000000002", "one"))).not.toEqual(
      countedCaller(undefined, role),
    );
  });
});

describe("a refusal that is counted", () => {
  const call = { principal: role, parameters: { id: "r1" }, query: {}, bodyHash: "b1" };
  async function told(
    code: ErrorCode,
    caller: Caller | undefined,
    more: Partial<typeof call> = {},
    before = 0,
  ): Promise<CountedRefusal & { first: boolean }> {
    const seen: CountedRefusal[] = [];
    const first = await isFirst(
      {
        clock: { now: () => 0, sleep: async () => {} },
        refusalCounts: {
          count: async (refusal) => {
            seen.push(refusal);
            return before + 1;
          },
          of: async () => [],
        },
      },
      "openSession",
      { ...call, ...more },
      caller,
      { code },
    );
    const [only, ...others] = seen;
    if (only === undefined || others.length > 0) throw new Error("not counted once");
    return { ...only, first };
  }

  it("is an event where it is the first of equal ones, and none after that", async () => {
    expect((await told("not_approved", person("dev"))).first).toBe(true);
    expect((await told("not_approved", person("dev"), {}, 1)).first).toBe(false);
  });

  it("equals those of the same call and no others", async () => {
    const of = async (more: Partial<typeof call>) =>
      (await told("not_approved", person("dev"), more)).equal;
    expect(await of({})).toBe(await of({}));
    const others = [{ parameters: { id: "r2" } }, { query: { day: "x" } }, { bodyHash: "b2" }];
    for (const other of others) expect(await of(other)).not.toBe(await of({}));
  });

  it.each(["secret_in_command", "command_invalid"] as const)(
    "for %s keeps nothing of the body, not even a hash",
    async (code) => {
      const [one, other] = await Promise.all([
        told(code, person("dev"), { bodyHash: "b1" }),
        told(code, person("dev"), { bodyHash: "b2" }),
      ]);
      expect(one.equal).toBe(other.equal);
    },
  );

  it.each<[string, ErrorCode, Caller | undefined]>([
    ["of nobody", "identity_unmapped", undefined],
    ["of somebody in no group", "service_not_found", person("stranger", [])],
    ["beyond the limit", "rate_limited", person("dev")],
  ])("%s is never an event", async (_, code, caller) => {
    expect(await told(code, caller)).toMatchObject({ equal: null, first: false });
  });
});
