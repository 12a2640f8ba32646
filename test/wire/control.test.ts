import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { engineHere } from "../kit/engine.ts";
import { signedFetch } from "../kit/signed-fetch.ts";

describe.skipIf(!engineHere)("the control endpoint of a local gateway", () => {
  let folder: string;
  let gateway: LocalGateway;
  let control: { url: string; token: string };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-control-"));
    gateway = await startLocalGateway({ port: 0, stateDir: join(folder, "state") });
    control = JSON.parse(
      readFileSync(join(folder, "state", "control.json"), "utf8"),
    ) as typeof control;
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const say = async (
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = { authorization: `Bearer ${control.token}` },
  ): Promise<{ status: number; text: string }> =>
    await new Promise((resolve, reject) => {
      const sent = request(new URL(path, control.url), { method, headers }, (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const opening = async () => {
    const call = (path: string, body: unknown) =>
      signedFetch(gateway.api, gateway.profiles.dev, { method: "POST", path, body });
    const asked = await call("/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "what time it is there",
    });
    const { id } = asked.json as { id: string };
    return await call(`/v1/requests/${id}/sessions`, {});
  };
  const throttled = { operation: "ExecuteCommand", times: 1, fault: { kind: "throttle" } };

  it("is told to this user alone", () => {
    expect(statSync(join(folder, "state", "control.json")).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["without the token", {}, 401],
    ["with another", { authorization: `Bearer ${"0".repeat(32)}` }, 401],
    ["from a page of a browser", { origin: "http://evil.example" }, 403],
    ["under another name", { host: "evil.example" }, 403],
  ])("does nothing for a call %s", async (_, headers: { [name: string]: string }, status) => {
    const authorized =
      "authorization" in headers
        ? {}
        : status === 401
          ? {}
          : { authorization: `Bearer ${control.token}` };
    expect(await say("POST", "/faults", throttled, { ...authorized, ...headers })).toMatchObject({
      status,
    });
    expect((await opening()).status).toBe(201);
  });

  it("strikes as many calls as it is told, and no more", async () => {
    expect((await say("POST", "/faults", throttled)).status).toBe(200);
    const struck = await opening();
    expect([struck.status, (struck.json as { code: string }).code]).toEqual([429, "throttled"]);
    expect((await opening()).status).toBe(201);
  });

  it("clears what was set", async () => {
    await say("POST", "/faults", { ...throttled, times: 100 });
    expect((await say("DELETE", "/faults")).status).toBe(200);
    expect((await opening()).status).toBe(201);
  });

  it("lets on who waits at a point, and nobody stops there afterwards", async () => {
    await say("POST", "/pauses", { point: "after-intent" });
    const open = opening();
    await expect
      .poll(async () => (await say("GET", "/pauses")).text)
      .toContain('{"point":"after-intent","set":true,"waiting":1}');
    await say("DELETE", "/pauses/after-intent");
    expect((await open).status).toBe(201);
    expect((await opening()).status).toBe(201);
  });

  it.each([
    [
      "a fault of no kind we know",
      "POST",
      "/faults",
      { operation: "ExecuteCommand", fault: { kind: "explode" } },
      400,
    ],
    ["a fault with a member too many", "POST", "/faults", { ...throttled, forever: true }, 400],
    ["a point that does not exist", "POST", "/pauses", { point: "anywhere" }, 400],
    ["a body that is no JSON", "POST", "/pauses", undefined, 400],
    ["the release of no point", "DELETE", "/pauses/anywhere", undefined, 404],
    ["anything else", "GET", "/", undefined, 404],
  ])("says what is wrong with %s", async (_, method, path, body, status) => {
    const answer = await say(method, path, body);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.text) as { error: string }).error.length).toBeGreaterThan(0);
  });
});
