import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../core/canonical-json.ts";
import { parseDirectory } from "../../core/directory-text.ts";

const demo = readFileSync(new URL("../../policies/directory.json", import.meta.url), "utf8");
const account = "111122223333";

/** The demo's directory with the value at a path replaced; `undefined` removes it. */
function changed(path: (string | number)[], value: Json | undefined): string {
  const json = JSON.parse(demo) as JsonObject;
  let at: JsonObject | Json[] = json;
  for (const step of path.slice(0, -1)) at = (at as JsonObject)[step] as JsonObject;
  const last = path.at(-1) as string;
  if (value === undefined) delete (at as JsonObject)[last];
  else (at as JsonObject)[last] = value;
  return JSON.stringify(json);
}

function defects(text: string): string[] {
  const parsed = parseDirectory(text);
  if (parsed.kind === "directory") return [];
  for (const { where } of parsed.defects) expect(where).toBe("directory");
  return parsed.defects.map(({ detail }) => detail);
}

describe("parseDirectory", () => {
  it("reads the demo's directory", () => {
    const parsed = parseDirectory(demo);
    if (parsed.kind === "defects") throw new Error(JSON.stringify(parsed.defects));
    expect(parsed.directory.persons.map(({ id }) => id)).toEqual([
      "dev",
      "lead",
      "sre",
      "auditor",
      "stranger",
      "operator",
    ]);
    expect(parsed.directory.persons[0]).toEqual({
      kind: "person",
      id: "dev",
      name: "Dana Developer",
      groups: ["payments"],
      principals: [
        { account, uniqueId: "AIDADEV0000000000001" },
        { account, uniqueId: "AIDADEV2000000000002" },
      ],
    });
    expect(parsed.directory.programs).toEqual([
      {
        kind: "program",
        id: "bot",
        name: "Nightly bot",
        groups: ["bots"],
        owners: ["dev"],
        principals: [{ account, uniqueId: "AIDABOT0000000000007" }],
      },
    ]);
  });

  it("reads who else says in which groups somebody is, with none of their own", () => {
    const json = JSON.parse(demo) as { persons: JsonObject[]; programs: JsonObject[] };
    const { persons, programs } = json;
    const subject = {
      issuer: "https://login.example.com/",
      subject: "auth0|5f7c8ec7c33c6c004bbafe82",
    };
    const session = { account, roleId: "AROAIDENTITYCENTER01", session: "lee@example.com" };
    persons[0] = { ...persons[0], groups: "token", principals: [subject] };
    persons[1] = { ...persons[1], groups: "identity-center", principals: [session] };
    const build = { issuer: "https://ci.example.com", subject: "repo:a/b:ref:refs/heads/main" };
    programs[0] = { ...programs[0], groups: "token", principals: [build] };
    const parsed = parseDirectory(JSON.stringify(json));
    if (parsed.kind === "defects") throw new Error(JSON.stringify(parsed.defects));
    expect(parsed.directory.persons.slice(0, 3)).toMatchObject([
      { id: "dev", groups: [], groupsFrom: "token", principals: [subject] },
      { id: "lead", groups: [], groupsFrom: "identity-center", principals: [session] },
      { id: "sre", groups: ["sre"] },
    ]);
    expect(parsed.directory.persons[2]).not.toHaveProperty("groupsFrom");
    expect(parsed.directory.programs[0]).toMatchObject({ groups: [], groupsFrom: "token" });
  });

  it("reads a session of a role for a person, and a whole role for a program", () => {
    const session = [{ account, roleId: "AROAIDENTITYCENTER01", session: "dana@example.com" }];
    expect(defects(changed(["persons", 0, "principals"], session))).toEqual([]);
    const role = [{ account, uniqueId: "AROABOT0000000000007" }];
    expect(defects(changed(["programs", 0, "principals"], role))).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["what is no JSON", "{", "the text ends; expected a name in double quotes"],
    ["a list", "[]", "an object is wanted here"],
    [
      "a name that stands twice",
      demo.replace('"version": 1', '"version": 1, "version": 1'),
      "/version: this name stands here twice",
    ],
    ["a byte order mark", `\uFEFF${demo}`, "a byte order mark is no JSON"],
    ["another version", changed(["version"], 2), "/version: the version is 1"],
    ["no groups", changed(["groups"], undefined), "groups is missing"],
    ["no persons", changed(["persons"], []), "/persons: nobody is in it"],
    ["an unknown member", changed(["admins"], []), '"admins" is no member of this'],
    [
      "an unknown member of a person",
      changed(["persons", 0, "owners"], ["lead"]),
      '/persons/0: "owners" is no member of this',
    ],
    [
      "a missing member of a person",
      changed(["persons", 0, "groups"], undefined),
      "/persons/0: groups is missing",
    ],
    [
      "groups that are no list",
      changed(["persons", 0, "groups"], "sre"),
      '/persons/0/groups: a list, or one of "identity-center" and "token", is wanted here',
    ],
    [
      "a group that is no text",
      changed(["persons", 0, "groups"], [1]),
      "/persons/0/groups/0: a text is wanted here",
    ],
    [
      "an unknown group",
      changed(["persons", 0, "groups"], ["root"]),
      "/persons/0/groups/0: no group of this directory",
    ],
    [
      "a group that every object has",
      changed(["persons", 0, "groups"], ["constructor"]),
      "/persons/0/groups/0: no group of this directory",
    ],
    [
      "a group a person is in twice",
      changed(["persons", 0, "groups"], ["sre", "sre"]),
      "/persons/0/groups/1: it stands here twice",
    ],
    [
      "a group named none",
      changed(["groups", 0], "none"),
      "/groups/0: this name means something else",
    ],
    ["a group with a colon", changed(["groups", 0], "a:1"), "/groups/0: no name of a group"],
    [
      "groups alike but for case",
      changed(["groups", 1], "SRE"),
      "/groups/2: this group stands at /groups/1 already",
    ],
    [
      "an id of one letter",
      changed(["persons", 0, "id"], "d"),
      "/persons/0/id: an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -",
    ],
    [
      "an id with a space",
      changed(["persons", 0, "id"], "dev x"),
      "/persons/0/id: an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -",
    ],
    [
      "an id with an accent",
      changed(["persons", 0, "id"], "José"),
      "/persons/0/id: an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -",
    ],
    [
      "an id too long for a SourceIdentity",
      changed(["persons", 0, "id"], "d".repeat(49)),
      "/persons/0/id: an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -",
    ],
    [
      "an id that is a number",
      changed(["persons", 0, "id"], 12),
      "/persons/0/id: an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -",
    ],
    [
      "the id __proto__",
      changed(["persons", 0, "id"], "__proto__"),
      "/persons/0/id: this id means something else",
    ],
    [
      "the id constructor",
      changed(["persons", 0, "id"], "constructor"),
      "/persons/0/id: this id means something else",
    ],
    [
      "an id of two persons",
      changed(["persons", 1, "id"], "dev"),
      "/persons/1/id: this id stands at /persons/0/id already",
    ],
    [
      "an id of two persons but for case",
      changed(["persons", 1, "id"], "Dev"),
      "/persons/1/id: this id stands at /persons/0/id already",
    ],
    [
      "an id of a person and a program",
      changed(["programs", 0, "id"], "sre"),
      "/programs/0/id: this id stands at /persons/2/id already",
    ],
    [
      "a name with a line break",
      changed(["persons", 0, "name"], "Dana\nApproved"),
      "/persons/0/name: a name is 1 to 128 visible characters",
    ],
    [
      "a name that reorders text",
      changed(["persons", 0, "name"], "Dana\u202Eval"),
      "/persons/0/name: a name is 1 to 128 visible characters",
    ],
    [
      "an empty name",
      changed(["persons", 0, "name"], ""),
      "/persons/0/name: a name is 1 to 128 visible characters",
    ],
    [
      "a principal of two persons",
      changed(["persons", 1, "principals"], [{ account, uniqueId: "AIDADEV0000000000001" }]),
      "/persons/1/principals/0: this principal stands at /persons/0/principals/0 already",
    ],
    [
      "a principal of a person and a program",
      changed(["programs", 0, "principals"], [{ account, uniqueId: "AIDASRE0000000000004" }]),
      "/programs/0/principals/0: this principal stands at /persons/2/principals/0 already",
    ],
    [
      "an account that is no account",
      changed(["persons", 0, "principals", 0, "account"], "1111"),
      "/persons/0/principals/0/account: an account id is 12 digits",
    ],
    [
      "an access key for an id",
      changed(["persons", 0, "principals", 0, "uniqueId"], "AKIAIOSFODNN7EXAMPLE"),
      "/persons/0/principals/0/uniqueId: the id of a user or role: AIDA… or AROA…",
    ],
    [
      "a principal by name",
      changed(["persons", 0, "principals"], [{ account, user: "dev" }]),
      '/persons/0/principals/0: "user" is no member of this',
    ],
    [
      "an issuer in clear",
      changed(["persons", 0, "principals"], [{ issuer: "http://x.example", subject: "y" }]),
      "/persons/0/principals/0/issuer: an issuer is a URL such as https://login.example.com",
    ],
    [
      "an issuer with a fragment, by which two principals could have one name",
      changed(["persons", 0, "principals"], [{ issuer: "https://x.example/#a", subject: "y" }]),
      "/persons/0/principals/0/issuer: an issuer is a URL such as https://login.example.com",
    ],
    [
      "a subject with a space",
      changed(["persons", 0, "principals"], [{ issuer: "https://x.example", subject: "a b" }]),
      "/persons/0/principals/0/subject: a subject is 1 to 255 visible letters",
    ],
    [
      "a subject without its issuer",
      changed(["persons", 0, "principals"], [{ subject: "y" }]),
      "/persons/0/principals/0: a principal is account and uniqueId, or account, roleId and session, or issuer and subject",
    ],
    [
      "one subject of an issuer twice",
      changed(
        ["persons", 0, "principals"],
        [
          { issuer: "https://x.example", subject: "y" },
          { issuer: "https://x.example", subject: "y" },
        ],
      ),
      "/persons/0/principals/1: this principal stands at /persons/0/principals/0 already",
    ],
    [
      "groups by token of somebody without one",
      changed(["persons", 0, "groups"], "token"),
      "/persons/0/groups: a token is to say it, and no issuer and subject are here",
    ],
    [
      "groups by token of somebody who comes by two issuers",
      changed(["persons", 0], {
        id: "sam",
        name: "Sam",
        groups: "token",
        principals: [
          { issuer: "https://strict.example", subject: "sam" },
          { issuer: "https://lax.example", subject: "sam" },
        ],
      }),
      "/persons/0/groups: a token is to say it, and more than one issuer is here: each would say another",
    ],
    [
      "one user of Identity Center as two persons",
      changed(
        ["persons"],
        ["AROAFIRST0000000001", "AROASECOND000000002"].map((roleId, i) => ({
          id: `sam${i}`,
          name: "Sam",
          groups: "identity-center",
          principals: [
            { account: "111122223333", roleId, session: i === 0 ? "sam@x.y" : "Sam@x.y" },
          ],
        })),
      ),
      "/persons/1: this user stands at /persons/0 already",
    ],
    [
      "groups by Identity Center of a user of IAM",
      changed(["persons", 0, "groups"], "identity-center"),
      "/persons/0/groups: Identity Center knows them by a session of a role, and none is here",
    ],
    [
      "groups by Identity Center of a program",
      changed(["programs", 0, "groups"], "identity-center"),
      "/programs/0/groups: Identity Center knows no programs; list them, or name the token",
    ],
    [
      "a pattern for a session",
      changed(
        ["persons", 0, "principals"],
        [{ account, roleId: "AROAIDENTITYCENTER01", session: "dana*" }],
      ),
      "/persons/0/principals/0/session: no session name that STS takes",
    ],
    [
      "a whole role for a person",
      changed(["persons", 0, "principals"], [{ account, uniqueId: "AROAIDENTITYCENTER01" }]),
      "/persons/0/principals/0: a role is no person, for many can assume it; name its session",
    ],
    [
      "no owner of a program",
      changed(["programs", 0, "owners"], []),
      "/programs/0/owners: a program has at least one owner",
    ],
    [
      "an owner who is nobody",
      changed(["programs", 0, "owners"], ["nobody"]),
      "/programs/0/owners/0: no person of this directory",
    ],
    [
      "a program that owns itself",
      changed(["programs", 0, "owners"], ["bot"]),
      "/programs/0/owners/0: no person of this directory",
    ],
  ])("refuses %s", (_, text, detail) => {
    expect(defects(text)).toContain(detail);
  });

  it("refuses a role that is a program and whose sessions are persons", () => {
    const roleId = "AROAIDENTITYCENTER01";
    const json = JSON.parse(
      changed(["programs", 0, "principals"], [{ account, uniqueId: roleId }]),
    ) as {
      persons: { principals: Json[] }[];
    };
    json.persons[0]?.principals.push({ account, roleId, session: "dana" });
    expect(defects(JSON.stringify(json))).toEqual([
      "/persons/0/principals/2: the role itself is somebody else, at /programs/0/principals/0",
    ]);
  });

  it("reports a bounded number of defects, of a text of any size, soon", () => {
    const groups = Array.from({ length: 50_000 }, () => "a:1");
    const start = performance.now();
    expect(defects(changed(["groups"], groups))).toHaveLength(50);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
