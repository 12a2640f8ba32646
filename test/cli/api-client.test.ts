import { describe, expect, it } from "vitest";
import * as z from "zod";
import { apiClient } from "../../cli/api-client.ts";
import { Failure } from "../../cli/failure.ts";

const schema = z.object({ ok: z.boolean() });
const SECRET = "the-secret-key";
const TOKEN = "the-session-token";

type Answerer = (attempt: number) => Response | Error;

function client(answer: Answerer, url = "https://gateway.example/stage") {
  const calls: { url: string; init: RequestInit }[] = [];
  const pauses: number[] = [];
  const api = apiClient({
    url: new URL(url),
    region: "eu-west-1",
    credentials: async () => ({
      accessKeyId: "AKIA",
      secretAccessKey: SECRET,
      sessionToken: TOKEN,
    }),
    async fetch(to, init) {
      calls.push({ url: to, init });
      const came = answer(calls.length);
      if (came instanceof Error) throw came;
      return came;
    },
    pause: async (ms) => pauses.push(ms),
  });
  const header = (i: number, name: string): string | undefined =>
    new Headers(calls[i]?.init.headers).get(name) ?? undefined;
  return { api, calls, pauses, header };
}

const json = (body: unknown, status = 200, contentType = "application/json"): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": contentType } });
const problem = (code: string, status: number, hint = "do that"): Response =>
  json(
    { type: "t", title: "T", status, detail: "why", code, retryable: false, hint },
    status,
    "application/problem+json",
  );
const reset = (): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) });
const refused = (): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) });

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe("a call of the gateway", () => {
  it("is signed for execute-api in the gateway's region, below the URL's own path", async () => {
    const { api, calls, header } = client(() => json({ ok: true }));
    await api.call("GET", "/v1/requests", { query: { cursor: "a b", status: undefined }, schema });
    expect(calls[0]?.url).toBe("https://gateway.example/stage/v1/requests?cursor=a%20b");
    expect(header(0, "authorization")).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=.*host/,
    );
    expect(JSON.stringify(calls)).not.toContain(SECRET);
  });

  it("carries an Idempotency-Key that stays the same when it is tried again", async () => {
    const { api, calls, pauses, header } = client((n) => (n < 3 ? reset() : json({ ok: true })));
    await api.call("POST", "/v1/requests", { body: {}, schema });
    expect(calls).toHaveLength(3);
    expect(pauses).toEqual([500, 2_000]);
    expect(header(0, "idempotency-key")).toMatch(/^[0-9a-f]{32}$/);
    expect(header(2, "idempotency-key")).toBe(header(0, "idempotency-key"));
  });

  it("is not tried again where a rule refuses, or no connection comes about", async () => {
    const byRule = client(() => problem("refused_by_rule", 403));
    const error = await failure(byRule.api.call("POST", "/v1/requests", { body: {}, schema }));
    expect([error.exitCode, error.message, error.hint]).toEqual([120, "why", "do that"]);
    expect(byRule.calls).toHaveLength(1);
    const down = client(refused);
    const unreachable = await failure(down.api.call("GET", "/v1/whoami", { schema }));
    expect(unreachable.exitCode).toBe(124);
    expect(down.calls).toHaveLength(1);
  });

  it.each([
    ["throttled", 429],
    ["record_conflict", 503],
    ["limits_unavailable", 503],
  ])("is tried three times where %s passes", async (code, status) => {
    const { api, calls } = client(() => problem(code, status));
    await failure(api.call("GET", "/v1/whoami", { schema }));
    expect(calls).toHaveLength(3);
  });

  it("says that the identity may not call, in the front door's words escaped by nobody yet", async () => {
    const { api, calls } = client(() => json({ message: "Forbidden" }, 403));
    const error = await failure(api.call("GET", "/v1/whoami", { schema }));
    expect(error.exitCode).toBe(124);
    expect(error.message).toBe("this identity may not call the gateway: Forbidden");
    expect(calls).toHaveLength(1);
  });

  it("about one request names it in the hint, where the gateway wrote ID", async () => {
    const id = "1tz5k7texx4pdk9kp3vg8atqnw";
    const { api } = client(() => problem("not_permitted", 403, "`sallyport show ID` says who may"));
    const error = await failure(api.call("POST", `/v1/requests/${id}/decisions`, { schema }));
    expect(error.hint).toBe(`\`sallyport show ${id}\` says who may`);
  });

  it("says how many seconds AWS asks for where it throttles", async () => {
    const { api } = client(() => {
      const answer = problem("throttled", 429);
      answer.headers.set("retry-after", "7");
      return answer;
    });
    const error = await failure(api.call("GET", "/v1/whoami", { schema }));
    expect(error.hints).toEqual(["do that", "AWS asks for 7 seconds of waiting"]);
  });

  it("is tried once where a minute is used up: to repeat it uses up the next", async () => {
    const { api, calls } = client(() => problem("rate_limited", 429, "wait 40 seconds"));
    const error = await failure(api.call("GET", "/v1/whoami", { schema }));
    expect([error.exitCode, error.hints]).toEqual([1, ["wait 40 seconds"]]);
    expect(calls).toHaveLength(1);
  });

  it("follows no redirect", async () => {
    const { api, calls } = client(
      () => new Response(null, { status: 307, headers: { location: "https://evil.example/" } }),
    );
    const error = await failure(api.call("GET", "/v1/whoami", { schema }));
    expect(error.exitCode).toBe(1);
    expect(calls.map(({ init }) => init.redirect)).toEqual(["manual"]);
  });

  it("T54 reads no more than 8 MiB of an answer", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const { api, calls } = client(() => new Response(endless));
    const error = await failure(api.call("GET", "/v1/whoami", { schema }));
    expect(error.message).toContain("longer than");
    expect(pulled).toBeLessThan(16);
    expect(calls).toHaveLength(1);
  });

  it("uses nothing of an answer that is not what it should be", async () => {
    const other = client(() => json({ ok: "yes" }));
    expect((await failure(other.api.call("GET", "/v1/whoami", { schema }))).exitCode).toBe(1);
    const twice = client(() => new Response('{"ok":true,"ok":false}'));
    expect((await failure(twice.api.call("GET", "/v1/whoami", { schema }))).exitCode).toBe(1);
  });
});

describe("opening a session", () => {
  const open = (answer: Answerer) => {
    const { api, calls, header } = client(answer);
    return {
      calls,
      header,
      failing: () => failure(api.call("POST", "/v1/requests/x/sessions", { body: {}, schema })),
    };
  };

  it.each([
    ["the connection is reset", reset],
    ["the front door answers 503", () => json({ message: "Service Unavailable" }, 503)],
    ["the answer of a success cannot be read", () => json({ ok: "yes" }, 201)],
    ["the gateway says so itself", () => problem("outcome_unknown", 502)],
  ])("is sent once and ends as 125 when %s", async (_, answer: Answerer) => {
    const { calls, header, failing } = open(answer);
    expect((await failing()).exitCode).toBe(125);
    expect(calls).toHaveLength(1);
    expect(header(0, "idempotency-key")).toBeUndefined();
  });

  it("is sent once and known not to have happened when the gateway refuses or is not there", async () => {
    const waiting = open(() => problem("not_approved", 409));
    expect((await waiting.failing()).exitCode).toBe(122);
    const conflict = open(() => problem("record_conflict", 503));
    expect((await conflict.failing()).exitCode).toBe(1);
    const down = open(refused);
    expect((await down.failing()).exitCode).toBe(124);
    for (const { calls } of [waiting, conflict, down]) expect(calls).toHaveLength(1);
  });
});
