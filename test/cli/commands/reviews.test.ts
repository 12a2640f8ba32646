import { describe, expect, it } from "vitest";
import { commandLine, UNSEEN } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const dueAt = "2026-01-02T00:00:00.000Z";
const owed = request({
  breakGlass: true,
  review: { state: "overdue", dueAt },
  reason: "\u001b[2J",
});
const done = request({
  breakGlass: true,
  review: { state: "done", dueAt, verdict: "not_justified", by: "lead", at: dueAt, comment: "no" },
});

describe("reviews", () => {
  it.each([
    [[], "owed"],
    [["--overdue"], "overdue"],
  ])("with %j asks for those that are %s", async (flags, which) => {
    const { run, sent } = commandLine(() => ({ body: { items: [owed], asOf: dueAt } }));
    const { stdout } = await run("reviews", ...flags);
    expect(sent.map(({ path }) => path)).toEqual([`/v1/requests?review=${which}`]);
    expect(stdout).toContain(`REVIEW OVERDUE since ${dueAt}`);
    expect(UNSEEN.test(stdout)).toBe(false);
  });

  it("are one JSON value where that is asked for", async () => {
    const { run } = commandLine(() => ({ body: { items: [owed], asOf: dueAt } }));
    const { stdout } = await run("reviews", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: owed.id }], more: false });
  });
});

describe("review", () => {
  it.each([
    ["--justified", "justified"],
    ["--not-justified", "not_justified"],
  ])("%s is sent as %s, with its comment", async (flag, verdict) => {
    const { run, sent } = commandLine(() => ({ body: done }));
    const { exitCode, stdout } = await run("review", done.id, flag, "--comment", "no");
    expect([exitCode, stdout]).toEqual([
      0,
      `request ${done.id}: reviewed by lead at ${dueAt}: not justified: "no"\n`,
    ]);
    expect(sent).toEqual([
      {
        method: "POST",
        path: `/v1/requests/${done.id}/review`,
        body: { verdict, comment: "no" },
      },
    ]);
  });

  it.each([
    [["--comment", "x"], "say one of --justified and --not-justified"],
    [["--justified", "--not-justified", "--comment", "x"], "say one of"],
    [["--justified"], "no comment is given"],
    [["--justified", "--comment", " "], "--comment is empty"],
  ])("refuses %j, and sends nothing", async (flags, why) => {
    const { run, sent } = commandLine(() => ({ body: done }));
    const { exitCode, stderr } = await run("review", done.id, ...flags);
    expect([exitCode, stderr, sent]).toEqual([2, expect.stringContaining(why), []]);
  });
});
