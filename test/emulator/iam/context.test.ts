import { describe, expect, it } from "vitest";
import { knownKey, tagEntries } from "../../../emulator/iam/context.ts";

describe("knownKey", () => {
  it.each([
    "aws:principaltag/team",
    "aws:requesttag/team",
    "aws:resourcetag/aws:ssmmessages:target-id",
    "ecs:resourcetag/team",
    "ssm:resourcetag/team",
    "aws:currenttime",
    "aws:principalarn",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "ecs:cluster",
    "ecs:container-name",
  ])("knows %s, of one value", (key) => {
    expect(knownKey(key)).toMatchObject({ multivalued: false });
  });

  it("knows aws:tagkeys, of several", () => {
    expect(knownKey("aws:tagkeys")).toMatchObject({ multivalued: true });
  });

  it.each([
    "",
    "aws:username",
    "aws:principaltag/",
    "aws:principaltag",
    "aws:currenttimes",
    "xaws:currenttime",
    "ecs:cluster/x",
    "ec2:resourcetag/team",
    "AWS:CurrentTime",
  ])("does not know %j", (key) => {
    expect(knownKey(key)).toBeUndefined();
  });
});

describe("tagEntries", () => {
  it("puts the whole key in lower case and leaves the value alone", () => {
    expect(tagEntries("aws:PrincipalTag", { Team: "Payments", "cost center": "" })).toEqual({
      "aws:principaltag/team": "Payments",
      "aws:principaltag/cost center": "",
    });
  });
});
