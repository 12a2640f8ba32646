import { describe, expect, it } from "vitest";
import {
  type IamIdentity,
  namedBy,
  principalOf,
  principalText,
  type TokenPrincipal,
  tokenKey,
} from "../../core/principal.ts";

const account = "111122223333";
const user: IamIdentity = {
  accountId: account,
  userArn: `arn:aws:iam::${account}:user/dev`,
  userId: "AIDADEV0000000000001",
  cognitoIdentity: null,
};

function session(
  name: string,
  change: Partial<{ role: string; id: string; account: string }> = {},
): IamIdentity {
  const { role = "Engineer", id = "AROAENGINEER00000001", account: of = account } = change;
  return {
    accountId: of,
    userArn: `arn:aws:sts::${of}:assumed-role/${role}/${name}`,
    userId: `${id}:${name}`,
    cognitoIdentity: null,
  };
}

const keyOf = (iam: IamIdentity): string | undefined => {
  const read = principalOf(iam);
  return read.kind === "principal" ? read.principal.key : undefined;
};

describe("principalOf", () => {
  it("knows a user by account and unique id", () => {
    expect(principalOf(user)).toEqual({
      kind: "principal",
      principal: {
        account,
        uniqueId: "AIDADEV0000000000001",
        arn: `arn:aws:iam::${account}:user/dev`,
        key: `${account}:AIDADEV0000000000001`,
      },
    });
  });

  it("T26 reads what API Gateway sends besides, and goes by none of it", () => {
    const given = { ...user, accessKey: "AKIAX", callerId: "AIDAOTHER", principalOrgId: "o-x" };
    expect(principalOf(given)).toEqual(principalOf(user));
    expect(principalOf({ ...user, cognitoIdentity: undefined })).toEqual(principalOf(user));
  });

  it("knows a user under a path, and users of other partitions", () => {
    for (const arn of [
      `arn:aws:iam::${account}:user/a/b/dev`,
      `arn:aws-us-gov:iam::${account}:user/dev`,
    ]) {
      expect(principalOf({ ...user, userArn: arn })).toMatchObject({ principal: { arn } });
    }
  });

  it("knows a session of a role by the role, and keeps the session's name beside it", () => {
    expect(principalOf(session("dana@example.com"))).toEqual({
      kind: "principal",
      principal: {
        account,
        uniqueId: "AROAENGINEER00000001",
        session: "dana@example.com",
        arn: `arn:aws:sts::${account}:assumed-role/Engineer/dana@example.com`,
        key: `${account}:AROAENGINEER00000001`,
      },
    });
  });

  describe("T27 a session's name changes nobody's identity", () => {
    it.each(["lead@example.com", "AIDALEAD000000000003", "a".repeat(64), "sre", "a=b,c+d@e-f_g.h"])(
      "%s",
      (name) => {
        expect(keyOf(session(name))).toBe(`${account}:AROAENGINEER00000001`);
      },
    );

    it.each(["a/b", "a:b", "a".repeat(65), "é", "x", "", "a b", "a\nb", "../root", "a%2fb"])(
      "and no session has the name %j",
      (name) => {
        expect(principalOf(session(name))).toMatchObject({ kind: "refused", why: "unreadable" });
      },
    );
  });

  describe("T28 tells apart what looks alike", () => {
    it("a role of the same name in another account", () => {
      const other = session("dev", { account: "444455556666" });
      expect(keyOf(other)).not.toBe(keyOf(session("dev")));
    });

    it("a role deleted and made again under its name", () => {
      const again = session("dev", { id: "AROAENGINEER00000002" });
      expect(keyOf(again)).not.toBe(keyOf(session("dev")));
    });

    it("a user's id in another account", () => {
      const other = { ...user, accountId: "444455556666" };
      expect(principalOf(other)).toMatchObject({ kind: "refused", why: "unreadable" });
    });
  });

  it("refuses the root user", () => {
    const root = { ...user, userArn: `arn:aws:iam::${account}:root`, userId: account };
    expect(principalOf(root)).toMatchObject({ kind: "refused", why: "root" });
    const disguised = { ...user, userId: account };
    expect(principalOf(disguised)).toMatchObject({ kind: "refused", why: "root" });
  });

  it("refuses federated users", () => {
    const federated = {
      ...user,
      userArn: `arn:aws:sts::${account}:federated-user/dev`,
      userId: `${account}:dev`,
    };
    expect(principalOf(federated)).toMatchObject({ kind: "refused", why: "federated_user" });
  });

  it.each([{}, { identityId: "x" }, "x", false, ""])("refuses Cognito identity %j", (cognito) => {
    expect(principalOf({ ...user, cognitoIdentity: cognito })).toMatchObject({
      kind: "refused",
      why: "cognito",
    });
  });

  it.each<[string, IamIdentity]>([
    ["nothing", {}],
    ["no account", { ...user, accountId: undefined }],
    ["an account that is a number", { ...user, accountId: 111122223333 }],
    ["an account with white space", { ...user, accountId: `${account}\n` }],
    ["no ARN", { ...user, userArn: null }],
    ["no id", { ...user, userId: undefined }],
    ["an id that is a list", { ...user, userId: ["AIDADEV0000000000001"] }],
    ["a user with a role's id", { ...user, userId: "AROAENGINEER00000001" }],
    ["a user with a session's id", { ...user, userId: "AROAENGINEER00000001:dev" }],
    ["a user with a session", { ...user, userId: "AIDADEV0000000000001:dev" }],
    ["an id in lower case", { ...user, userId: "aidadev0000000000001" }],
    ["a role that was not assumed", { ...user, userArn: `arn:aws:iam::${account}:role/dev` }],
    ["a service's ARN", { ...user, userArn: "arn:aws:iam::aws:user/dev" }],
    ["an ARN with a line break", { ...user, userArn: `arn:aws:iam::${account}:user/dev\n` }],
    ["an empty name", { ...user, userArn: `arn:aws:iam::${account}:user/` }],
    ["an empty path", { ...user, userArn: `arn:aws:iam::${account}:user//dev` }],
    ["sts for a user", { ...user, userArn: `arn:aws:sts::${account}:user/dev` }],
    [
      "iam for a session",
      { ...session("dev"), userArn: `arn:aws:iam::${account}:assumed-role/Engineer/dev` },
    ],
    [
      "another session in the ARN than in the id",
      { ...session("dev"), userId: "AROAENGINEER00000001:lead" },
    ],
    ["a role with a path", session("dev", { role: "a/Engineer" })],
    ["a session without a role's id", { ...session("dev"), userId: "AIDADEV0000000000001" }],
  ])("refuses %s", (_, iam) => {
    expect(principalOf(iam)).toMatchObject({ kind: "refused", why: "unreadable" });
  });
});

