import { describe, expect, it } from "vitest";
import type { SessionView } from "../../../api/session-schemas.ts";
import { commandLine } from "../command-line.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";
const session: SessionView = {
  sessionId: "ecs-execute-command-1",
  requestId: "1tz5k7texx4pdk9kp3vg8atqnw",
  attempt: 1,
  state: "live",
  delivered: true,
  requester: { person: "dev", name: "Dana" },
  clusterArn: `${arn}:cluster/demo`,
  taskArn: `${arn}:task/demo/0123`,
  container: "app",
  command: "/bin/sh",
  openedAt: "",
  expiresAt: "2026-01-01T00:00:00.000Z",
  transcript: "none",
};
const listing = (more: Partial<SessionView>, cursor?: string) =>
  commandLine(() => ({
    body: { items: [{ ...session, ...more }], asOf: "", ...(cursor && { cursor }) },
  }));

describe("sessions", () => {
  it("are those that are live, with the local gateway's --state beside it", async () => {
    const { run, sent } = listing({});
    expect((await run("sessions", "--only", "live", "--requester", "me")).exitCode).toBe(0);
    expect(sent.map(({ path }) => path)).toEqual(["/v1/sessions?requester=me&state=live"]);
  });

  it("are of no other state", async () => {
    const { run, sent } = listing({});
    const { exitCode, stderr } = await run("sessions", "--only", "open");
    expect([exitCode, sent]).toEqual([2, []]);
    expect(stderr).toContain("--only takes live, ending, ended, not open");
  });

  it.each([
    [{ service: "payments-api" }, "demo/payments-api:app /bin/sh"],
    [{ service: `${arn}:service/demo/payments-api` }, "demo/payments-api:app /bin/sh"],
    [{ family: "batch" }, "demo/batch:app /bin/sh"],
    [{}, "demo:app /bin/sh"],
  ])(
    "name with %j where they are as ls does, and until when they were approved",
    async (more, where) => {
      const { stdout } = await listing(more).run("sessions");
      expect(stdout).toContain("APPROVED UNTIL");
      expect(stdout).toContain(`  ${where}  `);
    },
  );

  it("that are too many say by what to have fewer", async () => {
    const { stderr } = await listing({}, "next").run("sessions");
    expect(stderr).toContain("narrow it down with --requester or --only");
  });
});
