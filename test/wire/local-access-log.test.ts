import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { HttpFunction } from "../../lambdas/chain/http-function.ts";
import { type LocalAccessLog, openAccessLog } from "../../local/access-log.ts";
import { startFrontDoor } from "../../local/front-door.ts";
import { signedFetch } from "../kit/signed-fetch.ts";

/*
 * What is written of calls here, by which the watcher compares decisions: as API Gateway writes it (lib/front-door.ts).
 */

let folder: string;
let log: LocalAccessLog;
const broken = (error: unknown): never => {
  throw error;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-lines-"));
  log = openAccessLog(join(folder, "access.log"), Date.now(), broken);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = (): { [member: string]: unknown }[] =>
  log.between(0, Date.now()).map(({ message }) => JSON.parse(message));

it("says of a call by a token its issuer and its subject, and a dash for what it has not got", () => {
  log.write(Date.now(), {
    requestId: "one",
    route: "GET /web/v1/whoami",
    path: "/web/v1/whoami",
    status: 200,
    authorizer: {
      jwt: { claims: { iss: "https://login.example.com", sub: "00u1" }, scopes: null },
    },
  });
  expect(written()).toMatchObject([
    {
      issuer: "https://login.example.com",
      subject: "00u1",
      account: "-",
      caller: "-",
      callerArn: "-",
    },
  ]);
});

it("says what each call was answered: refused, failed, or too late; and nothing of what came to no function", async () => {
  const keys = { accessKeyId: "AKIAKEY", secretAccessKey: "a secret" };
  const userArn = "arn:aws:iam::111122223333:user/dev";
  const who = { accessKeyId: keys.accessKeyId, account: "111122223333", userArn, userId: "AIDA1" };
  const refused: HttpFunction = async () => ({ statusCode: 409, body: "{}" });
  const failed: HttpFunction = async () => {
    throw new Error("no");
  };
  const late: HttpFunction = () => new Promise(() => undefined);
  const door = await startFrontDoor({
    port: 0,
    region: "us-east-1",
    functions: { requests: refused, decide: failed, exec: late },
    secretOf: (id) => (id === keys.accessKeyId ? keys : undefined),
    callerOf: () => who,
    random: (n) => new Uint8Array(n),
    now: () => Date.now(),
    log: { info: () => undefined, error: () => undefined },
    access: (at, call) => log.write(at, call),
    integrationTimeoutMs: 200,
  });
  try {
    const call = (path: string, as = keys) =>
      signedFetch(`http://127.0.0.1:${door.port}`, as, { method: "POST", path, body: {} });
    const paths = ["/v1/requests", "/v1/locks", "/v1/requests/some-id/sessions"];
    const answers: number[] = [];
    for (const path of paths) answers.push((await call(path)).status);
    await call("/v1/requests", { ...keys, secretAccessKey: "another" });
    await call("/v1/nothing");
    expect(answers).toEqual([409, 500, 503]);
    const by = { account: who.account, caller: who.userId, callerArn: userArn, issuer: "-" };
    expect(written()).toMatchObject(
      paths.map((path, i) => ({ path, status: answers[i], subject: "-", ...by })),
    );
    expect(written().map(({ route }) => route)).toEqual([
      "POST /v1/requests",
      "POST /v1/locks",
      "POST /v1/requests/{id}/sessions",
    ]);
  } finally {
    await door.close();
  }
});
