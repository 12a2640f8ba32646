import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLine } from "../command-line.ts";

const cloudTrail = readFileSync(
  new URL("../../fixtures/cloudtrail/around.json", import.meta.url),
  "utf8",
);
const { Records: records } = JSON.parse(cloudTrail) as { Records: object[] };

/** The command line in a folder with that file, and no gateway to call. */
function withFile(text: string) {
  const line = commandLine(() => {
    throw new Error("nobody is to be called");
  });
  writeFileSync(join(line.folder, "seen"), text);
  return (...argv: string[]) => line.run("guardrail", "report", ...argv);
}

describe("guardrail report", () => {
  it("prints who went round the gateway, where, how often, and what becomes of it", async () => {
    const { exitCode, stdout } = await withFile(cloudTrail)("seen");
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^WHO +ACCOUNT +WHERE +BY +CALLS +REFUSED +LAST +ONCE ENFORCED$/);
    expect(lines[1]).toMatch(
      /AWSReservedSSO_Admin_0123456789abcdef\/dana +444455556666 +prod +ExecuteCommand +3 +1 +2026-11-03T10:00:00Z +refused$/,
    );
    expect(lines.filter((line) => line.endsWith("goes on: the last resort"))).toHaveLength(1);
    expect(lines).toHaveLength(7);
    expect(stdout).not.toContain("/run/secrets");
  });

  it.each([
    [
      "lookup-events prints",
      { Events: records.map((one) => ({ CloudTrailEvent: JSON.stringify(one) })) },
    ],
    ["EventBridge delivers", records.map((detail) => ({ source: "aws.ecs", detail }))],
  ])("reads what %s", async (_, value) => {
    const { stdout } = await withFile(JSON.stringify(value))("seen", "--csv");
    expect(stdout).toBe((await withFile(cloudTrail)("seen", "--csv")).stdout);
  });

  it("reads a record on each line, and what filter-log-events prints of the log", async () => {
    const each = await withFile(records.map((one) => JSON.stringify(one)).join("\n"))(
      "seen",
      "--csv",
    );
    expect(each.stdout).toBe((await withFile(cloudTrail)("seen", "--csv")).stdout);
    const message =
      "event=e1 at=2026-11-02T09:00:00Z operation=ExecuteCommand account=444455556666 region=us-east-1 by=arn:aws:iam::444455556666:user/dana role= error= session= target= cluster=prod";
    const logged = {
      events: [
        { timestamp: 1, message },
        { timestamp: 2, message: "another line" },
      ],
    };
    for (const text of [JSON.stringify(logged), `${message}\n`]) {
      const { stdout } = await withFile(text)("seen", "--csv");
      expect(stdout.trimEnd().split("\n")).toEqual([
        '"who","account","where","operation","calls","refused","first","last","enforced"',
        '"arn:aws:iam::444455556666:user/dana","444455556666","prod","ExecuteCommand","1","0","2026-11-02T09:00:00Z","2026-11-02T09:00:00Z","refused"',
      ]);
    }
  });

  it("answers with --json how much it read", async () => {
    const { stdout } = await withFile(cloudTrail)("seen", "--json");
    const { read, rows } = JSON.parse(stdout) as { read: number; rows: { calls: number }[] };
    expect(read).toBe(records.length);
    expect(rows.map(({ calls }) => calls)).toEqual([3, 1, 1, 1, 1, 1]);
  });

  it("says that nobody did, where all calls were the gateway's own", async () => {
    const own = records.filter((one) => JSON.stringify(one).includes("/sallyport/sallyport-exec"));
    const { stdout, exitCode } = await withFile(JSON.stringify({ Records: own }))("seen");
    expect([stdout, exitCode]).toEqual(["nobody went round the gateway\n", 0]);
  });

  it.each(["events", "Events", "Records"])(
    "takes an empty list of %s for nobody, with the doubt that nothing was looked at",
    async (name) => {
      const report = withFile(JSON.stringify({ [name]: [], searchedLogStreams: [] }));
      const { stdout, stderr, exitCode } = await report("seen");
      expect([stdout, exitCode]).toEqual(["nobody went round the gateway\n", 0]);
      expect(stderr).toContain("seen is an empty answer");
      expect(stderr).toContain("another log group");
      expect(stderr).toContain("no trail logs management events");
      const json = await report("seen", "--json");
      expect(JSON.parse(json.stdout)).toEqual({ read: 0, rows: [] });
      expect(json.stderr).toContain("seen is an empty answer");
      const known = await withFile(cloudTrail)("seen");
      expect(known.stderr).not.toContain("empty answer");
    },
  );

  it("does not take a file for an empty report that holds nothing it knows", async () => {
    for (const text of ["", "{}", "[]", "<html>", '{"Records":[{}]}', '{"events":{}}']) {
      const { exitCode, stdout, stderr } = await withFile(text)("seen");
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("seen holds no record of CloudTrail and no line of the log");
      expect(stderr).toContain("aws logs filter-log-events");
    }
    const { exitCode, stderr } = await withFile("")("elsewhere");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("there is no file elsewhere");
  });
});
