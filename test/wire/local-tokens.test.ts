import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../api/routes.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import {
  AUDIENCE,
  newKey,
  signedWithPublicKey,
  startTestIssuer,
  type TestIssuer,
  unsigned,
} from "../kit/issuer.ts";
import { type Answer, plainFetch, type SignedCall, signedFetch } from "../kit/signed-fetch.ts";
import { tokenPeople } from "../kit/token-people.ts";

/*
 * The local gateway's doors for tokens, on real sockets: API Gateway's authorizer in front, the functions behind it.
 */

let stateDir: string;
let people: TestIssuer;
let programs: TestIssuer;
let gateway: LocalGateway;

beforeAll(async () => {
  stateDir = join(mkdtempSync(join(tmpdir(), "sallyport-tokens-")), "state");
  people = await startTestIssuer();
  programs = await startTestIssuer();
  gateway = await startLocalGateway({
    port: 0,
    stateDir,
    seedRules: false,
    issuers: [
      {
        name: "corp",
        issuer: people.url,
        audience: AUDIENCE,
        kind: "people",
        groupsClaim: "groups",
        scope: "sallyport",
      },
      { name: "ci", issuer: programs.url, audience: AUDIENCE, kind: "programs" },
    ],
  });
  const activated = await signedFetch(gateway.api, gateway.profiles.operator, {
    method: "POST",
    path: "/v1/activations",
    body: { ...tokenPeople(people.url, programs.url), reason: "the first set" },
  });
  if (activated.status !== 200) throw new Error(activated.text);
});

afterAll(async () => {
  await gateway.close();
  await people.close();
  await programs.close();
  rmSync(join(stateDir, ".."), { recursive: true, force: true });
});

const good = (claims: object = {}) =>
  people.token({ sub: "sub-dev", scope: "openid sallyport", ...claims });

function withToken(
  token: string | undefined,
  method: SignedCall["method"],
  path: string,
  body?: unknown,
): Promise<Answer> {
  return plainFetch(gateway.api, {
    method,
    path,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

function functionCalls(): number {
  return readFileSync(join(stateDir, "gateway.log"), "utf8").split('"message":"call"').length - 1;
}

const claims = () => {
  const now = Math.floor(Date.now() / 1_000);
  const { url: iss } = people;
  return { iss, aud: AUDIENCE, sub: "sub-dev", scope: "sallyport", iat: now, exp: now + 300 };
};
const published = () => {
  const [key] = people.published;
  if (key === undefined) throw new Error("no key is published");
  return key;
};

describe("a door for tokens", () => {
  it.each<[string, number, () => string | undefined]>([
    ["no token", 401, () => undefined],
    ["a text", 401, () => "nothing"],
    ["an unsigned token", 401, () => unsigned(claims())],
    ["one signed by the public key", 401, () => signedWithPublicKey(claims(), published())],
    ["one of another key", 401, () => people.token({ sub: "sub-dev" }, newKey("first"))],
    ["one by a curve, which API Gateway does not take", 401, () => good2("ES256")],
    ["one for others", 401, () => good({ aud: "others" })],
    ["one that has expired", 401, () => good({ exp: claims().iat - 10 })],
    ["one of the other issuer", 401, () => programs.token({ sub: "sub-dev", scope: "sallyport" })],
    ["one without the scope", 403, () => good({ scope: "openid" })],
  ])("answers %s with %i before any function is asked", async (_, status, token) => {
    const before = functionCalls();
    const answer = await withToken(token(), "GET", "/web/v1/whoami");
    const message = status === 401 ? "Unauthorized" : "Forbidden";
    expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ message })]);
    expect(functionCalls()).toBe(before);
  });

  function good2(alg: "ES256"): string {
    const key = newKey("curve", alg);
    people.published = [...people.published, key];
    return people.token({ sub: "sub-dev", scope: "sallyport" }, key);
  }

  it("lets nobody in by a signature, nor by a token where signatures are taken", async () => {
    const before = functionCalls();
    const { dev } = gateway.profiles;
    const signed = await signedFetch(gateway.api, dev, { method: "GET", path: "/web/v1/whoami" });
    expect(signed.status).toBe(401);
    expect((await withToken(good(), "GET", "/v1/whoami")).status).toBe(403);
    expect((await withToken(good(), "GET", "/web/corp/v1/whoami")).status).toBe(404);
    expect((await withToken(good(), "GET", "/web/whoami")).status).toBe(404);
    expect(functionCalls()).toBe(before);
  });

  it("leads to a session: asked, agreed to and opened by tokens alone", async () => {
    const asked = await withToken(good(), "POST", "/web/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/ls -l /srv",
      reason: "to see what is there",
    });
    expect(asked.status, asked.text).toBe(201);
    const { id, digest } = JSON.parse(asked.text);
    const lead = good({ sub: "sub-lead", groups: ["payments-leads"] });
    const agreed = await withToken(lead, "POST", `/web/v1/requests/${id}/decisions`, {
      decision: "approve",
      digest,
    });
    expect([agreed.status, JSON.parse(agreed.text).status]).toEqual([200, "approved"]);
    const opened = await withToken(good(), "POST", `/web/v1/requests/${id}/sessions`, {});
    expect(opened.status, opened.text).toBe(201);
    expect(JSON.parse(opened.text).session.tokenValue).toEqual(expect.any(String));
  });

  it("has a program ask by the door of its own issuer", async () => {
    const token = programs.token({ sub: "repo:acme/payments:ref:refs/heads/main" });
    const who = await withToken(token, "GET", "/web/ci/v1/whoami");
    expect(JSON.parse(who.text)).toMatchObject({ kind: "program", id: "bot", groups: ["bots"] });
    expect((await withToken(token, "GET", "/web/v1/whoami")).status).toBe(401);
  });

  it("gives a person on every route what the signed door gives them", async () => {
    for (const { name, method, path } of routes) {
      const concrete = path.replaceAll(/\{\w+\}/g, "0123456789abcdefghjkmnpqrs");
      const body = method === "GET" ? undefined : {};
      const { dev } = gateway.profiles;
      const said = ({ status, text }: Answer) => [name, status, JSON.parse(text).code];
      const signed = await signedFetch(gateway.api, dev, {
        method,
        path: concrete,
        ...(body === undefined ? {} : { body }),
      });
      const token = await withToken(good(), method, `/web${concrete}`, body);
      expect(said(token)).toEqual(said(signed));
      // Neither is a way round being known.
      const stranger = await withToken(good({ sub: "x" }), method, `/web${concrete}`, body);
      const isOpen = ["whoami", "health", "openapi"].includes(name);
      expect([name, stranger.status < 400]).toEqual([name, isOpen]);
    }
  });
});
