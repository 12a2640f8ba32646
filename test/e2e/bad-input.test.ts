import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy } from "../kit/record.ts";

const target = { cluster: "demo", service: "payments-api", container: "app" };
const wish = { target, command: "/bin/uname -r", reason: "which kernel" };
const text = JSON.stringify(wish);
const asks = "/v1/requests";
const task = "0".repeat(32);

type Bad = [
  what: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  /** Pointers of the issues. */
  pointers: string[],
  headers?: { [name: string]: string },
];

const bad: Bad[] = [
  ["an unknown member", asks, { ...wish, status: "approved" }, 400, "body_invalid", ["/"]],
  [
    "an unknown member within another",
    asks,
    { ...wish, target: { ...target, host: "x" } },
    400,
    "body_invalid",
    ["/target"],
  ],
  [
    "a number where a text belongs",
    asks,
    { ...wish, command: 7 },
    400,
    "command_invalid",
    ["/command"],
  ],
  [
    "a text where a number belongs",
    asks,
    { ...wish, durationMinutes: "5" },
    400,
    "body_invalid",
    ["/durationMinutes"],
  ],
  ["a list where an object belongs", asks, [wish], 400, "body_invalid", ["/"]],
  ["null for a member", asks, { ...wish, ticket: null }, 400, "body_invalid", ["/ticket"]],
  ["no reason", asks, { target, command: "/bin/date" }, 400, "body_invalid", ["/reason"]],
  [
    "a command of more than 8 KiB",
    asks,
    { ...wish, command: `/bin/echo ${"x".repeat(8192)}` },
    400,
    "command_invalid",
    ["/command"],
  ],
  [
    "a command of more than 8 KiB in bytes",
    asks,
    { ...wish, command: `/bin/echo ${"é".repeat(4096)}` },
    400,
    "command_invalid",
    ["/command"],
  ],
  [
    "a reason of more than 1 KiB",
    asks,
    { ...wish, reason: "x".repeat(1025) },
    400,
    "body_invalid",
    ["/reason"],
  ],
  [
    "a reason of more than 1 KiB in bytes",
    asks,
    { ...wish, reason: "é".repeat(513) },
    400,
    "body_invalid",
    ["/reason"],
  ],
  [
    "a body of more than 64 KiB",
    asks,
    { ...wish, pad: "x".repeat(65_536) },
    413,
    "body_too_large",
    [],
  ],
  [
    "an activation of more than 4 MiB",
    "/v1/activations",
    { policies: "x".repeat(4_194_304) },
    413,
    "body_too_large",
    [],
  ],
  [
    "NUL in a text",
    asks,
    text.replace("kernel", "ker\\u0000nel"),
    400,
    "body_invalid",
    ["/reason"],
  ],
  [
    "NUL as a character",
    asks,
    text.replace("kernel", "ker\0nel"),
    400,
    "body_invalid",
    ["/reason"],
  ],
  [
    "half a surrogate pair",
    asks,
    text.replace("kernel", "\\ud800"),
    400,
    "body_invalid",
    ["/reason"],
  ],
  [
    "an open quote",
    asks,
    { ...wish, command: "/bin/echo 'x" },
    400,
    "command_invalid",
    ["/command"],
  ],
  [
    "a comment and no command",
    asks,
    { ...wish, command: "# /bin/date" },
    400,
    "command_invalid",
    ["/command"],
  ],
  ["an empty command", asks, { ...wish, command: "  " }, 400, "command_invalid", ["/command"]],
  ["JSON that ends early", asks, text.slice(0, -1), 400, "body_invalid", [""]],
  ["two values", asks, `${text}{}`, 400, "body_invalid", [""]],
  ["no JSON at all", asks, "command=/bin/date", 400, "body_invalid", [""]],
  [
    "too deep a nesting",
    asks,
    `{"target":${"[".repeat(40)}${"]".repeat(40)}}`,
    400,
    "body_invalid",
    [`/target${"/0".repeat(31)}`],
  ],
  ["a name twice", asks, text.replace("{", '{"reason":"x",'), 400, "body_invalid", ["/reason"]],
  [
    "1e309",
    asks,
    text.replace("{", '{"durationMinutes":1e309,'),
    400,
    "body_invalid",
    ["/durationMinutes"],
  ],
  [
    "__proto__",
    asks,
    text.replace("{", '{"__proto__":{"reason":"x"},'),
    400,
    "body_invalid",
    ["/__proto__"],
  ],
  ["constructor", asks, { ...wish, constructor: { prototype: {} } }, 400, "body_invalid", ["/"]],
  [
    "interactive: false",
    asks,
    { ...wish, interactive: false },
    400,
    "interactive_required",
    ["/interactive"],
  ],
  [
    "a malformed cluster",
    asks,
    { ...wish, target: { ...target, cluster: "demo/.." } },
    400,
    "cluster_invalid",
    ["/target/cluster"],
  ],
  [
    "a service and a family",
    asks,
    { ...wish, target: { ...target, family: "web" } },
    400,
    "target_invalid",
    ["/target/family"],
  ],
  [
    "another type of content",
    asks,
    text,
    400,
    "body_invalid",
    [],
    { "content-type": "text/plain" },
  ],
  ["a key with a blank in it", asks, wish, 400, "body_invalid", [], { "idempotency-key": "a b" }],
  [
    "an unknown decision",
    `${asks}/${"0".repeat(26)}/decisions`,
    { decision: "maybe", digest: "0".repeat(64) },
    400,
    "body_invalid",
    ["/decision"],
  ],
  [
    "a digest that is none",
    `${asks}/${"0".repeat(26)}/decisions`,
    { decision: "deny", digest: "x" },
    400,
    "body_invalid",
    ["/digest"],
  ],
];

