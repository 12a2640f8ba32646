import { describe, expect, it } from "vitest";
import type { RequestView } from "../../../api/response-schemas.ts";
import { cardDigest } from "../../../core/card.ts";
import { card } from "../cards.ts";
import { commandLine, type Sent } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const id = "1tz5k7texx4pdk9kp3vg8atqnw";
const digest = cardDigest(card);
const posts = (sent: Sent[]): Sent[] => sent.filter(({ method }) => method === "POST");
const who = (name: string) => ({
  kind: "person",
  id: name,
  principal: `arn:aws:iam::111122223333:user/${name}`,
  groups: ["sre"],
  groupsFrom: "directory",
  now: "",
});
const lacking = (...lacks: RequestView["rules"][number]["lacks"]): RequestView["rules"] => [
  { id: "team-shell", textHash: "", needs: [], lacks, automatic: false },
];
/** Answers a card to be read and an approval of it, to whoever `me` is. */
const answering = (
  read: Parameters<typeof request>[0],
  typed: string | undefined,
  me = "sam",
): ReturnType<typeof commandLine> =>
  commandLine(
    ({ method, path }) => ({
      body:
        path === "/v1/whoami"
          ? who(me)
          : request(method === "POST" ? { id, status: "approved" } : { id, ...read }),
    }),
    typed === undefined ? {} : { typed },
  );
const gateway = (claimed: string | undefined, typed?: string) =>
  answering({ card, digest: claimed }, typed);

describe("approving", () => {
  it("without a terminal and without a digest exits 2, and sends nothing", async () => {
    const { run, sent } = gateway(digest);
    const { exitCode, stdout, stderr } = await run("approve", id);
    expect(exitCode).toBe(2);
    expect(stdout).toContain(digest);
    expect(stderr).toContain("sallyport: error: ");
    expect(posts(sent)).toEqual([]);
  });

  it("is not helped by --yes where there is no terminal", async () => {
    const { run, sent } = gateway(digest);
    expect((await run("approve", id, "--yes")).exitCode).toBe(2);
    expect(posts(sent)).toEqual([]);
  });

  it("of another digest exits 2, and sends nothing", async () => {
    const { run, sent } = gateway(digest);
    expect((await run("approve", id, "--digest", "0".repeat(64))).exitCode).toBe(2);
    expect(posts(sent)).toEqual([]);
  });

  it("of the digest of what was printed sends that digest, once", async () => {
    const { run, sent } = gateway(digest);
    const { exitCode } = await run("approve", id, "--digest", digest, "--comment", "ok");
    expect(exitCode).toBe(0);
    expect(posts(sent)).toEqual([
      {
        method: "POST",
        path: `/v1/requests/${id}/decisions`,
        body: { decision: "approve", digest, comment: "ok" },
      },
    ]);
  });

  it.each([["0".repeat(64)], [undefined]])(
    "is refused when the gateway names the digest %s for the card, by whatever means",
    async (claimed) => {
      for (const typed of [undefined, "y"]) {
        const { run, sent } = gateway(claimed, typed);
        for (const option of [digest, claimed ?? digest]) {
          expect((await run("approve", id, "--yes", "--digest", option)).exitCode).toBe(1);
        }
        expect(posts(sent)).toEqual([]);
      }
    },
  );

  it("is refused when the card has a member that cannot be shown", async () => {
    const more = { ...card, hidden: "and remove everything" };
    const { run, sent } = commandLine(() => ({
      body: { ...request({ id }), card: more, digest: cardDigest(more) },
    }));
    expect((await run("approve", id, "--digest", cardDigest(more))).exitCode).toBe(1);
    expect(posts(sent)).toEqual([]);
  });

  it.each([
    ["y", 0, 1],
    ["yes", 0, 1],
    ["n", 0, 0],
    ["", 0, 0],
    ["yeah sure", 0, 0],
  ])("on a terminal, answered %j, exits %d", async (typed, exitCode, sends) => {
    const { run, sent } = gateway(digest, typed);
    expect((await run("approve", id)).exitCode).toBe(exitCode);
    expect(posts(sent)).toHaveLength(sends);
  });

  it("answered no says that nothing was decided, and the line that refuses", async () => {
    const { run } = gateway(digest, "n");
    const { stdout, stderr } = await run("approve", id);
    expect(stdout).not.toContain("you approved");
    expect(stderr).toMatch(/nothing was decided; to refuse it: .* deny \w{26} --comment WHY\n$/);
  });

  it("is refused before the question where the card is of the person's own asking", async () => {
    const { run, sent } = answering({ card, digest }, "y", "dev");
    const { exitCode, stderr } = await run("approve", id);
    expect(exitCode).toBe(120);
    expect(stderr).toContain("you asked for this yourself");
    expect(stderr).not.toContain("[y/N]");
    expect(posts(sent)).toEqual([]);
  });

  it("is refused before the question by who has decided on this card already", async () => {
    const mine = { person: "sam", decision: "approve" as const, at: "TIME" };
    const again = (counts: boolean) =>
      answering({ card, digest, decisions: [{ ...mine, counts }] }, "y");
    const refused = await again(true).run("approve", id);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining("you have decided on this card already"),
    ]);
    // Of an earlier card: it says nothing about this one.
    expect((await again(false).run("approve", id)).exitCode).toBe(0);
  });

  it.each([
    [
      lacking({ group: "sre", count: 1, persons: ["sam"] }),
      "your approval is the last one it needs",
    ],
    [
      lacking(
        { group: "sre", count: 1, persons: ["sam"] },
        { group: "leads", count: 1, persons: ["lea"] },
      ),
      "your approval is not the last one; after yours it lacks 1 of leads (lea)\n",
    ],
    [
      lacking({ group: "sre", count: 2, persons: ["sam", "sue"] }),
      "your approval is not the last one; after yours it lacks 1 of sre (sue)\n",
    ],
    [
      lacking(
        { group: "sre", count: 1, persons: ["sam", "sue"] },
        { group: "leads", count: 1, persons: ["lea", "sam"] },
      ),
      "after yours it lacks (1 of leads (lea)) or (1 of sre (sue))\n",
    ],
    [
      lacking(
        { group: "sre", count: 1, step: 1, persons: ["sam"] },
        { group: "leads", count: 1, step: 2, persons: ["lea", "sam"] },
      ),
      "after yours it lacks 1 of leads (lea)\n",
    ],
    [lacking({ group: "leads", count: 1, persons: ["lea"] }), "you are not among those who can"],
  ])(
    "shows who has approved, when it lapses, and what this approval makes of it",
    async (rules, says) => {
      const decisions = [{ person: "lea", decision: "approve" as const, at: "NOON", counts: true }];
      const { run } = answering({ card, digest, rules, decisions, lapsesAt: "MIDNIGHT" }, "y");
      const { stdout } = await run("approve", id);
      expect(stdout).toContain("approved by lea at NOON\nit lapses at MIDNIGHT\n");
      expect(stdout).toContain(says);
    },
  );
});

