import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { RequestView } from "../../api/response-schemas.ts";
import { Failure } from "../../cli/failure.ts";
import type { Output } from "../../cli/output.ts";
import { waitForDecision } from "../../cli/wait.ts";

const id = "0123456789abcdefghjkmnpqrs";

function view(seq: number, status: RequestView["status"], more: Partial<RequestView> = {}) {
  const request: RequestView = {
    id,
    seq,
    kind: "exec",
    status,
    reason: "",
    ticket: null,
    liveSessions: 0,
    requester: { person: "dev", name: "Dev" },
    decisions: [],
    sessions: [],
    preflight: [],
    askedAt: "",
    rules: [
      {
        id: "r",
        textHash: "",
        needs: [],
        automatic: false,
        lacks: [{ group: "sre", count: 1, persons: ["sam"] }],
      },
    ],
    ...more,
  };
  return request;
}

/** Waits for a request that stands as `views` say, one after another. Each question takes `takesMs`. */
async function waiting(
  views: (RequestView | Error)[],
  options: { waitMs?: number; takesMs?: number; interrupt?: boolean } = {},
) {
  const asked: { path: string; query: unknown }[] = [];
  const drawn: string[] = [];
  const told: string[] = [];
  const own = new EventEmitter();
  let now = 1_000_000;
  const [first, ...later] = views as [RequestView, ...RequestView[]];
  const result = await waitForDecision(
    {
      api: {
        url: "",
        loopback: true,
        async call(_, path, { query, signal, schema }) {
          asked.push({ path, query });
          now += options.takesMs ?? 15_000;
          if (options.interrupt === true) own.emit("SIGINT");
          signal?.throwIfAborted();
          const next = later.length > 1 ? later.shift() : later[0];
          if (next instanceof Error) throw next;
          return schema.parse(next);
        },
      },
      output: {
        spinner: (text: { shown: string }) => {
          drawn.push(text.shown);
          return { update: (next: { shown: string }) => drawn.push(next.shown), stop() {} };
        },
        info: (line: string | { shown: string }) =>
          told.push(`sallyport: ${typeof line === "string" ? line : line.shown}`),
      } as unknown as Output,
      settings: {
        region: "us-east-1",
        program: "sallyport",
        globalOptions: { as: "dev", state: "my state" },
      },
    },
    first,
    {
      waitMs: options.waitMs ?? 60_000,
      now: () => now,
      own: own as unknown as Pick<NodeJS.Process, "on" | "off">,
    },
  ).catch((error: unknown) => error);
  expect(own.listenerCount("SIGINT")).toBe(0);
  return { result, asked, drawn, told };
}

