import { describe, expect, it } from "vitest";
import { breakGlassSchema } from "../../../api/decision-schemas.ts";
import { cardDigest, type ExecCard } from "../../../core/card.ts";
import { card as usual } from "../cards.ts";
import { commandLine } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const clusterArn = "arn:aws:ecs:us-east-1:111122223333:cluster/demo";
const card: ExecCard = {
  ...usual,
  breakGlass: true,
  command: "/bin/sh",
  target: {
    ...usual.target,
    kind: "service",
    clusterArn,
    serviceArn: "arn:aws:ecs:us-east-1:111122223333:service/demo/payments-api",
    taskArn: null,
  },
};
const review = { state: "owed" as const, dueAt: "2026-01-02T00:00:00.000Z" };
const brokenOfDay = { day: "2026-01-01", count: 2, limit: 3 };
const broken = request({
  card,
  digest: cardDigest(card),
  status: "approved",
  breakGlass: true,
  brokenOfDay,
  review,
});
const words = ["break-glass", "demo/payments-api", "--reason", "payments are failing"];

/** Answers the break, and refuses to open what it granted: no session is needed here. */
const gateway = (typed?: string) =>
  commandLine(
    ({ path }) =>
      path === "/v1/break-glass"
        ? { status: 201, body: broken }
        : {
            status: 409,
            contentType: "application/problem+json",
            body: {
              type: "urn:sallyport:problem:container_in_use",
              title: "Somebody is in that container",
              status: 409,
              detail: "somebody is in it",
              code: "container_in_use",
              retryable: true,
            },
          },
    typed === undefined ? {} : { typed },
  );

describe("break-glass", () => {
  it("says what is recorded and that a review is owed, has the target typed, and opens", async () => {
    const { run, sent } = gateway("payments-api");
    const { stderr } = await run(...words, "--for", "15m", "--ticket", "OPS-1");
    expect(stderr).toContain("nobody has agreed to it");
    expect(stderr).toContain("somebody else has to review it");
    expect(stderr).toContain("a review of it is owed by 2026-01-02T00:00:00.000Z");
    expect(stderr).toContain("this is 2 of the 3 times you may on 2026-01-01 (UTC)");
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/break-glass",
      `POST /v1/requests/${broken.id}/sessions`,
    ]);
    expect(sent[0]?.body).toEqual({
      target: { cluster: "demo", service: "payments-api" },
      command: "/bin/sh",
      reason: "payments are failing",
      ticket: "OPS-1",
      durationMinutes: 15,
    });
  });

  it.each(["y", "payments", ""])("does nothing where %j is typed", async (typed) => {
    const { run, sent } = gateway(typed);
    const { exitCode, stderr } = await run(...words);
    expect([exitCode, sent]).toEqual([1, []]);
    expect(stderr).toContain("nothing was done");
  });

  it("takes a reason that says something, and says so before anything is sent", async () => {
    const { run, sent } = gateway("payments-api");
    const { exitCode, stderr } = await run("break-glass", "demo/payments-api", "--reason", "fire");
    expect([exitCode, sent]).toEqual([2, []]);
    expect(stderr).toContain("--reason needs at least 10 characters: fire");
    expect(stderr).not.toContain("Type payments-api");
    // The gateway's own limit: what is let through here is not refused there.
    expect(breakGlassSchema.shape.reason.safeParse("123456789").success).toBe(false);
    expect(breakGlassSchema.shape.reason.safeParse("1234567890").success).toBe(true);
    const asked = gateway("fire");
    const typed = await asked.run("break-glass", "demo/payments-api");
    expect([typed.exitCode, asked.sent]).toEqual([2, []]);
    expect(typed.stderr).toContain("--reason needs at least 10 characters: fire");
  });

  it("has help of its own: who reads the reason, and how to find out whether one may", async () => {
    const { stdout } = await gateway().run("break-glass", "--help");
    const text = stdout.replaceAll(/\s+/g, " ");
    expect(text).toContain("why, in at least 10 characters: whoever reviews it reads it");
    expect(text).not.toMatch(/approvers|--wait|--no-wait|--start-at/);
    expect(text).toContain("sallyport policy explain DIR --who ME --on TARGET --break-glass");
  });

  it("asks nothing where there is no terminal, and needs a reason all the same", async () => {
    const { run, sent } = gateway();
    await run(...words);
    expect(sent[0]?.path).toBe("/v1/break-glass");
    const without = gateway();
    const { exitCode, stderr } = await without.run("break-glass", "demo/payments-api");
    expect([exitCode, without.sent, stderr]).toEqual([2, [], expect.stringContaining("no reason")]);
  });
});

describe("a request for which the glass was broken", () => {
  it("is shown as such in the list and by itself, with how it stands with its review", async () => {
    const line = (body: unknown) => commandLine(() => ({ body }));
    const list = await line({ items: [broken], asOf: "2026-01-01T00:00:00.000Z" }).run("ls");
    expect(list.stdout).toContain("GLASS BROKEN, review owed");
    const one = await line(broken).run("show", broken.id);
    expect(one.stdout).toMatch(/start {2,}at once: no approval is waited for/);
    expect(one.stdout).not.toContain("when the last approval is given");
    expect(one.stdout).toContain("broken: nobody was asked, and somebody has to review it");
    expect(one.stdout).toContain("review owed by 2026-01-02T00:00:00.000Z");
  });
});
