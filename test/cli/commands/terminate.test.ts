import { describe, expect, it } from "vitest";
import type { RequestView } from "../../../api/response-schemas.ts";
import type { SessionView, TerminatedView } from "../../../api/session-schemas.ts";
import { commandLine } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const sessionId = "ecs-execute-command-1";
const live: RequestView["sessions"][number] = {
  attempt: 1,
  state: "opened",
  sessionId,
  delivered: true,
  taskArn: "task",
  container: "app",
  at: "2026-01-01T00:00:00.000Z",
};
const over: RequestView["sessions"][number] = {
  ...live,
  state: "ended",
  end: { at: "2026-01-01T00:00:05.000Z", cause: "asked", strength: "ssm-status" },
};
const { id } = request({});
const session: SessionView = {
  sessionId,
  requestId: id,
  attempt: 1,
  state: "ending",
  delivered: true,
  requester: { person: "dev", name: "Dana" },
  clusterArn: "cluster",
  taskArn: "task",
  container: "app",
  openedAt: "",
  expiresAt: "",
  transcript: "none",
};
const note = "it is being ended";
const path = `/v1/sessions/${sessionId}/terminate`;
const asked = (endsBy: number): TerminatedView => ({
  ...session,
  endsBy: new Date(endsBy).toISOString(),
  note,
});

describe("terminate", () => {
  it("ends the one live session of a request", async () => {
    const { run, sent } = commandLine(({ method }) => ({
      body: method === "GET" ? request({ sessions: [over, live] }) : asked(Date.now()),
    }));
    const { exitCode, stdout } = await run("terminate", id, "--comment", "stuck");
    expect([exitCode, stdout]).toEqual([0, `session ${sessionId}: ${note}\n`]);
    expect(sent.at(-1)).toEqual({ method: "POST", path, body: { comment: "stuck" } });
  });

  it("ends a session by its own id, with its task, and prints the answer as JSON", async () => {
    const answer = asked(Date.now());
    const { run, sent } = commandLine(() => ({ status: 202, body: answer }));
    const { stdout } = await run("--json", "terminate", sessionId, "--stop-task");
    expect(JSON.parse(stdout)).toEqual(answer);
    expect(sent).toEqual([{ method: "POST", path, body: { stopTask: true } }]);
  });

  it("says of a request without a live session that none goes on", async () => {
    const { run, sent } = commandLine(() => ({ body: request({ sessions: [over] }) }));
    const { exitCode, stderr } = await run("terminate", id);
    expect([exitCode, sent.length]).toEqual([1, 1]);
    expect(stderr).toContain("goes on");
  });

  it("says of a request under which none was opened that, and what withdraws it", async () => {
    const of = (more: Partial<RequestView>) =>
      commandLine(() => ({ body: request(more) })).run("terminate", id);
    const pending = await of({});
    expect([pending.exitCode, pending.stdout]).toEqual([1, ""]);
    expect(pending.stderr).toContain(`no session of request ${id} was opened`);
    expect(pending.stderr).toMatch(/--as dev .* cancel \w{26}` withdraws it/);
    expect(pending.stderr).not.toContain("how they ended");
    const failed = await of({ status: "lapsed", sessions: [{ ...live, state: "failed" }] });
    expect(failed.stderr).toContain("was opened");
    expect(failed.stderr).not.toContain("withdraws");
  });

  it("with --wait says how the end is known", async () => {
    const { run } = commandLine(({ method }) => ({
      body: method === "GET" ? request({ sessions: [over] }) : asked(Date.now() + 60_000),
    }));
    const { exitCode, stdout } = await run("terminate", sessionId, "--wait");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("is over since 2026-01-01T00:00:05.000Z: somebody asked for its end");
    expect(stdout).toContain("SSM's word, which does not prove that the process is gone");
  });

  it("with --wait exits with 1 where nobody knows by then that it is over", async () => {
    const { run } = commandLine(({ method }) => ({
      body: method === "GET" ? request({ sessions: [live] }) : asked(Date.now() - 60_000),
    }));
    const { exitCode, stderr } = await run("terminate", sessionId, "--wait");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is not known to be over yet");
  });
});
