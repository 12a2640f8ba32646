import { describe, expect, it } from "vitest";
import { cardDigest } from "../../../core/card.ts";
import { card } from "../cards.ts";
import { commandLine, type Sent } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const id = "1tz5k7texx4pdk9kp3vg8atqnw";
const digest = cardDigest(card);
const posts = (sent: Sent[]): Sent[] => sent.filter(({ method }) => method === "POST");
const gateway = (claimed: string | undefined, typed?: string) =>
  commandLine(
    ({ method }) => ({
      body:
        method === "POST"
          ? request({ id, status: "approved" })
          : request({ id, card, digest: claimed }),
    }),
    typed === undefined ? {} : { typed },
  );

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
    ["n", 1, 0],
    ["", 1, 0],
    ["yeah sure", 1, 0],
  ])("on a terminal, answered %j, exits %d", async (typed, exitCode, sends) => {
    const { run, sent } = gateway(digest, typed);
    expect((await run("approve", id)).exitCode).toBe(exitCode);
    expect(posts(sent)).toHaveLength(sends);
  });
});

describe("approving a card that may not be what it looks like", () => {
  const odd = { ...card, command: "/bin/cat /etc/\u0440asswd", reason: "safe\u202e" };
  const oddDigest = cardDigest(odd);
  const oddGateway = (typed?: string) =>
    commandLine(
      ({ method }) => ({
        body:
          method === "POST"
            ? request({ id, status: "approved" })
            : request({ id, card: odd, digest: oddDigest }),
      }),
      typed === undefined ? {} : { typed },
    );

  it("takes more than --yes, and says what is odd", async () => {
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
    ["", 1, 0],
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
  it("names the digest that the gateway names", async () => {
    const { run, sent } = gateway(digest);
    expect((await run("deny", id, "--comment", "no")).exitCode).toBe(0);
    expect(posts(sent).map(({ body }) => body)).toEqual([
      { decision: "deny", digest, comment: "no" },
    ]);
  });
});
