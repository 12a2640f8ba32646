import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { routes } from "../../api/routes.ts";
import type { HttpFunction } from "../../lambdas/chain/http-function.ts";
import { type FrontDoor, startFrontDoor } from "../../local/front-door.ts";
import { Sha256 } from "../../local/signed-call.ts";
import { looked } from "../kit/looks.ts";
import { type Answer, plainFetch, type SignedCall, signedFetch } from "../kit/signed-fetch.ts";

/*
 * A browser on this machine, or whoever makes it look: each call here is signed with a right key, so that only
 * the guard can be what refuses it.
 */

const keys = { accessKeyId: "AKIADEV", secretAccessKey: "secret of dev" };
let door: FrontDoor;
let api: string;
let reached = 0;
let refused: string[] = [];

beforeAll(async () => {
  const run: HttpFunction = async () => {
    reached += 1;
    return { statusCode: 200, body: "{}" };
  };
  door = await startFrontDoor({
    port: 0,
    region: "us-east-1",
    functions: { requests: run, decide: run, exec: run },
    secretOf: (id) => (id === keys.accessKeyId ? keys : undefined),
    callerOf: () => ({
      accessKeyId: keys.accessKeyId,
      account: "111122223333",
      userArn: "arn:aws:iam::111122223333:user/dev",
      userId: "AIDADEV0000000000001",
    }),
    random: systemRandom,
    now: () => Date.now(),
    log: { info: (message) => void refused.push(message), error: () => undefined },
  });
  api = `http://127.0.0.1:${door.port}`;
});
afterAll(() => door.close());
beforeEach(() => {
  reached = 0;
  refused = [];
});

const post: SignedCall = { method: "POST", path: "/v1/requests", body: {} };
const signed = (change: Partial<SignedCall>): Promise<Answer> =>
  signedFetch(api, keys, { ...post, ...change });

/** How many calls came through to a function: nothing else has an effect. */
const cameThrough = (): number => {
  looked("wire");
  return reached;
};
/** What it was answered, whether a function was asked, and what the log says. */
const outcome = ({ status }: Answer): unknown[] => [status, cameThrough(), refused.at(-1)];
const HOST = [403, 0, "refused: Host is not this server"];

describe("a local gateway and other names", () => {
  it("answers to its own, or none of this proves anything", async () => {
    expect((await signed({})).status).toBe(200);
    expect(reached).toBe(1);
  });

  it.each<[string, () => string]>([
    ["evil.example", () => "evil.example"],
    ["evil.example with its port", () => `evil.example:${door.port}`],
    ["127.0.0.1.nip.io", () => `127.0.0.1.nip.io:${door.port}`],
    ["[::1]", () => `[::1]:${door.port}`],
    ["itself without a port", () => "127.0.0.1"],
    ["itself with a dot behind", () => `localhost.:${door.port}`],
  ])("T57 refuses a call to %s", async (_, host) => {
    expect(outcome(await signed({ headers: { host: host() } }))).toEqual(HOST);
  });

  it("T57 refuses a call whose line holds a whole URL", async () => {
    const path = `http://evil.example${post.path}`;
    expect(outcome(await signed({ tamper: { path } }))).toEqual([
      403,
      0,
      "refused: request target is not a path",
    ]);
  });

  it.each<[string, (host: string) => string[]]>([
    ["two hosts", (host) => [`Host: ${host}`, `Host: ${host}`]],
    ["no host", () => []],
    ["an empty one", () => ["Host:"]],
  ])("T57 refuses a call with %s", async (_, lines) => {
    const head = [
      "GET /v1/whoami HTTP/1.1",
      ...lines(`127.0.0.1:${door.port}`),
      "Connection: close",
    ];
    const socket = connect(door.port, "127.0.0.1").end(`${head.join("\r\n")}\r\n\r\n`);
    // Node's own parser refuses a second Host, and HTTP/1.1 without one, before the guard is asked.
    expect(await text(socket)).toMatch(/^(?:HTTP\/1\.1 (?:400|403) |$)/);
    expect(cameThrough()).toBe(0);
  });

  it("T60 refuses every route to a name that was rebound after a first, right call", async () => {
    expect((await signed({})).status).toBe(200);
    reached = 0;
    for (const { method, path } of routes) {
      const answer = await signedFetch(api, keys, {
        method,
        path: path.replaceAll(/\{\w+\}/g, "0".repeat(26)),
        headers: { host: `rebound.example:${door.port}` },
      });
      expect(outcome(answer)).toEqual(HOST);
    }
  });
});

describe("a local gateway and browsers", () => {
  it.each<[string, () => string]>([
    ["a foreign Origin", () => "https://page.example"],
    ["the Origin of a file", () => "null"],
    ["the Origin of another port", () => "http://127.0.0.1:1"],
    ["its own Origin", () => api],
  ])("T58 refuses %s, whatever cookie comes with it", async (_, origin) => {
    expect(outcome(await signed({ headers: { origin: origin(), cookie: "session=1" } }))).toEqual([
      403,
      0,
      "refused: Origin is not allowed",
    ]);
  });

  it("T59 tells no page that it may read an answer", async () => {
    const asked = await plainFetch(api, {
      method: "POST",
      path: post.path,
      headers: { "access-control-request-method": "POST", "access-control-request-headers": "x" },
    });
    for (const answer of [asked, await signed({})]) {
      expect(Object.keys(answer.headers).join()).not.toContain("access-control");
    }
    // The preflight is nobody's call; the other was one.
    expect(cameThrough()).toBe(1);
  });

  it("T59 takes no key from a URL", async () => {
    // Signed in a query by AWS's own signer, which is right in all but where it stands.
    const presigned = await new SignatureV4({
      service: "execute-api",
      region: "us-east-1",
      credentials: keys,
      sha256: Sha256,
    }).presign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/v1/whoami",
      query: {},
      headers: { host: `127.0.0.1:${door.port}` },
    });
    const query = new URLSearchParams(presigned.query as { [name: string]: string });
    expect(query.has("X-Amz-Signature")).toBe(true);
    const answer = await plainFetch(api, { method: "GET", path: `/v1/whoami?${query.toString()}` });
    expect([answer.status, cameThrough()]).toEqual([403, 0]);
  });

  it("T59 listens on loopback and nowhere else", async () => {
    const comesTo = (host: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ port: door.port, host, timeout: 5_000 });
        const end = (answers: boolean) => {
          looked("wire");
          socket.destroy();
          resolve(answers);
        };
        socket.once("connect", () => end(true));
        socket.once("error", () => end(false));
        socket.once("timeout", () => end(false));
      });
    const others = Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address))
      .filter((address) => address !== "127.0.0.1");
    // What listens on every address answers on each of these, where the machine has them.
    for (const host of ["127.0.0.2", "::1", ...others]) {
      expect([host, await comesTo(host)]).toEqual([host, false]);
    }
    expect(await comesTo("127.0.0.1")).toBe(true);
  });
});
