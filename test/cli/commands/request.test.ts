import { describe, expect, it } from "vitest";
import type { Wish } from "../../../cli/wish.ts";
import { cardDigest, type ExecCard } from "../../../core/card.ts";
import { card as usual } from "../cards.ts";
import { commandLine } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";

/** A card of what was asked for, as an honest gateway makes it. */
function cardOf(body: unknown): ExecCard {
  const { target, command } = body as Pick<Wish, "target" | "command">;
  const { cluster = "default", service, task, container = "app" } = target;
  return {
    ...usual,
    command,
    target: {
      ...usual.target,
      kind: task === undefined ? "service" : "task",
      clusterArn: `${arn}:cluster/${cluster}`,
      serviceArn: service === undefined ? null : `${arn}:service/${cluster}/${service}`,
      taskArn: task === undefined ? null : `${arn}:task/${cluster}/${task}`,
      container,
    },
  };
}

const gateway = (typed?: string) =>
  commandLine(
    ({ body }) => {
      const card = cardOf(body);
      return { status: 201, body: request({ card, digest: cardDigest(card) }) };
    },
    typed === undefined ? {} : { typed },
  );

describe("asking", () => {
  it.each([
    [["demo/api:app"], { cluster: "demo", service: "api", container: "app" }, "/bin/sh"],
    [["api", "--", "ls", "-l", "a b"], { service: "api" }, "ls -l 'a b'"],
    [["--task", "abc", "--", "ls"], { task: "abc" }, "ls"],
    [["api", "--", "sh", "-c", "echo $X; --json"], { service: "api" }, "sh -c 'echo $X; --json'"],
  ])("%j is of %j and %s", async (words, target, command) => {
    const { run, sent } = gateway();
    const [options, rest] = [["--reason", "why", "--for", "1h"], words];
    expect((await run("request", ...options, ...rest)).exitCode).toBe(0);
    expect(sent).toEqual([
      {
        method: "POST",
        path: "/v1/requests",
        body: { target, command, reason: "why", durationMinutes: 60 },
      },
    ]);
  });

  it.each([
    [["api", "ls", "-l"], "unknown option"],
    [["api", "ls"], "the command for a container goes after --"],
    [["api", "--"], "no command follows the --"],
    [["--task", "abc", "api"], "a target and --task are both named"],
    [["api", "--ticket", " "], "--ticket is empty"],
    [["api", "--ticket", "x".repeat(257)], "257 characters, and it may have 256"],
    [["api", "--reason", ""], "--reason is empty"],
    [["api", "--reason", "x".repeat(1_025)], "1025 characters, and it may have 1024"],
  ])("%j is understood in one way or in none", async (words, why) => {
    const { run, sent } = gateway();
    const { exitCode, stderr } = await run("request", "--reason", "why", ...words);
    expect([exitCode, stderr, sent]).toEqual([2, expect.stringContaining(why), []]);
  });

  it("takes everything after the first -- for the command, and all before for its own", async () => {
    const { run, sent } = gateway();
    const words = [
      "--task",
      "abc",
      "--cluster",
      "prod",
      "--container",
      "app",
      "--",
      "--",
      "--json",
    ];
    await run("request", "--reason", "why", ...words);
    expect(sent[0]?.body).toMatchObject({
      target: { task: "abc", cluster: "prod", container: "app" },
      command: "-- --json",
    });
  });

  it("is the only thing with a command after --", async () => {
    const { run, sent } = gateway();
    const { exitCode, stderr } = await run("show", "abc", "--", "ls");
    expect([exitCode, stderr, sent]).toEqual([
      2,
      expect.stringContaining("nothing goes after --"),
      [],
    ]);
  });

  it("without a reason is refused where nobody can be asked, and sends nothing", async () => {
    const { run, sent } = gateway();
    expect((await run("request", "api")).exitCode).toBe(2);
    expect(sent).toEqual([]);
  });

  it("asks for the reason on a terminal", async () => {
    const { run, sent } = gateway("a stuck queue");
    expect((await run("request", "api")).exitCode).toBe(0);
    expect(sent.map(({ body }) => (body as { reason: string }).reason)).toEqual(["a stuck queue"]);
  });

  it.each([
    [["api"], true],
    [["prod/api"], false],
  ])("for %j that is not there says whether the cluster was named", async (words, says) => {
    const problem = { code: "service_not_found", title: "", detail: "no such service", type: "" };
    const { run } = commandLine(() => ({
      status: 404,
      body: { ...problem, status: 404, retryable: false },
      contentType: "application/problem+json",
    }));
    for (const command of ["request", "doctor"]) {
      const { stderr } = await run(command, ...words, "--reason", "why");
      expect(stderr.includes("no cluster was named, so `default` was looked in")).toBe(says);
    }
  });

  it("warns of a command that only a shell would understand, and goes on where nobody is there", async () => {
    const { run, sent } = gateway();
    const { exitCode, stderr } = await run(
      "request",
      "api",
      "--reason",
      "y",
      "--",
      "ls",
      "|",
      "head",
    );
    expect([exitCode, sent.length]).toEqual([0, 1]);
    expect(stderr).toContain("it is not run by a shell");
    expect(stderr).toContain("ask for sh -c 'ls | head'");
  });

  it.each([
    ["y", 0, 1],
    ["n", 1, 0],
  ])("answered %j on a terminal to that warning exits %d", async (typed, exitCode, sends) => {
    const { run, sent } = gateway(typed);
    const ran = await run("request", "api", "--reason", "y", "--", "ls -l | head");
    expect([ran.exitCode, sent.length]).toEqual([exitCode, sends]);
  });

  it("says how to go on and how to take it back, beside what was asked for", async () => {
    const { run, folder } = gateway();
    const { stdout, stderr } = await run("request", "api", "--reason", "why");
    const again = `sallyport --as dev --state ${folder}`;
    expect(stderr).toBe(
      `sallyport: come back with: ${again} attach ${request({}).id}\n` +
        `sallyport: withdraw it with: ${again} cancel ${request({}).id}\n`,
    );
    expect(stdout).not.toContain("come back");
  });
});