describe("principalText and namedBy", () => {
  const token = (issuer: string, subject: string): TokenPrincipal => ({
    issuer,
    subject,
    about: "person",
    groups: undefined,
    issuedAt: 0,
    key: tokenKey(issuer, subject),
  });

  it("T28 give a token a name that no user, role or other subject has", () => {
    const texts = [
      principalText(token("https://a.example", "1:2")),
      principalText(token("https://a.example", "b#c")),
      principalText(token("https://a.example/b", "c")),
      principalText(token("https://a.example", "111122223333:AIDADEV0000000000001")),
      principalText({
        account: "111122223333",
        uniqueId: "AIDA1",
        arn: "",
        key: "111122223333:AIDA1",
      }),
    ];
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.slice(0, 4).every((text) => text.startsWith("oidc:https://"))).toBe(true);
    expect(texts[4]).toBe("111122223333:AIDA1");
  });

  it("read back what they wrote", () => {
    for (const [issuer, subject] of [
      ["https://a.example/b", "repo:a/b:ref:refs/heads/main"],
      ["https://a.example", "a#b#c"],
    ] as const) {
      expect(namedBy(principalText(token(issuer, subject)))).toEqual({ issuer, subject });
    }
    expect(namedBy("111122223333:AROA1:dana")).toEqual({
      account: "111122223333",
      uniqueId: "AROA1",
      session: "dana",
    });
    expect(namedBy("111122223333:AIDA1")).toEqual({ account: "111122223333", uniqueId: "AIDA1" });
  });
});
