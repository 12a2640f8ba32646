import { describe, expect, it } from "vitest";
import { type Directory, userNameOf, whoIs } from "../../core/directory.ts";

const account = "111122223333";
const roleId = "AROAIDENTITYCENTER01";
const trusted = [{ account, roleId }];
const directory: Directory = {
  version: 1,
  groups: ["payments"],
  persons: [
    {
      kind: "person",
      id: "dev",
      name: "Dana",
      groups: ["payments"],
      principals: [
        { account, uniqueId: "AIDADEV0000000000001" },
        { account, uniqueId: "AIDADEV2000000000002" },
        { account, roleId, session: "dana@example.com" },
      ],
    },
    {
      kind: "person",
      id: "lead",
      name: "Lee",
      groups: [],
      principals: [{ account, roleId, session: "lee@example.com" }],
    },
  ],
  programs: [
    {
      kind: "program",
      id: "bot",
      name: "Bot",
      groups: [],
      owners: ["dev"],
      principals: [{ account, uniqueId: "AROABOT0000000000007" }],
    },
  ],
};

function who(
  principal: { account?: string; uniqueId: string; session?: string },
  roles: { account: string; roleId: string }[] = trusted,
): string {
  const found = whoIs(directory, { account, ...principal }, roles);
  if (found.kind === "person") return found.person.id;
  if (found.kind === "program") return found.program.id;
  return found.kind;
}

describe("whoIs", () => {
  it("finds one person behind each of their principals", () => {
    expect(who({ uniqueId: "AIDADEV0000000000001" })).toBe("dev");
    expect(who({ uniqueId: "AIDADEV2000000000002" })).toBe("dev");
    expect(who({ uniqueId: roleId, session: "dana@example.com" })).toBe("dev");
    expect(who({ uniqueId: roleId, session: "lee@example.com" })).toBe("lead");
  });

  it("finds a program behind a role, whatever the session calls itself", () => {
    expect(who({ uniqueId: "AROABOT0000000000007", session: "i-0abc" })).toBe("bot");
    expect(who({ uniqueId: "AROABOT0000000000007", session: "dana@example.com" })).toBe("bot");
  });

  it("believes a session's name only under the very role that is trusted", () => {
    const session = "dana@example.com";
    expect(who({ uniqueId: roleId, session }, [])).toBe("nobody");
    expect(who({ uniqueId: roleId, session }, [{ account: "444455556666", roleId }])).toBe(
      "nobody",
    );
    expect(who({ uniqueId: "AROAOTHER00000000001", session })).toBe("nobody");
    expect(who({ account: "444455556666", uniqueId: roleId, session })).toBe("nobody");
    const both = [...trusted, { account: "444455556666", roleId }];
    expect(who({ account: "444455556666", uniqueId: roleId, session }, both)).toBe("nobody");
  });

  it("compares session names exactly", () => {
    for (const session of ["Dana@example.com", "dana@example.com ", "dana", ""]) {
      expect(who({ uniqueId: roleId, session })).toBe("nobody");
    }
    expect(who({ uniqueId: roleId })).toBe("nobody");
  });

  it("knows nobody by the same id in another account, or by another id", () => {
    expect(who({ account: "444455556666", uniqueId: "AIDADEV0000000000001" })).toBe("nobody");
    expect(who({ uniqueId: "AIDADEV0000000000003" })).toBe("nobody");
    expect(who({ uniqueId: "constructor" })).toBe("nobody");
  });

  it("names all whose a principal is, when it is not one", () => {
    const [dev, lead] = directory.persons;
    if (dev === undefined || lead === undefined) throw new Error("no persons");
    const shared = {
      ...directory,
      persons: [dev, { ...lead, principals: [{ account, uniqueId: "AIDADEV0000000000001" }] }],
    };
    expect(whoIs(shared, { account, uniqueId: "AIDADEV0000000000001" }, [])).toEqual({
      kind: "ambiguous",
      ids: ["dev", "lead"],
    });
    const role = {
      ...directory,
      programs: directory.programs.map((p) => ({
        ...p,
        principals: [{ account, uniqueId: roleId }],
      })),
    };
    const session = { account, uniqueId: roleId, session: "dana@example.com" };
    expect(whoIs(role, session, trusted)).toEqual({ kind: "ambiguous", ids: ["dev", "bot"] });
  });
});

describe("whoIs, of a token", () => {
  const issuer = "https://login.example.com";
  const [dev, lead] = directory.persons;
  if (dev === undefined || lead === undefined) throw new Error("nobody is in it");
  const withSubjects: Directory = {
    ...directory,
    persons: [
      { ...dev, principals: [...dev.principals, { issuer, subject: "248289761001" }] },
      // Another issuer may give the same subject to somebody else.
      { ...lead, principals: [{ issuer: "https://other.example.com", subject: "248289761001" }] },
    ],
  };
  const whose = (principal: { issuer: string; subject: string }) => {
    const found = whoIs(withSubjects, principal, trusted);
    return found.kind === "person" ? found.person.id : found.kind;
  };

  it("T28 knows a subject with its issuer, and neither without the other", () => {
    expect(whose({ issuer, subject: "248289761001" })).toBe("dev");
    expect(whose({ issuer: "https://other.example.com", subject: "248289761001" })).toBe("lead");
    for (const principal of [
      { issuer: `${issuer}/`, subject: "248289761001" },
      { issuer: "https://LOGIN.example.com", subject: "248289761001" },
      { issuer, subject: "248289761002" },
      { issuer, subject: "dana@example.com" },
      { issuer, subject: "AIDADEV0000000000001" },
      { issuer: account, subject: "AIDADEV0000000000001" },
      { issuer: "", subject: "" },
    ]) {
      expect(whose(principal), JSON.stringify(principal)).toBe("nobody");
    }
  });

  it("T28 takes no user of IAM for the subject of an issuer", () => {
    const made = { account: issuer, uniqueId: "248289761001" };
    expect(whoIs(withSubjects, made, trusted).kind).toBe("nobody");
  });
});

describe("userNameOf", () => {
  const elsewhere = { account: "999988887777", roleId };
  const session = (name: string, role = { account, roleId }) => ({ ...role, session: name });

  it("is the one name of the sessions under trusted roles", () => {
    const same = [session("dana"), session("dana", elsewhere), session("d2", elsewhere)];
    expect(userNameOf({ principals: same }, trusted)).toBe("dana");
    expect(userNameOf({ principals: same.slice(0, 2) }, [...trusted, elsewhere])).toBe("dana");
  });

  it("is none where there are two, or none that is trusted", () => {
    expect(userNameOf({ principals: [session("dana"), session("dan")] }, trusted)).toBeUndefined();
    expect(userNameOf({ principals: [session("dana", elsewhere)] }, trusted)).toBeUndefined();
    expect(userNameOf({ principals: [] }, trusted)).toBeUndefined();
  });
});
