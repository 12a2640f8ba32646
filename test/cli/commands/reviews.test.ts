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

const ID = "0a1b2c3d-0000-4000-9000-00000000beef";
const use = (change: object = {}, review: object = {}) => ({
  id: ID,
  account: "111122223333",
  users: [],
  assumedBy: "arn:aws:iam::111122223333:user/kept-for-this",
  principal: "111122223333:AIDAEXAMPLEKEPT000001",
  from: "198.51.100.7",
  sessionName: "\u001b[2Jalice",
  sourceIdentity: null,
  since: "2026-01-01T00:00:00.000Z",
  until: "2026-01-01T01:00:00.000Z",
  calls: [
    {
      cloudTrailId: "0a1b2c3d-0000-4000-9000-000000000002",
      name: "ExecuteCommand",
      at: "2026-01-01T00:01:00.000Z",
      region: "us-east-1",
      from: "198.51.100.8",
      about: "demo 0123 app",
      sessionId: "ecs-execute-command-1",
      error: null,
    },
  ],
  review: { state: "overdue", dueAt, from: "2026-01-01T01:30:00.000Z", ...review },
  ...change,
});
const asOf = dueAt;
const lists =
  (requests: object[], uses: object[]) =>
  ({ path }: { path: string }) => ({
    body: { items: path.startsWith("/v1/last-resort") ? uses : requests, asOf },
  });

describe("reviews", () => {
  it.each([
    [[], "owed"],
    [["--overdue"], "overdue"],
  ])("with %j asks for those that are %s", async (flags, which) => {
    const { run, sent } = commandLine(lists([owed], [use()]));
    const { stdout } = await run("reviews", ...flags);
    expect(sent.map(({ path }) => path)).toEqual([
      `/v1/requests?review=${which}`,
      `/v1/last-resort?review=${which}`,
    ]);
    const [, broken, last] = stdout.split("\n");
    expect(broken).toContain(`broken glass  REVIEW OVERDUE since ${dueAt}`);
    expect(last).toContain(`${ID}  `);
    expect(last).toContain(`last resort   REVIEW OVERDUE since ${dueAt}`);
    expect(last).toContain("111122223333: 1 ExecuteCommand");
    expect(UNSEEN.test(stdout)).toBe(false);
  });

  it("are one JSON value where that is asked for", async () => {
    const { run } = commandLine(lists([owed], [use()]));
    const { stdout } = await run("reviews", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ id: owed.id }],
      lastResort: [{ id: ID }],
      more: false,
    });
  });

  it("say so where the version that recorded a use did not say by when", async () => {
    const { run } = commandLine(lists([], [use({}, { state: "owed", dueAt: undefined })]));
    const { stdout } = await run("reviews");
    expect(stdout).toContain("review owed (by when, the version that recorded it did not say)");
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

  it("without an id names the list of what is owed, and sends nothing", async () => {
    const { run, sent } = commandLine(() => ({ body: done }));
    const { exitCode, stderr } = await run("review");
    expect([exitCode, sent]).toEqual([2, []]);
    expect(stderr).toMatch(/`sallyport .*reviews` lists those that a review is owed of/);
  });

  it("without a verdict shows what is on record of a use of the last resort", async () => {
    const { run, sent } = commandLine(() => ({ body: use() }));
    const { exitCode, stdout, stderr } = await run("review", ID);
    expect([exitCode, sent.map(({ method, path }) => `${method} ${path}`)]).toEqual([
      0,
      [`GET /v1/last-resort/${ID}`],
    ]);
    expect(stdout).toContain("nobody whom the directory knows: nobody is kept from reviewing it");
    expect(stdout).toContain("arn:aws:iam::111122223333:user/kept-for-this");
    expect(stdout).toContain("principal   111122223333:AIDAEXAMPLEKEPT000001");
    expect(stdout).toContain("198.51.100.7");
    expect(stdout).toContain(
      "call 2026-01-01T00:01:00.000Z ExecuteCommand on demo 0123 app in us-east-1 from 198.51.100.8 as ecs-execute-command-1",
    );
    expect(stdout).toContain("(60 minutes)");
    expect(UNSEEN.test(stdout)).toBe(false);
    expect(stderr).toContain(`review ${ID} --justified|--not-justified --comment TEXT`);
  });

  it("without a verdict shows a request for which the glass was broken", async () => {
    const { run, sent } = commandLine(() => ({ body: owed }));
    const { stdout } = await run("review", owed.id);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v1/requests/${owed.id}`,
    ]);
    expect(stdout).toContain(`break-glass REVIEW OVERDUE since ${dueAt}`);
  });

  it("of a use of the last resort is sent there, by the end of its id", async () => {
    const after = use({}, { state: "done", verdict: "justified", by: "lead", at: dueAt });
    const { run, sent } = commandLine((call) =>
      call.method === "POST" ? { body: after } : lists([owed], [use()])(call),
    );
    const { exitCode, stdout } = await run("review", "BEEF", "--justified", "--comment", "down");
    expect([exitCode, stdout]).toEqual([
      0,
      `last resort ${ID}: reviewed by lead at ${dueAt}: justified\n`,
    ]);
    expect(sent.at(-1)).toEqual({
      method: "POST",
      path: `/v1/last-resort/${ID}/review`,
      body: { verdict: "justified", comment: "down" },
    });
  });

  it("asks for more of an id whose end is that of a request and of a use", async () => {
    const tail = owed.id.slice(-1);
    const both = lists([owed], [use({ id: `${ID.slice(0, -1)}${tail}` })]);
    const { run, sent } = commandLine(both);
    const { exitCode, stderr } = await run("review", tail, "--justified", "--comment", "x");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`2 end in ${tail}`)]);
    expect(sent.filter(({ method }) => method === "POST")).toEqual([]);
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
