import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utcDay } from "../../core/clock.ts";
import { parseDirectory } from "../../core/directory-text.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { userNames, users } from "../../local/identities.ts";
import { processesWith } from "../kit/processes.ts";
import { type Answer, plainFetch, type SignedCall, signedFetch } from "../kit/signed-fetch.ts";

/*
 * The local gateway's door on real sockets, with requests signed by AWS's own signer and then spoiled.
 */

let stateDir: string;
let gateway: LocalGateway;

beforeAll(async () => {
  stateDir = join(mkdtempSync(join(tmpdir(), "sallyport-door-")), "state");
  gateway = await startLocalGateway({ port: 0, stateDir });
});

afterAll(async () => {
  await gateway.close();
  rmSync(join(stateDir, ".."), { recursive: true, force: true });
});

const ask: SignedCall = {
  method: "POST",
  path: "/v1/requests",
  body: {
    target: { cluster: "demo", service: "payments-api", container: "app" },
    command: "/bin/sh",
    reason: "look at the load",
  },
};

/** Everything on record, by the days it can have been written on. */
async function onRecord(): Promise<number> {
  const now = Date.now();
  const days = new Set([utcDay(now), utcDay(now - 60_000)]);
  let count = 0;
  for (const day of days) {
    let cursor: string | undefined;
    do {
      const page = await gateway.functionPorts.decide.events.day(day, cursor);
      count += page.events.length;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
  return count;
}

/** Refused as API Gateway does, before any function was asked. */
function expectForbidden(answer: Answer): void {
  expect(answer.status).toBe(403);
  expect(answer.text).toBe('{"message":"Forbidden"}');
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(answer.headers["apigw-requestid"]).toMatch(/^[\w-]{16}$/);
}

function functionCalls(): number {
  return readFileSync(join(stateDir, "gateway.log"), "utf8").split('"message":"call"').length - 1;
}

const wrong = "x".repeat(40);
const spoiled: [string, () => Promise<Answer>][] = [
  [
    "a wrong secret",
    () => signedFetch(gateway.api, { ...gateway.profiles.dev, secretAccessKey: wrong }, ask),
  ],
  [
    "a key nobody has",
    () => signedFetch(gateway.api, { ...gateway.profiles.dev, accessKeyId: "AKIANOBODY" }, ask),
  ],
  [
    "another user's secret",
    () => {
      const { accessKeyId } = gateway.profiles.lead;
      return signedFetch(gateway.api, { ...gateway.profiles.dev, accessKeyId }, ask);
    },
  ],
  ["no signature", () => plainFetch(gateway.api, ask)],
  ["a date six minutes ago", () => asDev({ signedAt: new Date(Date.now() - 360_000) })],
  ["a date six minutes ahead", () => asDev({ signedAt: new Date(Date.now() + 360_000) })],
  [
    "a body changed after signing",
    () => asDev({ tamper: { body: JSON.stringify(ask.body).replace("/bin/sh", "/bin/su") } }),
  ],
  ["a path changed after signing", () => asDev({ tamper: { path: "/v1/activations" } })],
  ["a query added after signing", () => asDev({ tamper: { path: "/v1/requests?x=1" } })],
  ["a host that is not signed", () => asDev({ unsigned: ["host"] })],
  [
    "an x-amz header that is not signed",
    () => asDev({ tamper: { headers: { "x-amz-meta": "1" } } }),
  ],
  ["another service", () => asDev({ service: "sts" })],
  ["another region", () => asDev({ region: "eu-west-1" })],
  ["a signed, foreign Host", () => asDev({ headers: { host: "rebound.example:80" } })],
  ["the Host of another port", () => asDev({ headers: { host: "127.0.0.1:1" } })],
  ["an Origin", () => asDev({ headers: { origin: "https://page.example" } })],
  ["its own Origin", () => asDev({ headers: { origin: gateway.api } })],
];

function asDev(change: Partial<SignedCall>): Promise<Answer> {
  return signedFetch(gateway.api, gateway.profiles.dev, { ...ask, ...change });
}

describe("the local front door", () => {
  it.each(spoiled)(
    "refuses %s in API Gateway's form and puts nothing on record",
    async (_, send) => {
      const before = { events: await onRecord(), calls: functionCalls() };
      expectForbidden(await send());
      expect({ events: await onRecord(), calls: functionCalls() }).toEqual(before);
    },
  );

  it("lets a right signature ask, as the person whose key it is", async () => {
    const before = await onRecord();
    const answer = await asDev({});
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ status: "pending", requester: { person: "dev" } });
    expect(await onRecord()).toBe(before + 1);
  });

  it("knows each key's owner, two identities of one person included", async () => {
    const whoIs = async (name: (typeof userNames)[number]): Promise<unknown> =>
      (
        await signedFetch(gateway.api, gateway.profiles[name], {
          method: "GET",
          path: "/v1/whoami",
        })
      ).json;
    for (const name of userNames) {
      const id = name === "dev2" ? "dev" : name;
      expect(await whoIs(name)).toMatchObject({
        id,
        principal: `111122223333:${users[name]}`,
      });
    }
    expect(await whoIs("bot")).toMatchObject({ kind: "program" });
  });

  it("takes localhost for its name, and a signed query in any order", async () => {
    const { port } = new URL(gateway.api);
    const call: SignedCall = { method: "GET", path: "/v1/requests?status=pending&requester=dev" };
    const answer = await signedFetch(gateway.api, gateway.profiles.dev, {
      ...call,
      headers: { host: `localhost:${port}` },
    });
    expect(answer.status).toBe(200);
  });

  it("has no other route, and says so before it looks at a signature", async () => {
    for (const call of [
      { method: "GET", path: "/" },
      { method: "POST", path: "/v1/whoami" },
      { method: "GET", path: "/v1/requests/" },
    ] as const) {
      const answer = await plainFetch(gateway.api, call);
      expect([answer.status, answer.text]).toEqual([404, '{"message":"Not Found"}']);
    }
  });

  it("refuses a body beyond API Gateway's limit without reading it", async () => {
    const before = await onRecord();
    const answer = await plainFetch(gateway.api, {
      ...ask,
      body: undefined,
      headers: { "content-length": "10485761" },
    });
    expect(answer).toMatchObject({ status: 413, text: '{"message":"Request Entity Too Large"}' });
    expect(await onRecord()).toBe(before);
  });

  it("answers what the gateway itself refuses in the gateway's form, not in API Gateway's", async () => {
    const answer = await signedFetch(gateway.api, gateway.profiles.stranger, ask);
    expect(answer.status).toBe(404);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("lists what was asked once the lists have caught up", async () => {
    const asked = (await asDev({})).json as { id: string; seq: number };
    const path = `/v1/requests?requester=dev&atLeast=${asked.id}:${asked.seq}`;
    const { json } = await signedFetch(gateway.api, gateway.profiles.dev, { method: "GET", path });
    expect((json as { items: { id: string }[] }).items.map(({ id }) => id)).toContain(asked.id);
    expect(json).not.toHaveProperty("stale");
  });
});

describe("the state's folder", () => {
  it("is for nobody but its owner, keys and record included", () => {
    const mode = (name: string): string =>
      (statSync(join(stateDir, name)).mode & 0o777).toString(8);
    expect(mode(".")).toBe("700");
    for (const file of ["credentials", "endpoint.json", "gateway.log"]) {
      expect([file, mode(file)]).toEqual([file, "600"]);
    }
  });

  it("says where everything answers but the tables, and no secret stands in the log", () => {
    const endpoint = JSON.parse(readFileSync(join(stateDir, "endpoint.json"), "utf8")) as object;
    expect(endpoint).toEqual({
      api: gateway.api,
      emulator: gateway.emulator,
      gateway: gateway.gateway,
      region: "us-east-1",
      pid: process.pid,
    });
    const log = readFileSync(join(stateDir, "gateway.log"), "utf8");
    for (const { secretAccessKey } of Object.values(gateway.profiles)) {
      expect(log).not.toContain(secretAccessKey);
    }
    expect(log).not.toContain("look at the load");
  });

  it("is used by one gateway at a time", async () => {
    await expect(startLocalGateway({ port: 0, stateDir })).rejects.toThrow(
      `a gateway runs in ${stateDir} already (pid ${process.pid})`,
    );
    expect((await asDev({ method: "GET", path: "/v1/whoami", body: undefined })).status).toBe(200);
  });

  it("keeps keys and record, and leaves the rules in force as they are", async () => {
    const profiles = structuredClone(gateway.profiles);
    const before = await onRecord();
    await gateway.close();
    expect(() => statSync(join(stateDir, "endpoint.json"))).toThrow("ENOENT");
    gateway = await startLocalGateway({ port: 0, stateDir });
    expect(gateway.profiles).toEqual(profiles);
    expect(gateway.rules).toBe("same");
    expect(await onRecord()).toBe(before);
  });

  it("has keys for whoever was not in it yet, and keeps the others'", async () => {
    const { admin, ...others } = structuredClone(gateway.profiles);
    await gateway.close();
    const file = join(stateDir, "credentials");
    const written = readFileSync(file, "utf8");
    writeFileSync(file, written.slice(0, written.indexOf("[admin]")));
    gateway = await startLocalGateway({ port: 0, stateDir });
    expect(gateway.profiles).toMatchObject(others);
    expect(gateway.profiles.admin.accessKeyId).not.toBe(admin.accessKeyId);
    expect(readFileSync(file, "utf8")).toContain(gateway.profiles.admin.secretAccessKey);
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  it("says which port is taken, and leaves nothing running", async () => {
    const other = join(stateDir, "..", "other");
    const { port } = new URL(gateway.api);
    await expect(startLocalGateway({ port: Number(port), stateDir: other })).rejects.toThrow(
      /port \d+ is in use; choose three others with --port N/,
    );
    expect(() => statSync(join(other, "endpoint.json"))).toThrow("ENOENT");
    expect(processesWith(other)).toEqual([]);
  });
});

describe("the local users", () => {
  it("are those of the directory that is put in force", () => {
    const folder = new URL("../../policies/directory.json", import.meta.url);
    const parsed = parseDirectory(readFileSync(folder, "utf8"));
    if (parsed.kind !== "directory") throw new Error("the directory cannot be read");
    const { persons, programs } = parsed.directory;
    const known = [...persons, ...programs].flatMap(({ principals }) =>
      principals.map((ref) => ("uniqueId" in ref ? ref.uniqueId : "")),
    );
    expect(Object.values(users).toSorted()).toEqual(known.toSorted());
  });
});
