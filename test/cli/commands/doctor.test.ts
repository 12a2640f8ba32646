import { describe, expect, it } from "vitest";
import type { PreflightView } from "../../../api/response-schemas.ts";
import { card } from "../cards.ts";
import { commandLine, type Sent } from "../command-line.ts";

const ready: PreflightView = {
  ready: true,
  problems: [],
  checks: [
    { check: "exec_enabled", status: "passed", remedy: "" },
    { check: "pid_mode", status: "warning", remedy: "remove pidMode from the task definition" },
    { check: "ssmmessages_route", status: "not_checked", remedy: "the task has to reach it" },
  ],
  rules: [
    {
      id: "team-shell",
      textHash: "0".repeat(64),
      needs: [{ group: "sre", count: 1 }],
      lacks: [{ group: "sre", count: 1, persons: ["sre"] }],
      automatic: false,
    },
  ],
  card,
  digest: "0".repeat(64),
};
const red: PreflightView = {
  ...ready,
  ready: false,
  problems: [{ check: "exec_agent", remedy: "replace the task" }],
  checks: [{ check: "exec_agent", status: "failed", remedy: "replace the task" }],
};

const service = /[^/]*$/.exec(card.target.taskArn ?? card.target.serviceArn ?? "")?.[0] ?? "";
const where = `${card.target.container} of ${service}`;