const badQueries: [path: string, pointers: string[]][] = [
  ["/v1/requests?status=open", ["?status"]],
  ["/v1/requests?x=1", ["?"]],
  ["/v1/requests?status=closed&status=denied", ["?status"]],
  ["/v1/requests?__proto__=1", ["?__proto__"]],
  ["/v1/requests?cursor=1.2", []],
  ["/v1/sessions?state=gone", ["?state"]],
  ["/v1/sessions?cursor=0.2026-11-24T00:00:00.000Z%23%27", []],
  ["/v1/events?day=today", ["?day"]],
  ["/v1/events", ["?day"]],
  ["/v1/targets?cursor=-1", []],
];

describe.skipIf(!engineHere)("bad input", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  it.each(bad)(
    "T36, T37, T58: %s is refused with a code and a pointer, and leaves nothing",
    async (_, path, body, status, code, pointers, headers) => {
      const wire = gateway.emulator.calls.filter((c) => c.operation === "ExecuteCommand").length;
      const { result, grown } = await grownBy(gateway.events, () =>
        gateway.as("dev")("POST", path, body, headers),
      );
      expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
        status,
        code,
      ]);
      const { issues = [] } = result.body as { issues?: { pointer: string }[] };
      expect(issues.map((issue) => issue.pointer)).toEqual(pointers);
      expect(result.headers["content-type"]).toBe("application/problem+json");
      expect(grown).toEqual([]);
      expect(gateway.emulator.calls.filter((c) => c.operation === "ExecuteCommand")).toHaveLength(
        wire,
      );
    },
  );

  it.each(badQueries)(
    "T37 the query of %s is refused, and leaves nothing",
    async (path, pointers) => {
      const { result, grown } = await grownBy(gateway.events, () =>
        gateway.as("auditor")("GET", path),
      );
      expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
        400,
        "query_invalid",
      ]);
      const { issues = [] } = result.body as { issues?: { pointer: string }[] };
      expect(issues.map((issue) => issue.pointer)).toEqual(pointers);
      expect(grown).toEqual([]);
    },
  );

  it("T33 a task of another cluster is refused as one that is not there, on record", async () => {
    const arn = `arn:aws:ecs:us-east-1:111122223333:task/vault/${task}`;
    const { result, grown } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", asks, { ...wish, target: { cluster: "demo", task: arn } }),
    );
    expect([result.status, result.body.code]).toEqual([400, "task_not_found"]);
    expect(grown).toEqual(["REFUSED:call.refused"]);
  });

  it("T07 a key with another body is 422 and on record, with the same body the same answer and nothing more", async () => {
    const headers = { "idempotency-key": "one" };
    const first = await gateway.as("dev")("POST", asks, wish, headers);
    const again = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", asks, wish, headers),
    );
    expect([again.result.status, again.result.body.id, again.grown]).toEqual([
      201,
      first.body.id,
      [],
    ]);
    const other = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", asks, { ...wish, reason: "another" }, headers),
    );
    expect([other.result.status, other.result.body.code]).toEqual([422, "idempotency_conflict"]);
    expect(other.grown).toEqual(["REFUSED:call.refused"]);
  });

  it("bidi and zero-width characters are kept as they are, for people to be shown escaped", async () => {
    const reason = "which\u202ekernel\u200b";
    const asked = await gateway.as("dev")("POST", asks, { ...wish, reason });
    expect([asked.status, asked.body.reason]).toEqual([201, reason]);
  });

  it("a reason, a ticket and a comment that carry a secret are refused, on record without it", async () => {
    const secret = "it was password=hunter2-and-more";
    const { id, digest } = (await gateway.as("dev")("POST", asks, wish)).body;
    const refused: [who: "dev" | "lead", path: string, body: object, pointer: string][] = [
      ["dev", asks, { ...wish, reason: secret }, "/reason"],
      ["dev", asks, { ...wish, ticket: secret }, "/ticket"],
      ["dev", `${asks}/${id}/cancel`, { comment: secret }, "/comment"],
      ["lead", `${asks}/${id}/revoke`, { comment: secret }, "/comment"],
      [
        "lead",
        `${asks}/${id}/decisions`,
        { decision: "approve", digest, comment: secret },
        "/comment",
      ],
    ];
    const before = new Set<string>();
    for (const [who, path, body, pointer] of refused) {
      const { result, added } = await grownBy(gateway.events, () =>
        gateway.as(who)("POST", path, body),
      );
      expect([result.status, result.body.code]).toEqual([400, "secret_in_command"]);
      expect(result.body.issues[0].pointer).toBe(pointer);
      // Of what holds a secret not even a hash is kept, so that two of one person's are alike: the second is counted.
      expect(added).toHaveLength(before.has(`${who} ${path}`) ? 0 : 1);
      before.add(`${who} ${path}`);
      expect(JSON.stringify(added)).not.toContain("hunter2");
    }
    expect((await gateway.as("dev")("GET", `${asks}/${id}`)).body.status).toBe("pending");
  });
});
