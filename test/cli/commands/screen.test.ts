import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestView } from "../../../api/response-schemas.ts";
import { cardDigest } from "../../../core/card.ts";
import { anyCharacter } from "../../kit/any-character.ts";
import { card, card as usual } from "../cards.ts";
import { commandLine, type Reply, UNSEEN } from "../command-line.ts";
import { request, requestsOfAnybody } from "../requests-of-anybody.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const id = "1tz5k7texx4pdk9kp3vg8atqnw";
const text = fc
  .string({ unit: anyCharacter })
  .map((some) => some.toWellFormed().replaceAll("\0", "\u009b"));

/** What went wrong on the screen, with and without `--json`; empty when nothing did. */
async function harm(reply: Reply, argv: string[], wanted: number): Promise<string[]> {
  const found: string[] = [];
  for (const json of [[], ["--json"]]) {
    const { exitCode, stdout, stderr } = await commandLine(() => reply).run(...argv, ...json);
    const printed = `${stdout}${stderr}`;
    if (exitCode !== wanted || printed === "") found.push(`exit ${exitCode}: ${printed}`);
    if (UNSEEN.test(printed)) found.push(JSON.stringify(printed));
  }
  return found;
}

/** The same, but for what is compared with what was asked for: command, target and digest. */
function asAsked(any: RequestView): RequestView {
  if (any.card?.kind !== "exec") throw new Error("no card of a session");
  const target = { ...any.card.target, ...usual.target, family: any.card.target.family };
  const card = { ...any.card, command: "/bin/sh", target };
  return { ...any, card, digest: cardDigest(card) };
}

describe(`T46 whatever a gateway answers, a screen (seed ${seed})`, () => {
  it.each([
    ["show", id],
    ["ls"],
    ["approve", id],
    ["revoke", id],
    ["request", "demo/payments-api:app", "--reason", "y"],
  ])("stays unharmed by requests: %s", async (...argv) => {
    await fc.assert(
      fc.asyncProperty(requestsOfAnybody, async (any) => {
        // What was asked for is known here, and anything else on the card is refused.
        const asked = asAsked(any);
        const body =
          argv[0] === "ls"
            ? { items: [any], asOf: any.askedAt }
            : argv[0] === "request"
              ? asked
              : any;
        expect(await harm({ body }, argv, argv[0] === "approve" ? 1 : 0)).toEqual([]);
      }),
      { seed, numRuns: 6 },
    );
  });

  it("stays unharmed by targets, names and problems", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        const exec = { ready: false, problems: [any, any] };
        const target = { clusterArn: any, taskArn: any, service: any, containers: [any], exec };
        expect(await harm({ body: { items: [target], asOf: any } }, ["targets"], 0)).toEqual([]);
        const check = { check: any, status: "failed", remedy: any };
        const looked = { ready: false, problems: [check], checks: [check, check], rules: [] };
        expect(
          await harm({ body: { ...looked, card, digest: any } }, ["doctor", "x"], 120),
        ).toEqual([]);
        const groups = [any, any];
        const who = { kind: "person", id: any, name: any, principal: any, groups, now: any };
        expect(await harm({ body: { ...who, groupsFrom: "directory" } }, ["whoami"], 0)).toEqual(
          [],
        );
        const issues = [{ pointer: any, detail: any }];
        const problem = { type: any, title: any, status: 400, detail: any, code: any, issues };
        const aws = { error: any, message: any };
        expect(
          await harm(
            {
              status: 400,
              contentType: "application/problem+json",
              body: {
                ...problem,
                aws,
                hint: any,
                retryable: false,
                problems: [{ check: any, remedy: any }],
                diagnosis: [{ check: any, status: any, remedy: any }],
              },
            },
            ["whoami"],
            1,
          ),
        ).toEqual([]);
        expect(await harm({ status: 403, body: { message: any } }, ["whoami"], 124)).toEqual([]);
      }),
      { seed, numRuns: 6 },
    );
  });

  it("stays unharmed by what was typed", async () => {
    const { run } = commandLine(() => ({ body: request({}) }));
    for (const argv of [["no\u001bsuch"], ["show", "a\u202eb"], ["audit", "verify", "\u009bx"]]) {
      const { exitCode, stderr } = await run(...argv);
      expect(exitCode).not.toBe(0);
      expect(stderr).not.toMatch(UNSEEN);
    }
  });

  it("holds the problem document as one line of JSON on standard error with --json", async () => {
    const problem = {
      type: "urn:x",
      title: "T",
      status: 404,
      detail: "none",
      code: "service_not_found",
      retryable: false,
      more: [1],
    };
    const { run } = commandLine(() => ({
      status: 404,
      contentType: "application/problem+json",
      body: problem,
    }));
    const { exitCode, stdout, stderr } = await run("request", "x", "--reason", "y", "--json");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual(problem);
  });

  it("shows none of the caller's keys", async () => {
    const { run } = commandLine(() => ({ status: 403, body: { message: "Forbidden" } }));
    const { stdout, stderr } = await run("whoami", "--json");
    expect(stdout + stderr).not.toContain("secret-key-of-dev");
  });
});