describe("waiting for a decision", () => {
  it("polls with the number it knows until the request is approved, and shows what is missing", async () => {
    const { result, asked, drawn } = await waiting([
      view(1, "pending"),
      view(2, "pending"),
      view(3, "approved"),
    ]);
    expect(result).toMatchObject({ seq: 3, status: "approved" });
    expect(asked).toEqual([
      { path: `/v1/requests/${id}`, query: { waitSeconds: 15, after: 1 } },
      { path: `/v1/requests/${id}`, query: { waitSeconds: 15, after: 2 } },
    ]);
    expect(drawn[0]).toBe("waiting for 1 of sre (sam)");
  });

  it("tells after five minutes without an answer who can give one, and the line to send them", async () => {
    const { told } = await waiting([view(1, "pending"), view(1, "pending")], {
      waitMs: 20 * 60_000,
    });
    await expect(`${told.join("\n")}\n`).toMatchFileSnapshot(
      "./transcripts/hints/nobody-answered.txt",
    );
    expect(told[0]).toContain("nobody has answered for five minutes");
    expect(told[0]).toContain("1 of sre (sam)");
    expect(told[1]).toContain(`sallyport --as NAME --state 'my state' approve ${id}`);
  });

  it("counts those five minutes from the last answer that came", async () => {
    // A decision every 75 s: nobody is silent for five minutes, though it takes ten.
    const views = [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => view(seq, "pending"));
    const { told } = await waiting([...views, view(9, "approved")], {
      waitMs: 60 * 60_000,
      takesMs: 75_000,
    });
    expect(told).toEqual([]);
  });

  it("leaves it to the gateway to say why what is closed opens no more", async () => {
    const { result, asked } = await waiting([view(1, "closed")]);
    expect(result).toMatchObject({ status: "closed" });
    expect(asked).toEqual([]);
  });

  it("asks nothing about what is approved already", async () => {
    const { result, asked } = await waiting([view(1, "approved")]);
    expect(result).toMatchObject({ status: "approved" });
    expect(asked).toEqual([]);
  });

  it("waits no longer than it was told, and says how to come back", async () => {
    const { result, asked } = await waiting([view(1, "pending"), view(1, "pending")], {
      waitMs: 20_000,
    });
    expect(asked.map(({ query }) => query)).toEqual([
      { waitSeconds: 15, after: 1 },
      { waitSeconds: 5, after: 1 },
    ]);
    expect(result).toMatchObject({ exitCode: 122, hint: expect.stringContaining(`attach ${id}`) });
  });

  it("does not wait at all with 0", async () => {
    const { result, asked } = await waiting([view(1, "pending")], { waitMs: 0 });
    expect(result).toMatchObject({ exitCode: 122 });
    expect(asked).toEqual([]);
  });

  it("ends with Ctrl-C, and leaves the request as it is", async () => {
    const { result, asked } = await waiting([view(1, "pending"), view(2, "approved")], {
      interrupt: true,
    });
    expect(asked).toHaveLength(1);
    expect(result).toBeInstanceOf(Failure);
    expect(result).toMatchObject({
      exitCode: 122,
      message: `request ${id} stands, and still waits for decisions`,
      hint: expect.stringMatching(`attach ${id}; .* cancel ${id}$`),
    });
  });

  it("says how to come back where the gateway goes away", async () => {
    const { result } = await waiting([
      view(1, "pending"),
      new Failure("no AWS credentials", { exitCode: 124, hint: "aws sso login --profile prod" }),
    ]);
    const again = "sallyport --as dev --state 'my state'";
    expect(result).toMatchObject({
      exitCode: 124,
      hints: [
        "aws sso login --profile prod",
        `come back with: ${again} attach ${id}`,
        `withdraw it with: ${again} cancel ${id}`,
      ],
    });
  });

  it.each([
    ["denied", 121],
    ["cancelled", 121],
    ["refused", 120],
    ["lapsed", 122],
    ["revoked", 123],
  ] as const)("ends where the request is %s with %i", async (status, exitCode) => {
    const { result } = await waiting([view(1, "pending"), view(2, status)]);
    expect(result).toBeInstanceOf(Failure);
    expect(result).toMatchObject({ exitCode });
  });

  it.each([
    [{ detail: "" }, `request ${id} was revoked (by sre at noon)`],
    [{ detail: "an incident" }, `request ${id} was revoked (by sre at noon: an incident)`],
    [undefined, `request ${id} was revoked`],
  ])("says who revoked it and when, and why where they said so", async (said, message) => {
    const outcome = said && { code: "revoked", by: "sre", at: "noon", ...said };
    const more = outcome === undefined ? {} : { outcome };
    const { result } = await waiting([view(1, "pending"), view(2, "revoked", more)]);
    expect(result).toMatchObject({ message });
  });

  it("names who denied it, and their words", async () => {
    const { result } = await waiting([
      view(1, "pending"),
      view(2, "denied", {
        decisions: [
          { person: "sam", decision: "deny", at: "", comment: "not on Fridays", counts: true },
        ],
      }),
    ]);
    expect(String(result)).toContain('denied by sam ("not on Fridays")');
  });
});
