import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { engineHere } from "../kit/engine.ts";
import { processesWith, until } from "../kit/processes.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { type PtyShell, ptyShell } from "./pty-shell.ts";

const launcher = fileURLToPath(new URL("../../bin/sallyport.ts", import.meta.url));
const REQUEST = /request ([0-9a-z]{26}) is pending/;

/** The end of a grant as the person in the shell sees it, on one machine. */
describe.skipIf(!engineHere)("a shell whose time is over", () => {
  let folder: string;
  let gateway: LocalGateway;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-hard-end-"));
    gateway = await startLocalGateway({
      port: 0,
      stateDir: join(folder, "state"),
      containerEnv: { FOLDER: folder },
    });
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(
    who: "dev" | "lead" | "sre",
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: object,
  ) {
    const answer = await signedFetch(gateway.api, gateway.profiles[who], {
      method,
      path,
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.json as { digest: string; sessions: { end?: object }[] };
  }

  /** A shell at its prompt, with a process of its own that `mark` finds. */
  async function openShell(
    more: string,
  ): Promise<{ shell: PtyShell; id: string; mark: string; at: number }> {
    const shell = ptyShell(
      `"${process.execPath}" "${launcher}" --as dev --state "${gateway.stateDir}" exec demo/payments-api:app --reason test ${more}; echo "status $?;"`,
    );
    const [, id = ""] = await shell.shows(REQUEST);
    const { digest } = await call("lead", "GET", `/v1/requests/${id}`);
    for (const who of ["lead", "sre"] as const) {
      await call(who, "POST", `/v1/requests/${id}/decisions`, { decision: "approve", digest });
    }
    const at = Date.now();
    await shell.shows(/[#$] $/);
    const mark = `73${randomInt(1e9, 2e9)}`;
    // What it runs in the foreground: a job in the background outlives the shell, at AWS as here.
    shell.type(`sleep ${mark}\r`);
    expect(await until(() => processesWith(`sleep ${mark}`).length > 0, 5_000)).toBe(true);
    return { shell, id, mark, at };
  }
  const isDead = (mark: string, ms: number) =>
    until(() => processesWith(`sleep ${mark}`).length === 0, ms);

  it("is cut at its minute, at most ten seconds late, and the client says why", async () => {
    const { shell, id, mark, at } = await openShell("--for 1m");
    await until(() => Date.now() >= at + 55_000, 60_000);
    expect(processesWith(`sleep ${mark}`)).not.toEqual([]);
    expect(await isDead(mark, at + 70_000 - Date.now())).toBe(true);
    shell.type(`touch ${folder}/after-the-cut\r`);
    await shell.shows(/the session was cut: its time was over/);
    await shell.shows(/status 123;/);
    expect(existsSync(join(folder, "after-the-cut"))).toBe(false);
    // On record a moment after it is over: first it is looked for.
    const ended = async () => (await call("dev", "GET", `/v1/requests/${id}`)).sessions[0]?.end;
    for (let n = 0; n < 50 && (await ended()) === undefined; n++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await ended()).toMatchObject({ cause: "expired", strength: "ssm-status" });
  }, 120_000);

  it("is cut by a revoke within five seconds, and the client says whose word it was", async () => {
    const { shell, id, mark } = await openShell("");
    const at = Date.now();
    await call("sre", "POST", `/v1/requests/${id}/revoke`, { comment: "not on Fridays" });
    expect(await isDead(mark, at + 5_000 - Date.now())).toBe(true);
    await shell.shows(/the session was cut: it was revoked: not on Fridays/);
    await shell.shows(/status 123;/);
  });
});
