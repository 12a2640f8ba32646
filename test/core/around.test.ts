import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AroundCall, aroundReport, callOfLine, callOfRecord } from "../../core/around.ts";

const { Records: records } = JSON.parse(
  readFileSync(new URL("../fixtures/cloudtrail/around.json", import.meta.url), "utf8"),
) as { Records: { eventID: string }[] };
const calls = records.flatMap((record) => callOfRecord(record) ?? []);

const dana = "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/dana";
const deployer = "arn:aws:iam::444455556666:user/ci/deployer";

describe("callOfRecord", () => {
  it("takes commands, sessions in containers and resumptions, by whoever is not the gateway's own role or ECS", () => {
    expect(calls.map(({ eventId }) => Number(eventId.slice(-3)))).toEqual([
      1, 1, 2, 3, 4, 6, 7, 11, 13,
    ]);
  });

  it("is not taken in by a role of the same name on another path", () => {
    const [impostor] = calls.filter(({ role }) => role.endsWith(":role/sallyport-exec"));
    expect(impostor?.operation).toBe("ExecuteCommand");
    expect(calls.some(({ role }) => role.endsWith("/sallyport/sallyport-exec"))).toBe(false);
  });

  it("names the cluster, or the session that is resumed", () => {
    const where = (n: number) =>
      calls.find(({ eventId }) => Number(eventId.slice(-3)) === n)?.where;
    expect([1, 3, 4, 7, 11].map(where)).toEqual([
      "prod",
      "prod",
      "default",
      "team_prod",
      "ecs-execute-command-0a1b2c3d4e5f60718",
    ]);
  });

  it("takes nothing of what is no record", () => {
    for (const other of [null, "text", 7, {}, { eventName: "ExecuteCommands" }, []]) {
      expect(callOfRecord(other)).toBeUndefined();
    }
  });
});

describe("callOfLine", () => {
  const line =
    "event=e1 at=2026-11-02T09:00:00Z operation=ExecuteCommand account=444455556666 region=us-east-1 by=arn:aws:iam::444455556666:user/ci/deployer role= error= session= target= cluster=prod";

  it("reads a line of the log", () => {
    expect(callOfLine(`${line}\n`)).toEqual<AroundCall>({
      eventId: "e1",
      at: "2026-11-02T09:00:00Z",
      operation: "ExecuteCommand",
      account: "444455556666",
      region: "us-east-1",
      who: deployer,
      role: "",
      error: "",
      where: "prod",
    });
  });

  it("does not let what a caller chose stand for who they are", () => {
    const forged = `${line} by=arn:aws:iam::444455556666:user/somebody-else error=AccessDenied`;
    expect(callOfLine(forged)).toMatchObject({ who: deployer, error: "" });
  });

  it("takes no other line", () => {
    for (const other of ["", "event=e1", "START RequestId: x", line.replace("account=", "acct=")]) {
      expect(callOfLine(other)).toBeUndefined();
    }
  });
});

describe("aroundReport", () => {
  it("counts by who, where and how, each event once, and says what becomes of it", () => {
    const rows = aroundReport(calls);
    expect(rows[0]).toEqual({
      who: dana,
      account: "444455556666",
      where: "prod",
      operation: "ExecuteCommand",
      calls: 3,
      refused: 1,
      first: "2026-11-02T08:30:00Z",
      last: "2026-11-03T10:00:00Z",
      enforced: "refused",
    });
    expect(rows).toHaveLength(6);
    expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBe(8);
    const goesOn = rows.filter(({ enforced }) => enforced === "last resort");
    expect(goesOn.map(({ who, account }) => [who, account])).toEqual([
      ["arn:aws:sts::777788889999:assumed-role/sallyport-last-resort/olga", "777788889999"],
    ]);
  });

  it("counts events that name no id one by one", () => {
    const [call] = calls as [AroundCall];
    expect(aroundReport([call, call].map((one) => ({ ...one, eventId: "" })))[0]?.calls).toBe(2);
  });
});
