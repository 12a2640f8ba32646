import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utcDay } from "../../core/clock.ts";
import type { Fault } from "../../emulator/faults.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

/** 96 bytes is what the emulator draws for a token, and for nothing else: so each is known beforehand. */
const TOKEN_BYTES = 96;
const planted = Buffer.alloc(TOKEN_BYTES, "planted-token-8e21c7");
const token = planted.toString("base64url");
/** As it is, and as what somebody would make of it on the way into a log or a table. */
const spellings = [
  token,
  planted.toString("utf8"),
  planted.toString("base64"),
  planted.toString("hex"),
  Buffer.from(token).toString("base64").slice(0, 120),
  encodeURIComponent(token),
];

const faults: [string, Fault][] = [
  ["ServerException", { kind: "error", code: "ServerException", status: 500 }],
  ["a bare 503", { kind: "status", status: 503 }],
  ["a reset", { kind: "reset" }],
  ["a hang", { kind: "hang" }],
  ["an applied reset", { kind: "applied-then-reset" }],
  ["an applied hang", { kind: "applied-then-hang" }],
  ["another container", { kind: "lie", merge: { containerName: "envoy" } }],
  ["another task", { kind: "lie", merge: { taskArn: "arn:aws:ecs:us-east-1:1:task/demo/0" } }],
  ["no url", { kind: "lie", merge: { session: { streamUrl: "" } } }],
  ["no session id", { kind: "lie", merge: { session: { sessionId: null } } }],
  ["AccessDeniedException", { kind: "error", code: "AccessDeniedException", status: 400 }],
  ["ClientException", { kind: "error", code: "ClientException", status: 400 }],
  ["ClusterNotFoundException", { kind: "error", code: "ClusterNotFoundException", status: 400 }],
  ["InvalidParameterException", { kind: "error", code: "InvalidParameterException", status: 400 }],
  [
    "TargetNotConnectedException",
    { kind: "error", code: "TargetNotConnectedException", status: 400 },
  ],
  ["ThrottlingException", { kind: "error", code: "ThrottlingException", status: 400 }],
  ["ExpiredTokenException", { kind: "error", code: "ExpiredTokenException", status: 400 }],
];

