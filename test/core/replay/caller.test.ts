import { describe, expect, it } from "vitest";
import type { Directory } from "../../../core/directory.ts";
import { emptyTail, nextEvent, readEvent } from "../../../core/event.ts";
import { callerAsRecorded } from "../../../core/replay/caller.ts";
import { counted, NOW, permit, rules } from "../../kit/build-request.ts";
import { demoDirectory } from "../../policies/demo-set.ts";

const issuer = "https://login.example.com";

/** The demo's directory, in which lead comes by a token, and that says their groups. */
const byToken: Directory = {
  ...demoDirectory,
  persons: demoDirectory.persons.map((person) =>
    person.id === "lead"
      ? {
          ...person,
          groups: [],
          groupsFrom: "token" as const,
          principals: [{ issuer, subject: "sub-lead" }],
        }
      : person,
  ),
};

function replayed(
  directory: Directory,
  groups: string[],
  { subject = "sub-lead", groupsFrom }: { subject?: string; groupsFrom?: "token" } = {},
): string[] {
  const judged = { at: NOW, groups, ...(groupsFrom === undefined ? {} : { groupsFrom }) };
  const event = nextEvent(
    emptyTail("REQ#0123456789abcdefghjkmnpqrs"),
    {
      kind: "decision.denied",
      data: { person: "lead", groups: [], judged },
      values: { digest: "0".repeat(64), body: "0".repeat(64) },
    },
    {
      actor: { kind: "person", person: "lead", principal: `oidc:${issuer}#${subject}` },
      configuration: { seq: 1, hash: "" },
      now: NOW,
      random: counted,
    },
  );
  const configuration = rules([permit("one", "sre:1")], { directory });
  const { caller, differences } = callerAsRecorded(configuration, readEvent(event));
  expect(caller.groups).toEqual(groups);
  return differences.map(({ what }) => what);
}

describe("who decided by a token, by the record alone", () => {
  it("is who the directory of that set says, in the groups that the token named", () => {
    expect(replayed(byToken, ["payments-leads"], { groupsFrom: "token" })).toEqual([]);
  });

  it("is another where the subject is nobody's there", () => {
    expect(
      replayed(byToken, ["payments-leads"], { groupsFrom: "token", subject: "sub-other" }),
    ).toEqual(["caller"]);
  });

  it("was in no group that there is not", () => {
    expect(replayed(byToken, ["payments-leads", "root"], { groupsFrom: "token" })).toEqual([
      "groups",
    ]);
  });

  it("cannot have been by a source that the directory does not name", () => {
    expect(replayed(byToken, [])).toEqual(["source of groups"]);
    const listed = demoDirectory.persons.find(({ id }) => id === "lead")?.groups ?? [];
    expect(replayed(demoDirectory, listed, { groupsFrom: "token" })).toEqual([
      "caller",
      "source of groups",
    ]);
  });
});
