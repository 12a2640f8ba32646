import { describe, expect, it } from "vitest";
import type { OpenedSession } from "../../api/session-schemas.ts";
import { requireOpenedAsApproved } from "../../cli/opened-as-approved.ts";

const cluster = "arn:aws:ecs:us-east-1:111122223333:cluster/demo";
const task = "arn:aws:ecs:us-east-1:111122223333:task/demo/0123456789abcdef0123456789abcdef";

const approved = (taskArn: string | null = null) => ({
  id: "0".repeat(26),
  target: {
    kind: taskArn === null ? ("service" as const) : ("task" as const),
    clusterArn: cluster,
    serviceArn: null,
    family: "web",
    container: "app",
    taskArn,
    runtimeId: null,
    pinnedRevision: null,
    pinnedImage: null,
  },
});

const opened = (more: Partial<OpenedSession> = {}, requestId = "0".repeat(26)): OpenedSession => ({
  clusterArn: cluster,
  containerArn: "arn:c",
  containerName: "app",
  interactive: true,
  session: { sessionId: "s", streamUrl: "wss://x", tokenValue: "secret-token" },
  taskArn: task,
  sallyport: {
    requestId,
    attempt: 1,
    target: "ecs:x",
    region: "us-east-1",
    expiresAt: "",
    transcript: "none",
  },
  ...more,
});

describe("a session that was opened", () => {
  it("is taken where it is the one approved", () => {
    expect(requireOpenedAsApproved(approved(), opened())).toBeUndefined();
    expect(requireOpenedAsApproved(approved(task), opened())).toBeUndefined();
  });

  it.each([
    ["request", approved(), opened({}, "1".repeat(26))],
    ["cluster", approved(), opened({ clusterArn: cluster.replace("demo", "prod") })],
    ["container", approved(), opened({ containerName: "db" })],
    ["task", approved(task), opened({ taskArn: task.replace("0123", "9999") })],
    ["task's cluster", approved(), opened({ taskArn: task.replace("demo", "prod") })],
  ])(
    "is refused where its %s is another, without its token being said",
    (what, request, session) => {
      let message = "";
      try {
        requireOpenedAsApproved(request, session);
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain(`other than what was approved: ${what}`);
      expect(message).not.toContain("secret-token");
    },
  );
});
