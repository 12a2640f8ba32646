import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy } from "../kit/record.ts";

const LAMBDA_ANSWER_BYTES = 6_291_556;

/** Lists: what they tell, to whom, and how much at once. */
describe.skipIf(!engineHere)("lists", () => {
  let gateway: TestGateway;
  /** Chains of requests that were read. */
  let loaded: string[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({
      wrapEvents: (events) => ({
        ...events,
        load: (chain, after) => {
          if (chain.startsWith("REQ#")) loaded.push(chain);
          return events.load(chain, after);
        },
      }),
    });
  });
  afterAll(() => gateway.close());

  async function ask(command: string, times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      const asked = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "reports" },
        command,
        reason: "looking",
      });
      expect(asked.status, JSON.stringify(asked.body)).toBe(201);
      await gateway.project(asked.body.id);
    }
  }
  const as = (who: "stranger" | "lead" | "dev" | "auditor") => (path: string) =>
    gateway.as(who)("GET", path);

  describe("to somebody who may see none of it", () => {
    const queries = [
      "/v1/requests",
      "/v1/requests?status=pending",
      "/v1/requests?requester=dev",
      "/v1/sessions",
      "/v1/sessions?requester=dev",
    ];
    const told = async () => {
      const answers: unknown[] = [];
      const { grown } = await grownBy(gateway.events, async () => {
        for (const path of queries) {
          const { asOf: _, ...body } = (await as("stranger")(path)).body;
          answers.push(body);
        }
      });
      expect(grown).toEqual([]);
      return answers;
    };

    it("T35 are the same whether there is nothing or a hundred requests", async () => {
      const before = await told();
      await ask("/bin/uname -r", 110);
      expect(await told()).toEqual(before);
    });

    it("are made without reading a chain of another's", async () => {
      loaded = [];
      await told();
      expect(loaded).toEqual([]);
      await as("lead")("/v1/requests");
      expect(loaded.length).toBeGreaterThan(20);
    });

    it("have no cursor that stands at the time of a request, however the range is cut", async () => {
      const to = Date.now();
      for (let cut = 0; cut < 12; cut++) {
        const at = new Date(to - cut * 500).toISOString();
        const { items, cursor } = (await as("stranger")(`/v1/requests?to=${at}`)).body;
        expect([items, cursor ?? "0."]).toEqual([[], expect.stringMatching(/^\d+\.$/)]);
      }
    });
  });

  it("page through everything once, in order, for whoever may see it", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await as("lead")(`/v1/requests?requester=dev${from}`);
      expect(page.status, JSON.stringify(page.body)).toBe(200);
      seen.push(...page.body.items.map((item: { id: string }) => item.id));
      ({ cursor } = page.body);
    } while (cursor !== undefined);
    expect(seen).toHaveLength(110);
    expect(new Set(seen).size).toBe(110);
  });

  it("stay below what Lambda can answer, whatever commands are in them", async () => {
    // A control character is six characters of JSON, and the answer is quoted once more.
    await ask(`/bin/echo ${"\u0001".repeat(8_000)}`, 30);
    let pages = 0;
    let items = 0;
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await as("lead")(`/v1/requests?requester=dev${from}`);
      const text = JSON.stringify(page.body);
      // Less than half of it, so that nothing a later version adds to an item comes near.
      expect(Buffer.byteLength(JSON.stringify({ body: text }))).toBeLessThan(
        LAMBDA_ANSWER_BYTES / 2,
      );
      items += page.body.items.length;
      pages += 1;
      ({ cursor } = page.body);
    } while (cursor !== undefined);
    expect(items).toBe(140);
    expect(pages).toBeGreaterThan(5);
  });

  it("T75 put on record, once in an hour, that an auditor looked through them", async () => {
    const { grown, added } = await grownBy(gateway.events, async () => {
      await as("auditor")("/v1/requests");
      await as("auditor")("/v1/requests?status=pending");
    });
    expect(grown).toEqual(["READ:record.read"]);
    expect(JSON.parse(added[0]?.leaf ?? "").data.subject).toEqual({ kind: "list", id: "requests" });
    const { grown: nothing } = await grownBy(gateway.events, () =>
      as("auditor")("/v1/requests?status=denied"),
    );
    expect(nothing).toEqual([]);
  });

  it("T75 put on record which day of the record an auditor took away, each day by itself", async () => {
    const taken = ["2026-07-14", "2026-07-15"];
    const { added, grown } = await grownBy(gateway.events, async () => {
      for (const day of [...taken, ...taken]) await as("auditor")(`/v1/events?day=${day}`);
    });
    expect(grown).toEqual(["READ:record.read", "READ:record.read"]);
    const subjects = added.map(({ leaf }) => JSON.parse(leaf).data.subject);
    expect(subjects).toEqual(taken.map((id) => ({ kind: "events", id })));
  });

  it.each([
    "status=pending&from=2026-12-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    "requester=me&cursor=0.9999-12-31T23:59:59.999Z%23~",
    "cursor=0.0000-00-00T00000000Z%23",
    "cursor=0.2026-01-01T00:00:00Z%23",
    "cursor=nonsense",
  ])("refuse %s as a query, and not as an outage", async (query) => {
    for (const path of ["/v1/requests", "/v1/sessions"]) {
      const answer = await as("dev")(`${path}?${query.replace("status=pending&", "")}`);
      expect([answer.status, answer.body.code]).toEqual([400, "query_invalid"]);
    }
  });

  describe("of targets", () => {
    const arn = "arn:aws:ecs:us-east-1:111122223333";
    it.each([
      "a%20b",
      "x".repeat(300),
      `${arn}:service/other/reports`,
      `${arn}:cluster/demo`,
      "reports",
      "never",
    ])(
      "tell a stranger the same of %s in a cluster that is there and in one that is not",
      async (service) => {
        const answers = [];
        for (const cluster of ["demo", "vault", "nope", "prod"]) {
          const answer = await as("stranger")(`/v1/targets?cluster=${cluster}&service=${service}`);
          const { instance: _, asOf: __, ...rest } = answer.body;
          answers.push([answer.status, rest]);
        }
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
        expect(answers[0]?.[0]).toBeLessThan(500);
      },
    );

    it("take a service by its ARN, with its cluster named and without", async () => {
      const named = async (query: string) => {
        const found = [];
        let cursor: string | undefined;
        do {
          const from = cursor === undefined ? "" : `&cursor=${cursor}`;
          const { body } = await as("dev")(`/v1/targets?service=${query}${from}`);
          found.push(...body.items.map((item: { service?: string }) => item.service));
          ({ cursor } = body);
        } while (cursor !== undefined);
        return found;
      };
      const byArn = `${arn}:service/demo/reports`;
      expect(await named(`${byArn}&cluster=demo`)).toEqual(["reports"]);
      expect(await named(byArn)).toEqual(["reports"]);
    });
  });

  it("leave on record a command that the agent would replace, and not the command", async () => {
    const wish = { command: "/bin/echo {{ssm:/prod/db/password}}", reason: "looking" };
    const { result, grown, added } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "reports" },
        ...wish,
      }),
    );
    expect([result.status, result.body.code]).toEqual([400, "command_invalid"]);
    expect(grown).toEqual(["REFUSED:call.refused"]);
    expect(JSON.stringify(added)).not.toContain("/prod/db");
  });
});
