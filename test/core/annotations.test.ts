import { describe, expect, it } from "vitest";
import { parseDuration, readAnnotations } from "../../core/annotations.ts";

const exec = { effect: "permit", action: "exec" } as const;
const sound = { id: "a-rule", approvals: "sre:1", max_duration: "1h" };

function defects(
  rule: Parameters<typeof readAnnotations>[0],
  given: Parameters<typeof readAnnotations>[1],
): string[] {
  const read = readAnnotations(rule, given);
  return read.kind === "defects" ? read.defects : [];
}

describe("parseDuration", () => {
  it.each([
    ["90s", 90],
    ["30m", 1800],
    ["1h", 3600],
    ["1d", 86_400],
  ])("reads %j as %i seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(["", "1", "h", "0h", "-1h", "1.5h", "1 h", "1H", "1h30m", "1 fortnight", "01h", "1w"])(
    "makes nothing of %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("readAnnotations", () => {
  it("reads a permit on exec, with what it leaves out", () => {
    expect(readAnnotations(exec, sound)).toEqual({
      kind: "annotations",
      annotations: {
        id: "a-rule",
        needs: [{ group: "sre", count: 1 }],
        maxDurationSeconds: 3600,
        maxSessions: 1,
        requestTtlSeconds: 14_400,
        pin: "none",
      },
    });
  });

  it("reads everything a permit on exec can say", () => {
    const given = {
      ...sound,
      approvals: "none",
      max_sessions: "1",
      request_ttl: "7d",
      pin: "image",
      deny_after: "1",
    };
    expect(readAnnotations(exec, given)).toMatchObject({
      annotations: { needs: [], requestTtlSeconds: 604_800, pin: "image" },
    });
  });

  it("reads how many must deny, and nothing where one is enough", () => {
    expect(readAnnotations(exec, { ...sound, deny_after: "2" })).toMatchObject({
      annotations: { denyAfter: 2 },
    });
    const one = readAnnotations(exec, { ...sound, deny_after: "1" });
    expect(one.kind === "annotations" && "denyAfter" in one.annotations).toBe(false);
  });

  it("reads a permit on activate, which has no duration", () => {
    const rule = { effect: "permit", action: "activate" } as const;
    const given = { id: "x", approvals: "sre:1", request_ttl: "1d" };
    expect(readAnnotations(rule, given)).toMatchObject({
      kind: "annotations",
      annotations: { maxDurationSeconds: 0, requestTtlSeconds: 86_400 },
    });
    expect(defects(rule, { ...given, max_duration: "1h" })).toEqual([
      "@max_duration means nothing on a permit of this action",
    ]);
  });

  it.each([
    { effect: "permit", action: "approve" },
    { effect: "permit", action: "revoke" },
    { effect: "permit", action: "read" },
    { effect: "permit", action: "audit" },
    { effect: "permit", action: undefined },
    { effect: "forbid", action: "exec" },
    { effect: "forbid", action: undefined },
  ] as const)("wants of %j an id and nothing else", (rule) => {
    expect(readAnnotations(rule, { id: "x" }).kind).toBe("annotations");
    expect(defects(rule, {})).toEqual(["@id is missing"]);
    expect(defects(rule, { id: "x", approvals: "sre:1" })).toEqual([
      `@approvals means nothing on a ${rule.effect} of this action`,
    ]);
  });

  it.each(["id", "approvals", "max_duration"])("misses @%s on a permit on exec", (key) => {
    const given: { [key: string]: string } = { ...sound };
    delete given[key];
    expect(defects(exec, given)).toEqual([`@${key} is missing`]);
  });

  it.each(["id", "approvals", "max_duration", "pin", "max_sessions"])(
    "wants @%s to have a value",
    (key) => {
      expect(defects(exec, { ...sound, [key]: null })).toEqual([`@${key} has no value`]);
    },
  );

  it.each([
    ["aprovals", "@aprovals is not an annotation we know; is it @approvals?"],
    ["maxduration", "@maxduration is not an annotation we know; is it @max_duration?"],
    ["Id", "@Id is not an annotation we know; is it @id?"],
    ["colour", "@colour is not an annotation we know"],
    ["approval_signature", "@approval_signature is not built yet"],
  ])("does not let @%s pass unread", (key, detail) => {
    expect(defects(exec, { ...sound, [key]: "x" })).toEqual([detail]);
  });

  it.each([
    [{ id: "" }, /@id is 1 to 64/],
    [{ id: "Prod" }, /@id is 1 to 64/],
    [{ id: "-x" }, /@id is 1 to 64/],
    [{ id: "a b" }, /@id is 1 to 64/],
    [{ id: "a".repeat(65) }, /@id is 1 to 64/],
    [{ approvals: "" }, /@approvals is empty/],
    [{ approvals: "sre:0" }, /asks for 0/],
    [{ approvals: "lead:1 then" }, /not `group:count`/],
    [{ max_duration: "1 fortnight" }, /@max_duration is .* 24h/],
    [{ max_duration: "25h" }, /@max_duration is .* 24h/],
    [{ max_duration: "2d" }, /@max_duration is .* 24h/],
    [{ max_duration: "59s" }, /@max_duration is .* from 1m/],
    [{ request_ttl: "8d" }, /@request_ttl is .* 7d/],
    [{ request_ttl: "" }, /@request_ttl is/],
    [{ max_sessions: "2" }, /@max_sessions other than "1" is not built yet/],
    [{ max_sessions: "0" }, /@max_sessions is a count/],
    [{ max_sessions: "one" }, /@max_sessions is a count/],
    [{ deny_after: "0" }, /@deny_after is a count of persons/],
    [{ deny_after: "21" }, /@deny_after is a count of persons/],
    [{ deny_after: "two" }, /@deny_after is a count of persons/],
    [{ deny_after: "2", approvals: "none" }, /@deny_after means nothing where @approvals is none/],
    [{ pin: "task" }, /@pin is/],
    [{ pin: "none" }, /@pin is/],
  ])("refuses %j", (change, detail) => {
    expect(defects(exec, { ...sound, ...change })).toEqual([expect.stringMatching(detail)]);
  });

  it("reports every defect at once, and the id where it can be read", () => {
    const read = readAnnotations(exec, { id: "x", aprovals: "sre:1", pin: "y" });
    expect(read).toMatchObject({ kind: "defects", id: "x" });
    expect(read.kind === "defects" && read.defects).toHaveLength(4);
    expect(readAnnotations(exec, { ...sound, id: "X" })).toMatchObject({ id: undefined });
  });
});
