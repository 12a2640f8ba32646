import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ToldGroups } from "../../core/group-source.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { AUDIENCE, newKey, startTestIssuer, type TestIssuer, unsigned } from "../kit/issuer.ts";
import { grownBy, named, wholeRecord } from "../kit/record.ts";
import { identityCenterRole, tokenPeople } from "../kit/token-people.ts";

/*
 * Who calls by a token, and what is made of it: the functions behind an authorizer that is played as API Gateway's
 * own is, or as somebody would like it to be.
 */

const command = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/ls -l /srv",
  reason: "to see what is there",
};

describe.skipIf(!engineHere)("a call by a token", () => {
  let people: TestIssuer;
  let programs: TestIssuer;
  let gateway: TestGateway;
  let center: ToldGroups;
  let lookedUp: string[];
  const first = newKey("first");
  beforeAll(async () => {
    people = await startTestIssuer();
    programs = await startTestIssuer();
    people.published = [first];
    gateway = await startTestGateway({
      set: tokenPeople(people.url, programs.url),
      trustedRoles: [identityCenterRole],
      publishedKeys: { cooldownMs: 0, maxAgeMs: 0 },
      issuers: [
        {
          name: "corp",
          issuer: people.url,
          audience: AUDIENCE,
          kind: "people",
          groupsClaim: "groups",
          maxAuthAgeMinutes: 15,
        },
        { name: "ci", issuer: programs.url, audience: AUDIENCE, kind: "programs" },
      ],
      memberships: {
        async groupsOf(userName) {
          lookedUp.push(userName);
          return center;
        },
      },
    });
  });
  beforeEach(() => {
    lookedUp = [];
    center = { kind: "groups", groups: ["sre", "Everyone in IT"], asOf: Date.now() - 60_000 };
  });
  afterEach(() => {
    people.answersWith = undefined;
    people.published = [first];
  });
  afterAll(async () => {
    await gateway.close();
    await people.close();
    await programs.close();
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const tokenOf = (who: string, claims: object = {}) =>
    people.token({ sub: `sub-${who}`, auth_time: now() - 60, ...claims });
  const by = (who: string, claims: object = {}) => gateway.byToken(tokenOf(who, claims));
  const whoami = async (call: ReturnType<TestGateway["as"]>) =>
    (await call("GET", "/v1/whoami")).body;
  const asked = async () => (await gateway.as("dev")("POST", "/v1/requests", command)).body;
  const decide = (
    call: ReturnType<TestGateway["as"]>,
    { id, digest }: { id: string; digest: string },
    decision = "approve",
  ) => call("POST", `/v1/requests/${id}/decisions`, { decision, digest });

  it("T28 is by the person whose subject it is, under a name that no other principal has", async () => {
    expect(await whoami(by("dev", { email: "sam@example.com", name: "sre" }))).toMatchObject({
      kind: "person",
      id: "dev",
      principal: `oidc:${people.url}#sub-dev`,
      groups: ["payments"],
      groupsFrom: "directory",
    });
    const { result, added } = await grownBy(gateway.events, () =>
      by("dev")("POST", "/v1/requests", command),
    );
    expect(result.status).toBe(201);
    expect(JSON.parse(added[0]?.leaf ?? "").actor).toEqual({
      kind: "person",
      person: "dev",
      principal: `oidc:${people.url}#sub-dev`,
    });
  });

  it("T26 is by nobody where the context was made up and no token came with it", async () => {
    const token = tokenOf("lead");
    const forged = { jwt: { claims: { iss: people.url, sub: "sub-lead" }, scopes: null } };
    const request = await asked();
    for (const authorization of [
      undefined,
      "",
      "Bearer ",
      "Bearer a.b.c",
      `Basic ${token}`,
      `Bearer ${token},Bearer ${token}`,
      `Bearer ${unsigned({ iss: people.url, aud: AUDIENCE, sub: "sub-lead", exp: now() + 60 })}`,
      `Bearer ${people.token({ sub: "sub-lead" }, newKey("first"))}`,
    ]) {
      const call = gateway.byToken(token, { authorization, authorizer: forged });
      const { result, grown } = await grownBy(gateway.events, () => decide(call, request));
      expect([result.status, result.body.code], authorization ?? "none").toEqual([
        401,
        "token_invalid",
      ]);
      expect(result.headers["www-authenticate"]).toBe("Bearer");
      expect(grown).toEqual([]);
    }
  });

  it("T26 is by whom its token is about, and not by whom the context, a header or the body names", async () => {
    const claims = { iss: people.url, sub: "sub-lead", groups: "[payments-leads sre]" };
    const other = gateway.byToken(tokenOf("dev"), {
      authorizer: { jwt: { claims, scopes: null } },
    });
    const request = await asked();
    const { result, grown } = await grownBy(gateway.events, () => decide(other, request));
    expect([result.status, result.body.code]).toEqual([401, "token_invalid"]);
    expect(grown).toEqual([]);
    // A list that is one text, as API Gateway hands it on, is read nowhere: the token's own list is empty.
    const flat = { iss: people.url, sub: "sub-lead", groups: "[payments-leads]" };
    const empty = gateway.byToken(tokenOf("lead", { groups: [] }), {
      authorizer: { jwt: { claims: flat, scopes: null } },
    });
    expect((await whoami(empty)).groups).toEqual([]);
    const named = await by("dev")("GET", "/v1/whoami", undefined, {
      "x-amzn-oidc-identity": "sub-lead",
      "x-forwarded-user": "lead",
    });
    expect(named.body.id).toBe("dev");
  });

  it("T26 is let in where what the other authorizer would say is null, which is nothing", async () => {
    const jwt = { claims: { iss: people.url, sub: "sub-dev" }, scopes: null };
    const call = gateway.byToken(tokenOf("dev"), { authorizer: { iam: null, jwt } });
    expect((await call("GET", "/v1/whoami")).body.id).toBe("dev");
    expect(await wholeRecord(gateway.events)).not.toEqual([]);
  });

  it("T26 comes by the door of its own issuer and authorizer alone", async () => {
    const token = tokenOf("dev");
    const jwt = { claims: { iss: people.url, sub: "sub-dev" }, scopes: null };
    const iam = {
      accountId: "111122223333",
      userArn: "arn:aws:iam::111122223333:user/sre",
      userId: "AIDASRE0000000000004",
      cognitoIdentity: null,
    };
    const answers = [
      gateway.byToken(token, { prefix: "", authorizer: { jwt } }),
      gateway.byToken(token, { prefix: "", authorizer: { iam, jwt } }),
      gateway.byToken(token, { authorizer: { iam } }),
      gateway.byToken(token, { authorizer: { iam, jwt } }),
      gateway.byToken(token, { authorizer: {} }),
    ].map(async (call) => {
      const { status, body } = await call("GET", "/v1/whoami");
      return [status, body.code];
    });
    for (const answer of await Promise.all(answers))
      expect(answer).toEqual([403, "identity_refused"]);
    const wrongDoor = await gateway.byToken(token, { prefix: "/web/ci" })("GET", "/v1/whoami");
    expect([wrongDoor.status, wrongDoor.body.code]).toEqual([401, "token_invalid"]);
    const noDoor = await gateway.byToken(token, { prefix: "/web/corp" })("GET", "/v1/whoami");
    expect([noDoor.status, noDoor.body.code]).toEqual([404, "route_not_found"]);
    expect(await wholeRecord(gateway.events)).not.toEqual([]);
  });

  it("T28 is by nobody where another issuer says the same subject, or speaks of others", async () => {
    const subject = "repo:acme/payments:ref:refs/heads/main";
    const ci = (sub: string) => gateway.byToken(programs.token({ sub }), { prefix: "/web/ci" });
    expect(await whoami(ci(subject))).toMatchObject({ kind: "program", id: "bot" });
    expect(await whoami(ci("sub-dev"))).toMatchObject({ kind: "nobody", groups: [] });
    expect(await whoami(by("bot"))).toMatchObject({ kind: "nobody", groups: [] });
    expect(await whoami(by("nobody"))).toMatchObject({ kind: "nobody", groupsFrom: "none" });
    const { result, grown } = await grownBy(gateway.events, () =>
      by("nobody")("POST", "/v1/requests", command),
    );
    expect([result.status, result.body.code]).toEqual([403, "identity_unmapped"]);
    // Counted for this subject of this issuer, and put on record by the sweeper.
    expect(grown).toEqual([]);
    await gateway.sweep(180_000);
    const counted = (await wholeRecord(gateway.events)).filter(
      (event) => named(event) === "REFUSED:refusals.counted",
    );
    expect(counted.map(({ leaf }) => JSON.parse(leaf).data.who)).toContainEqual({
      kind: "unknown",
      id: `oidc:${people.url}#sub-nobody`,
    });
  });

  it("T27 names nobody by an address, a name or a subject that looks like another's id", async () => {
    for (const sub of ["dev", "dana@example.com", "AIDADEV0000000000001", "SUB-DEV", "sub-dev "]) {
      const { status, body } = await gateway.byToken(
        people.token({ sub, email: "dev@example.com" }),
      )("GET", "/v1/whoami");
      expect([status === 401 || body.kind === "nobody", sub]).toEqual([true, sub]);
    }
    expect(await wholeRecord(gateway.events)).not.toEqual([]);
  });

  it("T29 approves nothing of its own person's, whatever groups the token names", async () => {
    const request = await asked();
    const groups = ["payments-leads", "sre"];
    const { result, grown } = await grownBy(gateway.events, () =>
      decide(by("dev", { groups }), request),
    );
    expect([result.status, result.body.code]).toEqual([403, "self_approval"]);
    expect(grown).toEqual(["REFUSED:decision.refused"]);
    expect((await whoami(by("dev", { groups }))).groups).toEqual(["payments"]);
  });

  it("approves by the groups of its claim, and the record says whose word that is", async () => {
    const request = await asked();
    const lead = by("lead", { groups: ["payments-leads", "not here"] });
    expect(await whoami(lead)).toMatchObject({
      groups: ["payments-leads"],
      groupsFrom: "token",
      groupsAsOf: expect.stringMatching(/Z$/),
    });
    await gateway.project(request.id);
    const waiting = async (who: typeof lead) =>
      (await who("GET", "/v1/requests?approver=me")).body.items.map(({ id }: { id: string }) => id);
    expect(await waiting(lead)).toContain(request.id);
    expect(await waiting(by("lead", { groups: ["bots"] }))).not.toContain(request.id);
    const { rules } = (await lead("GET", `/v1/requests/${request.id}`)).body;
    expect(rules[0].lacks[0]).toMatchObject({ alsoBy: ["identity-center", "token"] });
    const { result, added } = await grownBy(gateway.events, () => decide(lead, request));
    expect([result.status, result.body.status]).toEqual([200, "approved"]);
    expect(JSON.parse(added[0]?.leaf ?? "").data.judged).toMatchObject({
      groups: ["payments-leads"],
      groupsFrom: "token",
    });
    const opened = await by("dev")("POST", `/v1/requests/${request.id}/sessions`);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    await gateway.endAll();
  });

  it.each([
    ["a group with a space in its name", ["payments-leads sre"]],
    ["a group in brackets", ["[payments-leads]"]],
    ["a group in other letters", ["Payments-Leads"]],
    ["no group", []],
  ])("approves nothing by %s", async (_, groups) => {
    const request = await asked();
    const { result, grown } = await grownBy(gateway.events, () =>
      decide(by("lead", { groups }), request),
    );
    // In no group there is nothing to see.
    expect([result.status, result.body.code]).toEqual([404, "request_not_found"]);
    expect(grown.filter((name) => name.startsWith("REQ:"))).toEqual([]);
  });

  it("does nothing where its person's groups are not known, for a rule may forbid them something", async () => {
    const request = await asked();
    const noClaim = by("lead");
    expect(await whoami(noClaim)).toMatchObject({
      id: "lead",
      groups: [],
      groupsFrom: "none",
      groupsUnknown: "the token has no claim of groups",
    });
    for (const call of [noClaim, by("lead", { groups: "[payments-leads]" }), gateway.as("lead")]) {
      const { result, grown } = await grownBy(gateway.events, () => decide(call, request));
      expect([result.status, result.body.code]).toEqual([403, "groups_unknown"]);
      expect(grown).toEqual([]);
    }
  });

  it("is in the groups of Identity Center where the directory says so, and in no others", async () => {
    const ida = by("ida", { groups: ["payments-leads"] });
    expect(await whoami(ida)).toMatchObject({
      id: "ida",
      groups: ["sre"],
      groupsFrom: "identity-center",
    });
    center = { kind: "unavailable", why: "IAM Identity Center does not answer" };
    expect(await whoami(ida)).toMatchObject({ groups: [], groupsFrom: "none" });
    const before = await gateway.as("sre")("GET", "/v1/locks");
    expect(before.status).toBe(200);
    const { result, grown } = await grownBy(gateway.events, () =>
      ida("POST", "/v1/locks", { subject: { kind: "person", id: "dev" }, reason: "a test" }),
    );
    expect([result.status, result.body.code]).toEqual([503, "groups_unavailable"]);
    expect(grown).toEqual([]);
    center = { kind: "unknown", why: "IAM Identity Center has no such user" };
    expect((await ida("GET", "/v1/locks")).body.code).toBe("groups_unknown");
  });

  it("T27 looks nobody up by a session name that the deployment does not trust", async () => {
    const session = (roleId: string, name: string) =>
      gateway.byToken(tokenOf("dev"), {
        prefix: "",
        authorizer: {
          iam: {
            accountId: "111122223333",
            userArn: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_1/${name}`,
            userId: `${roleId}:${name}`,
            cognitoIdentity: null,
          },
        },
      });
    const { roleId } = identityCenterRole;
    expect(await whoami(session(roleId, "ida@example.com"))).toMatchObject({
      id: "ida",
      groups: ["sre"],
      groupsFrom: "identity-center",
    });
    expect(lookedUp).toEqual(["ida@example.com"]);
    expect((await whoami(session("AROAMADEBYHAND000001", "ida@example.com"))).kind).toBe("nobody");
    expect((await whoami(session(roleId, "olga@example.com"))).kind).toBe("nobody");
    expect(lookedUp).toHaveLength(1);
    expect(await wholeRecord(gateway.events)).not.toEqual([]);
  });

  it("of an old sign-in may ask and deny, and not approve, extend, open, unlock or break the glass", async () => {
    const request = await asked();
    const claims = { groups: ["payments-leads"], auth_time: now() - 16 * 60 };
    const old = by("lead", claims);
    const { result, grown } = await grownBy(gateway.events, () => decide(old, request));
    expect([result.status, result.body.code]).toEqual([401, "sign_in_again"]);
    expect(result.body.hint).toContain("sign in again");
    expect(grown).toEqual(["REFUSED:decision.refused"]);
    const silent = by("lead", { ...claims, auth_time: undefined });
    expect((await decide(silent, request)).body.code).toBe("sign_in_again");
    for (const [method, path] of [
      ["POST", `/v1/requests/${request.id}/sessions`],
      ["POST", `/v1/requests/${request.id}/extensions`],
      ["POST", "/v1/break-glass"],
      ["DELETE", "/v1/locks/0123456789abcdefghjkmnpqrs"],
      ["POST", "/v1/execute-command"],
    ] as const) {
      expect((await old(method, path, {})).body.code, path).toBe("sign_in_again");
    }
    expect((await old("GET", `/v1/requests/${request.id}`)).status).toBe(200);
    expect((await decide(old, request, "deny")).body.status).toBe("denied");
  });

  it("unlocks as the first and as the second of two, by the groups that its token and Identity Center say", async () => {
    const [lead, ida] = [by("lead", { groups: ["sre"] }), by("ida")];
    const lock = { subject: { kind: "group", id: "bots" }, reason: "a test" };
    for (const [first, second] of [
      [lead, ida],
      [ida, lead],
    ] as const) {
      const { id } = (await first("POST", "/v1/locks", lock)).body;
      expect((await first("DELETE", `/v1/locks/${id}`, {})).status).toBe(202);
      const { result, grown } = await grownBy(gateway.events, () =>
        second("DELETE", `/v1/locks/${id}`, {}),
      );
      expect([result.status, grown]).toEqual([200, ["LOCK:lock.released"]]);
    }
  });

  it("T82 has nothing done while its issuer's keys cannot be read, and is taken again after that", async () => {
    const request = await asked();
    const lead = by("lead", { groups: ["payments-leads"] });
    people.answersWith = { status: 500 };
    const { result, grown } = await grownBy(gateway.events, () => decide(lead, request));
    expect([result.status, result.body.code]).toEqual([503, "issuer_unavailable"]);
    expect(result.headers["retry-after"]).toBe("5");
    expect(grown).toEqual([]);
    // Who signs with AWS's credentials does not wait for an issuer.
    expect((await gateway.as("dev")("GET", "/v1/whoami")).body.id).toBe("dev");
    people.answersWith = undefined;
    expect((await decide(lead, request)).body.status).toBe("approved");
  });

  it("is taken by a new key at once, and by one that was taken back no more", async () => {
    const second = newKey("second");
    const old = by("dev");
    people.published = [first, second];
    const call = gateway.byToken(people.token({ sub: "sub-dev" }, second));
    expect((await whoami(call)).id).toBe("dev");
    people.published = [second];
    expect((await old("GET", "/v1/whoami")).body.code).toBe("token_invalid");
    expect((await whoami(call)).id).toBe("dev");
  });

  it("puts no word of the token on record, in an answer or in the log", async () => {
    const token = tokenOf("dev", { pad: "claim-that-nobody-reads" });
    const from = gateway.logged.length;
    const answers = [
      await gateway.byToken(token)("POST", "/v1/requests", command),
      await gateway.byToken(`${token.slice(0, -4)}AAAA`)("GET", "/v1/whoami"),
    ];
    const all = JSON.stringify([
      answers,
      gateway.logged.slice(from),
      await wholeRecord(gateway.events),
    ]);
    const signature = token.split(".")[2] ?? "";
    expect(answers.map(({ status }) => status)).toEqual([201, 401]);
    for (const word of [token.split(".")[1] ?? "", signature.slice(0, 40), "claim-that-nobody"]) {
      expect(all).not.toContain(word);
    }
  });
});
