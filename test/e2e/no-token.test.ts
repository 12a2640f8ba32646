import { spawn } from "node:child_process";
import { Console } from "node:console";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { utcDay } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import { readEvent } from "../../core/event.ts";
import type { Fault } from "../../emulator/faults.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { type ArgvWatch, watchArgv } from "../kit/argv-watch.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { looked } from "../kit/looks.ts";
import { wholeRecord } from "../kit/record.ts";
import { TOKEN_BYTES, tokenSearch } from "../kit/token-search.ts";
import { runCli } from "../kit/transcript.ts";

/** What the emulator draws for every token, so that each is known beforehand. */
const planted = randomBytes(TOKEN_BYTES);
const token = planted.toString("base64url");
const holdsToken = tokenSearch([token]);
const random = (n: number): Uint8Array => (n === TOKEN_BYTES ? planted : randomBytes(n));
const root = fileURLToPath(new URL("../..", import.meta.url));

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

/** Files below a folder, with where they lie in it. */
function files(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path), path]);
}

/**
 * Files elsewhere that whoever is careless would write to: beside the sources, and directly in the machine's
 * folder for what is temporary.
 */
function strayFiles(machinesTmp: string, since: number): [string, string][] {
  const beside = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(node_modules|\.git|\.tsbuild)$/.test(entry.name))
    .flatMap((entry) => files(join(root, entry.name)));
  const directly = [root, machinesTmp].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, string] => [entry.name, join(folder, entry.name)]),
  );
  return [...beside, ...directly].filter(([, path]) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && stat.mtimeMs >= since && stat.uid === process.getuid?.();
  });
}