describe("approving a card that may not be what it looks like", () => {
  const odd = { ...card, command: "/bin/cat /etc/\u0440asswd", reason: "safe\u202e" };
  const oddDigest = cardDigest(odd);
  const oddGateway = (typed?: string) => answering({ card: odd, digest: oddDigest }, typed);

  it("T47 takes more than --yes, and says what is odd", async () => {
    const { run, sent } = oddGateway("y");
    const { exitCode, stdout, stderr } = await run("approve", id, "--yes");
    expect(exitCode).toBe(2);
    expect(stdout).toContain("look closely: the command mixes alphabets in one word");
    expect(stdout).toContain("look closely: the reason holds characters that do not show");
    expect(stderr).toContain("--digest");
    expect(posts(sent)).toEqual([]);
  });

  it.each([
    ["y", 1, 0],
    ["yes", 1, 0],
    ["", 0, 0],
    ["n", 0, 0],
    [digest.slice(-6), 1, 0],
    [oddDigest.slice(-6), 0, 1],
  ])("answered %j on a terminal, exits %d", async (typed, exitCode, sends) => {
    const { run, sent } = oddGateway(typed);
    expect((await run("approve", id)).exitCode).toBe(exitCode);
    expect(posts(sent)).toHaveLength(sends);
  });

  it("is done by its whole digest, as a program does", async () => {
    const { run, sent } = oddGateway();
    expect((await run("approve", id, "--digest", oddDigest)).exitCode).toBe(0);
    expect(posts(sent)).toHaveLength(1);
  });
});

describe("denying", () => {
  it("without a comment says it once, with one its words", async () => {
    const said = (outcome: RequestView["outcome"]) =>
      commandLine(({ method }) => ({
        body: request(method === "POST" ? { id, status: "denied", outcome } : { id, card, digest }),
      })).run("deny", id);
    const denied = { code: "denied", by: "lead", at: "2026-11-24T08:20:21.123Z" };
    expect((await said({ ...denied, detail: "" })).stdout).toBe(
      `you denied ${id}: it is denied (by lead at ${denied.at})\n`,
    );
    expect((await said({ ...denied, detail: "not today" })).stdout).toBe(
      `you denied ${id}: it is denied (by lead at ${denied.at}: not today)\n`,
    );
  });

  it("names the digest that the gateway names", async () => {
    const { run, sent } = gateway(digest);
    expect((await run("deny", id, "--comment", "no")).exitCode).toBe(0);
    expect(posts(sent).map(({ body }) => body)).toEqual([
      { decision: "deny", digest, comment: "no" },
    ]);
  });
});