describe.skipIf(!engineHere)("a session's token", () => {
  let gateway: TestGateway;
  let failing: "nothing" | "outcome" | "everything" = "nothing";
  const answers: string[] = [];
  const said: string[] = [];
  const undo: (() => void)[] = [];
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-no-token-"));
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream);
      stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
        said.push(Buffer.from(chunk as Uint8Array).toString("utf8"));
        return write(chunk, ...rest);
      }) as typeof stream.write;
      undo.push(() => void (stream.write = write));
    }
    gateway = await startTestGateway({
      random: (n) => (n === TOKEN_BYTES ? planted : randomBytes(n)),
      wrapEvents: (events) => ({
        ...events,
        append: async (entries, fences) => {
          const outcome = entries.some((entry) => entry.leaf.includes('"session.opened"'));
          if (failing === "outcome" && outcome) throw new Error("the record is gone");
          if (failing === "everything") throw new Error("the record is gone");
          return await events.append(entries, fences);
        },
      }),
    });
    gateway.remainingMs = 9_500;
  });
  afterAll(async () => {
    for (const restore of undo) restore();
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(
    ...[who, method, path, body]: [
      Parameters<TestGateway["as"]>[0],
      "GET" | "POST",
      string,
      unknown?,
    ]
  ) {
    const answer = await gateway.as(who)(method, path, body);
    answers.push(JSON.stringify([answer.body, answer.headers]));
    return answer;
  }

  async function asked(): Promise<string> {
    const answer = await call("dev", "POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "checking the clock",
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.id;
  }

  /** Every place where it might have been left, by name. */
  async function places(): Promise<[string, string][]> {
    const found: [string, string][] = [
      ["log", gateway.logged.join("\n")],
      ["output", said.join("")],
      ["answers", answers.join("\n")],
    ];
    for (const TableName of ["events", "views"]) {
      let start: Record<string, never> | undefined;
      do {
        const page = await gateway.dynamodb.send(
          new ScanCommand({
            TableName,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        found.push([`table ${TableName}`, JSON.stringify(page.Items)]);
        start = page.LastEvaluatedKey as typeof start;
      } while (start !== undefined);
    }
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      for (const file of ["cmdline"]) {
        try {
          found.push([`argv of ${pid}`, readFileSync(`/proc/${pid}/${file}`, "utf8")]);
        } catch {
          // It has ended, or is another user's.
        }
      }
    }
    for (const [name, path] of files(folder))
      found.push([`file ${name}`, readFileSync(path, "utf8")]);
    return found;
  }

  /** Files of this run: our own folder, and those of the containers. */
  function files(root: string): [string, string][] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, join(entry.parentPath, entry.name)]);
  }

  async function foundIn(): Promise<string[]> {
    const hits = (await places()).filter(([, text]) => spellings.some((s) => text.includes(s)));
    return [...new Set(hits.map(([name]) => name))];
  }

  it("is the one the emulator hands out, and reaches the requester of an open alone", async () => {
    const id = await asked();
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect([opened.status, opened.body.session.tokenValue]).toEqual([201, token]);
    expect(opened.headers["cache-control"]).toBe("no-store");
    await gateway.project(id);
    // A second open, and every way to read what was opened.
    const again = await call("dev", "POST", `/v1/requests/${id}/sessions`);
    expect(again.body.code).toBe("session_already_opened");
    for (const who of ["dev", "sre", "auditor", "stranger"] as const) {
      for (const path of ["", "/events"]) await call(who, "GET", `/v1/requests/${id}${path}`);
      await call(who, "GET", "/v1/requests");
      await call(who, "GET", "/v1/sessions");
      await call(who, "GET", `/v1/sessions/${opened.body.session.sessionId}`);
      await call(who, "GET", `/v1/events?day=${utcDay(Date.now())}`);
    }
    await call("sre", "POST", `/v1/requests/${id}/revoke`, { comment: "enough" });
  });

  it.each(faults)("is kept back when ECS answers with %s", async (_, fault) => {
    const id = await asked();
    gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
    const answer = await call("dev", "POST", `/v1/requests/${id}/sessions`);
    gateway.emulator.clearFaults();
    expect(answer.status, JSON.stringify(answer.body)).toBeGreaterThanOrEqual(400);
    await call("dev", "POST", `/v1/requests/${id}/cancel`, {});
  });

  it("is kept back when AWS fails before ExecuteCommand, or when its session is to be ended", async () => {
    for (const operation of ["AssumeRole", "DescribeTasks", "TerminateSession"]) {
      const id = await asked();
      // Every time: what only reads is tried again.
      gateway.emulator.fault({ operation }, { kind: "status", status: 500 });
      if (operation === "TerminateSession") {
        gateway.emulator.fault(
          { operation: "ExecuteCommand", times: 1 },
          { kind: "lie", merge: { containerName: "envoy" } },
        );
      }
      const answer = await call("dev", "POST", `/v1/requests/${id}/sessions`);
      expect(answer.status, operation).toBeGreaterThanOrEqual(400);
      gateway.emulator.clearFaults();
    }
  });

  it.each(["outcome", "everything"] as const)(
    "is kept back when the record takes %s no more",
    async (which) => {
      const id = await asked();
      failing = which;
      const answer = await call("dev", "POST", `/v1/requests/${id}/sessions`);
      failing = "nothing";
      expect(answer.status).toBe(500);
    },
  );

  it("is then in no table, log line, answer, argv or file", async () => {
    expect(gateway.logged.length).toBeGreaterThan(20);
    expect(await foundIn()).toEqual([]);
  });

  it("would have been found: logged once, stored once, answered, on an argv and in a file", async () => {
    gateway.logged.push(JSON.stringify({ message: "call", fields: { note: `t=${token}` } }));
    await gateway.dynamodb.send(
      new PutItemCommand({
        TableName: "events",
        Item: { pk: { S: "LEAK" }, sk: { S: "1" }, opened: { M: { leaf: { S: `"${token}"` } } } },
      }),
    );
    answers.push(JSON.stringify({ detail: planted.toString("hex") }));
    writeFileSync(join(folder, "left.txt"), planted.toString("base64"));
    const child = spawn("/bin/sh", ["-c", "read _; exit 0", token], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    await new Promise((running) => child.once("spawn", running));
    try {
      expect((await foundIn()).toSorted()).toEqual(
        ["answers", `argv of ${child.pid}`, "file left.txt", "log", "table events"].toSorted(),
      );
    } finally {
      child.stdin.end("\n");
    }
  });
});