/** Empty where it has gone meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

describe.skipIf(!engineHere)("a session's token", () => {
  let gateway: TestGateway;
  let local: LocalGateway;
  let argv: ArgvWatch;
  let failing: "nothing" | "outcome" | "everything" = "nothing";
  let wishes = 0;
  const answers: string[] = [];
  const said: string[] = [];
  const typed: string[] = [];
  const onArgv: string[] = [];
  const undo: (() => void)[] = [];
  const began = Date.now();
  const machinesTmp = tmpdir();
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-no-token-"));
    // Whatever is written to the home or to a folder for what is temporary is written where it is found.
    for (const [name, value] of [
      ["HOME", join(folder, "home")],
      ["TMPDIR", join(folder, "tmp")],
    ] as const) {
      const before = process.env[name];
      mkdirSync(value);
      process.env[name] = value;
      undo.push(() => {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      });
    }
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream);
      stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
        const text = Buffer.from(chunk as Uint8Array).toString("utf8");
        said.push(text);
        return holdsToken(text) || write(chunk, ...rest);
      }) as typeof stream.write;
      undo.push(() => void (stream.write = write));
    }
    // The runner keeps a console of its own, which writes to neither.
    const runners = globalThis.console;
    globalThis.console = new Console(process.stdout, process.stderr);
    undo.push(() => void (globalThis.console = runners));
    argv = await watchArgv();
    gateway = await startTestGateway({
      random,
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
    local = await startLocalGateway({ port: 0, stateDir: join(folder, "state"), random });
  });
  afterEach(() => gateway.endAll());
  afterAll(async () => {
    for (const restore of undo) restore();
    await local?.close();
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

  const wish = () => ({ command: "/bin/date", reason: `checking the clock, ${++wishes}` });

  async function asked(): Promise<string> {
    const answer = await call("dev", "POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      ...wish(),
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.id;
  }

  function inAwsShape() {
    const demo = gateway.emulator.fleet.clusters.find(({ name }) => name === "demo");
    const task = demo?.tasks.find(({ service }) => service === "payments-api")?.id;
    return { cluster: "demo", task, container: "app", interactive: true, ...wish() };
  }

  /** Both calls that may answer with a token, with a wish of its own each time. */
  const ways: [string, () => Promise<[string, unknown]>][] = [
    [
      "POST /v1/requests/{id}/sessions",
      async () => [`/v1/requests/${await asked()}/sessions`, undefined],
    ],
    ["POST /v1/execute-command", async () => ["/v1/execute-command", inAwsShape()]],
  ];

  /** Every place where it might have been left, by name. */
  async function places(): Promise<[string, string][]> {
    const found: [string, string][] = [
      ["log", gateway.logged.join("\n")],
      ["output", said.join("")],
      ["answers", answers.join("\n")],
      ["what the command line printed", typed.join("\n")],
      ["argv", onArgv.join("\n")],
    ];
    looked("record");
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
    for (const [name, path] of [...files(folder), ...strayFiles(machinesTmp, began)]) {
      found.push([`file ${name}`, textOf(path)]);
    }
    return found;
  }

  async function foundIn(): Promise<string[]> {
    const hits = (await places()).filter(([, text]) => holdsToken(text));
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

  it("T51 is answered once in AWS's own shape too, and not to whoever repeats the call", async () => {
    const executed = () =>
      gateway.emulator.calls.filter(({ operation }) => operation === "ExecuteCommand");
    const before = executed().length;
    const body = inAwsShape();
    const opened = await gateway.as("dev")("POST", "/v1/execute-command", body);
    expect([opened.status, opened.body.session?.tokenValue]).toEqual([200, token]);
    expect(opened.headers["cache-control"]).toBe("no-store");
    const again = await call("dev", "POST", "/v1/execute-command", body);
    expect(again.body.code).toBe("session_already_opened");
    // One command for both calls, and on record that its session was handed over, once.
    const { sessionId } = opened.body.session;
    expect(executed().slice(before)).toMatchObject([{ sessionId, status: 200 }]);
    const handedOver = (await wholeRecord(gateway.events))
      .map(readEvent)
      .filter((event) => event.kind === "session.opened" && event.data.sessionId === sessionId);
    expect(handedOver).toMatchObject([{ data: { delivered: true } }]);
  });

  describe.each(ways)("asked for by %s", (_, way) => {
    it.each(faults)("is kept back when ECS answers with %s", async (__, fault) => {
      const [path, body] = await way();
      gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
      const answer = await call("dev", "POST", path, body);
      gateway.emulator.clearFaults();
      expect(answer.status, JSON.stringify(answer.body)).toBeGreaterThanOrEqual(400);
    });

    it("is kept back when AWS fails before ExecuteCommand, or when its session is to be ended", async () => {
      for (const operation of ["AssumeRole", "DescribeTasks", "TerminateSession"]) {
        const [path, body] = await way();
        // Every time: what only reads is tried again.
        gateway.emulator.fault({ operation }, { kind: "status", status: 500 });
        if (operation === "TerminateSession") {
          gateway.emulator.fault(
            { operation: "ExecuteCommand", times: 1 },
            { kind: "lie", merge: { containerName: "envoy" } },
          );
        }
        const answer = await call("dev", "POST", path, body);
        expect(answer.status, operation).toBeGreaterThanOrEqual(400);
        gateway.emulator.clearFaults();
      }
    });

    it.each(["outcome", "everything"] as const)(
      "is kept back when the record takes %s no more",
      async (which) => {
        const [path, body] = await way();
        failing = which;
        const answer = await call("dev", "POST", path, body);
        failing = "nothing";
        expect(answer.status).toBe(500);
      },
    );
  });

  /** `sallyport exec` as dev, as a process of its own, with what it prints kept. */
  async function exec(...flags: string[]): Promise<number | null> {
    const ran = await runCli(
      ["--as", "dev", "--state", local.stateDir, "exec", "demo/payments-api:app"].concat(
        ["--reason", `what time it is, ${++wishes}`],
        flags,
        ["--", "/bin/date"],
      ),
    );
    typed.push(ran.stdout, ran.stderr);
    return ran.code;
  }

  it("is kept to itself by the command line, which uses it", async () => {
    expect(await exec()).toBe(0);
    expect(await exec("--json")).toBe(0);
    const opened = local.emulatorHandle.calls.filter((one) => one.operation === "OpenDataChannel");
    expect(opened.map((one) => one.status)).toEqual([101, 101]);
  });

  it.each<[string, number, Fault]>([
    [
      "nobody answers at its url",
      1,
      { kind: "lie", merge: { session: { streamUrl: "ws://127.0.0.1:9/" } } },
    ],
    ["its url is none", 1, { kind: "lie", merge: { session: { streamUrl: "no url" } } }],
    ["ECS opened something else", 1, { kind: "lie", merge: { containerName: "envoy" } }],
    ["the answer is lost", 125, { kind: "applied-then-reset" }],
  ])("is kept to itself by the command line when %s", async (_, code, fault) => {
    local.emulatorHandle.fault({ operation: "ExecuteCommand", times: 1 }, fault);
    expect(await exec(), typed.at(-1)).toBe(code);
    local.emulatorHandle.clearFaults();
  });

  it("T50 is then in no table, log line, answer, output, argv or file", async () => {
    onArgv.push(...(await argv.stop()));
    expect(onArgv.join("\n")).toContain("exec demo/payments-api:app");
    expect(gateway.logged.length).toBeGreaterThan(20);
    expect(textOf(join(local.stateDir, "gateway.log")).split("\n").length).toBeGreaterThan(10);
    expect(typed.join("\n")).toContain("ecs-execute-command-");
    expect(await foundIn()).toEqual([]);
  });

  it("would have been found: a part of it, or another spelling, in each of them", async () => {
    gateway.logged.push(JSON.stringify({ message: "call", code: `t=${token.slice(0, 120)}` }));
    await gateway.dynamodb.send(
      new PutItemCommand({
        TableName: "events",
        Item: { pk: { S: "LEAK" }, sk: { S: "1" }, opened: { M: { leaf: { S: `"${token}"` } } } },
      }),
    );
    answers.push(JSON.stringify({ detail: planted.toString("hex") }));
    typed.push(Buffer.from(`the token ${token}.`).toString("base64"));
    console.log(token.slice(44, 84));
    writeFileSync(join(tmpdir(), "left.txt"), planted.toString("base64"));
    await local.functionPorts.decide.events.putText(sha256Hex(token), token);
    const watch = await watchArgv();
    const child = spawn("/bin/sh", ["-c", "sleep 0.1", token]);
    await new Promise((ended) => child.once("close", ended));
    onArgv.push(...(await watch.stop()));
    const found = await foundIn();
    expect(found).toEqual(
      expect.arrayContaining(
        ["answers", "argv", "file tmp/left.txt", "log", "output", "table events"].concat(
          "what the command line printed",
        ),
      ),
    );
    expect(found.some((name) => name.startsWith("file state/record.db"))).toBe(true);
  });
});