describe("doctor", () => {
  it("prints each check with its state and what to do, who could agree, and ends with 0", async () => {
    const { run, sent } = commandLine(() => ({ body: ready }));
    const { exitCode, stdout, stderr } = await run("doctor", "demo/payments-api:app");
    expect(stdout).toBe(
      [
        "CHECK              STATE        WHAT TO DO",
        "exec_enabled       passed       -",
        "pid_mode           warning      remove pidMode from the task definition",
        "ssmmessages_route  not checked  the task has to reach it",
        "rule team-shell lacks 1 of sre (sre)",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe(
      `sallyport: ready: nothing that ECS tells stands in the way of ECS Exec in ${where}\n`,
    );
    expect(exitCode).toBe(0);
    expect(sent).toEqual<Sent[]>([
      {
        method: "POST",
        path: "/v1/preflight",
        body: {
          target: { cluster: "demo", service: "payments-api", container: "app" },
          command: "/bin/sh",
          reason: "sallyport doctor",
        },
      },
    ]);
  });

  it("ends with 120 where a check has failed, and names it", async () => {
    const { run } = commandLine(() => ({ body: red }));
    const { exitCode, stdout, stderr } = await run("doctor", "demo/broken");
    expect(stdout).toContain("exec_agent  failed  replace the task\n");
    expect(stderr).toBe(
      `sallyport: not ready: ECS Exec would fail in ${where}, and asking be refused: exec_agent\n`,
    );
    expect(exitCode).toBe(120);
  });

  it("answers with --json what the gateway answered, with the same exit status", async () => {
    for (const [body, status] of [
      [ready, 0],
      [red, 120],
    ] as const) {
      const { run } = commandLine(() => ({ body }));
      const { exitCode, stdout, stderr } = await run("doctor", "demo/x", "--json");
      expect(JSON.parse(stdout)).toEqual(body);
      expect([exitCode, stderr]).toEqual([status, ""]);
    }
  });

  it("looks at one task, at the command and at what else would be asked", async () => {
    const { run, sent } = commandLine(() => ({ body: ready }));
    const task = "0".repeat(32);
    const line = ["doctor", "--task", task, "--cluster", "demo", "--reason", "r"];
    await run(...line, "--ticket", "OPS-1", "--for", "1h", "--", "/bin/ls", "a b");
    expect(sent[0]?.body).toEqual({
      target: { task, cluster: "demo" },
      command: "/bin/ls 'a b'",
      reason: "r",
      ticket: "OPS-1",
      durationMinutes: 60,
    });
  });

  it("says in the gateway's words what it refuses, and sends nothing without a target", async () => {
    const problem = {
      type: "urn:x",
      title: "No such service",
      status: 404,
      detail: "no such service or family, or no rule lets you ask there",
      code: "service_not_found",
      retryable: false,
    };
    const { run, sent } = commandLine(() => ({
      status: 404,
      contentType: "application/problem+json",
      body: problem,
    }));
    const refused = await run("doctor", "demo/nowhere");
    expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain("or no rule lets you ask there");
    expect((await run("doctor")).exitCode).toBe(2);
    expect(sent).toHaveLength(1);
  });
});

describe("doctor --all", () => {
  const cluster = "arn:aws:ecs:us-east-1:111122223333:cluster/prod";
  const of = (
    service: string,
    ready: number,
    running: number,
    ...problems: { check: string; remedy: string; tasks: number }[]
  ) => ({ clusterArn: cluster, service, tags: {}, tasks: { running, ready }, problems });
  const agent = { check: "exec_agent", remedy: "replace the task", tasks: 1 };
  const asOf = "2026-11-24T08:20:21.123Z";
  const pages = [
    {
      items: [of("api", 2, 2), of("batch", 1, 2, agent)],
      cursor: "0.batch",
      asOf,
    },
    {
      items: [
        of("idle", 0, 0, { check: "running_task", remedy: "wait for one", tasks: 0 }),
        of("=legacy", 0, 3, { ...agent, tasks: 3 }, { ...agent, check: "task_role", tasks: 1 }),
      ],
      asOf,
    },
  ];
  const paged = () => commandLine(({ path }) => ({ body: pages[path.includes("cursor") ? 1 : 0] }));

  it("reads all pages, prints the worst first, says how far it is, and ends with 120", async () => {
    const { run, sent } = paged();
    const { exitCode, stdout, stderr } = await run("doctor", "--all", "--cluster", "prod");
    expect(stdout.split("\n")).toEqual([
      "CLUSTER  SERVICE  READY  CHECK                    WHAT TO DO",
      "prod     =legacy  0/3    exec_agent (and 1 more)  replace the task",
      "prod     batch    1/2    exec_agent               replace the task",
      "prod     idle     0/0    running_task             wait for one",
      "prod     api      2/2    -                        -",
      "",
    ]);
    expect(stderr.split("\n")).toEqual([
      "sallyport: looked at 2 services so far",
      "sallyport: 4 services: 1 ready, 1 in some tasks, 1 in none, 1 with nothing running; 3 of 7 tasks ready",
      "",
    ]);
    expect(exitCode).toBe(120);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /v1/services?cluster=prod",
      "GET /v1/services?cluster=prod&cursor=0.batch",
    ]);
  });

  it("prints CSV in which no cell is a formula, one line for each check that fails", async () => {
    const { run } = paged();
    const { stdout } = await run("doctor", "--all", "--csv");
    expect(stdout.split("\n")).toEqual([
      '"cluster","service","running","ready","check","failing","remedy"',
      `"${cluster}","'=legacy","3","0","exec_agent","3","replace the task"`,
      `"${cluster}","'=legacy","3","0","task_role","1","replace the task"`,
      `"${cluster}","batch","2","1","exec_agent","1","replace the task"`,
      `"${cluster}","idle","0","0","running_task","0","wait for one"`,
      `"${cluster}","api","2","2","","0",""`,
      "",
    ]);
  });

  it("prints all of it as JSON, and ends with 0 where nothing that runs fails", async () => {
    const { run } = commandLine(() => ({ body: { items: [of("api", 2, 2)], asOf } }));
    const { exitCode, stdout } = await run("doctor", "--all", "--json");
    expect(JSON.parse(stdout)).toEqual({
      items: [of("api", 2, 2)],
      summary: {
        services: 1,
        ready: 1,
        partly: 0,
        notAtAll: 0,
        idle: 0,
        tasks: { running: 2, ready: 2 },
      },
      asOf,
      more: false,
    });
    expect(exitCode).toBe(0);
  });

  it("says so where there is no service", async () => {
    const { run } = commandLine(() => ({ body: { items: [], asOf } }));
    const { exitCode, stdout, stderr } = await run("doctor", "--all");
    expect([exitCode, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("there is no service you may ask for");
  });

  it.each([[[]], [["--csv"]]])(
    "fails where a named cluster has none to show, with %j",
    async (more) => {
      const { run } = commandLine(() => ({ body: { items: [], asOf } }));
      const { exitCode, stdout, stderr } = await run(
        "doctor",
        "--all",
        "--cluster",
        "prdo",
        ...more,
      );
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("no service in cluster prdo, or no rule lets you ask there");
      expect(stderr).toContain("targets` lists where you may ask");
    },
  );

  it.each([
    [["--all", "prod/api"], "a target"],
    [["--all", "--task", "0".repeat(32)], "--task"],
    [["--all", "--start-at", "2026-11-24T22:00Z"], "--start-at"],
    [["--csv", "prod/api"], "--csv goes with --all"],
  ])("refuses %j, and sends nothing", async (argv, why) => {
    const { run, sent } = paged();
    const { exitCode, stderr } = await run("doctor", ...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(why);
    expect(sent).toEqual([]);
  });
});

describe("a diagnosis", () => {
  it("is printed check by check, but for what has passed", async () => {
    const { run } = commandLine(() => ({
      status: 409,
      contentType: "application/problem+json",
      body: {
        type: "urn:x",
        title: "The exec agent does not answer",
        status: 409,
        detail: "the exec agent in the container does not answer",
        code: "target_not_connected",
        retryable: true,
        diagnosis: [
          { check: "exec_agent", status: "passed", remedy: "" },
          { check: "pid_mode", status: "failed", remedy: "remove pidMode" },
          { check: "ssmmessages_route", status: "not_checked", remedy: "has to reach\u001b[2J it" },
        ],
      },
    }));
    const { exitCode, stderr } = await run("request", "demo/x", "--reason", "r");
    expect(stderr.split("\n").slice(0, 3)).toEqual([
      "sallyport: error: the exec agent in the container does not answer",
      "sallyport: error:   pid_mode: failed: remove pidMode",
      "sallyport: error:   ssmmessages_route: not_checked: has to reach\\u{1b}[2J it",
    ]);
    expect(exitCode).toBe(1);
  });
});
