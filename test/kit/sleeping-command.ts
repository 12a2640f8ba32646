import { randomInt } from "node:crypto";
import { expect } from "vitest";
import type { TestGateway } from "./gateway.ts";
import { pidsWith, processesWith, until } from "./processes.ts";

interface Wish {
  service?: string;
  durationMinutes?: number;
  /** The command around the mark; omitted = a shell that sleeps. */
  command?: (mark: string) => string;
}

/** A command that runs until it is ended, asked for and approved; `mark` stands in its command line. */
export async function approvedSleep(
  gateway: TestGateway,
  { service = "payments-api", command, ...more }: Wish = {},
): Promise<{ id: string; mark: string }> {
  const mark = `7${randomInt(1e11, 2e11)}`;
  const asked = await gateway.as("dev")("POST", "/v1/requests", {
    target: { cluster: "demo", service, container: "app" },
    command: command?.(mark) ?? `/bin/sh -c 'sleep ${mark}'`,
    reason: "a stuck queue",
    ...more,
  });
  expect(asked.status, JSON.stringify(asked.body)).toBe(201);
  const { id, digest } = asked.body as { id: string; digest: string };
  let { status } = asked.body;
  for (const who of ["lead", "sre"] as const) {
    if (status === "approved") break; // one is enough for it
    const decision = { decision: "approve", digest };
    const decided = await gateway.as(who)("POST", `/v1/requests/${id}/decisions`, decision);
    ({ status } = decided.body);
  }
  expect(status).toBe("approved");
  return { id, mark };
}

interface Opened {
  sessionId: string;
  streamUrl: string;
  token: string;
  taskArn: string;
}

export async function openSleep(gateway: TestGateway, id: string): Promise<Opened> {
  const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  const { taskArn, session } = opened.body;
  const { sessionId, streamUrl, tokenValue: token } = session;
  return { sessionId, streamUrl, token, taskArn };
}

/** The same, opened, and its process seen. Nobody has joined it. */
export async function runningSleep(
  gateway: TestGateway,
  wish: Wish = {},
): Promise<Opened & { id: string; mark: string }> {
  const { id, mark } = await approvedSleep(gateway, wish);
  const opened = await openSleep(gateway, id);
  expect(await until(() => pidsWith(mark).length > 0, 5_000)).toBe(true);
  return { id, mark, ...opened };
}

export const isAlive = (mark: string): Promise<boolean> =>
  until(() => processesWith(mark).length > 0, 5_000);

export const isDead = (mark: string): Promise<boolean> =>
  until(() => processesWith(mark).length === 0, 5_000);
