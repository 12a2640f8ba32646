import { describe, expect, it } from "vitest";
import type { LockView, RequestView } from "../../../api/response-schemas.ts";
import { cardDigest, type ExtensionCard } from "../../../core/card.ts";
import { card } from "../cards.ts";
import { commandLine, UNSEEN } from "../command-line.ts";
import { lockView } from "../lock-of-anybody.ts";
import { request } from "../requests-of-anybody.ts";

const { requester, command, argv, opensShell, runsAs, target, ticket, rules } = card;
const from = "2026-01-01T00:30:00.000Z";
const extended: ExtensionCard = {
  v: 1,
  kind: "extend",
  requester,
  command,
  argv,
  opensShell,
  runsAs,
  target,
  approved: cardDigest(card),
  minutes: 20,
  from,
  until: "2026-01-01T00:50:00.000Z",
  totalMinutes: 50,
  reason: "not done\u001b[2J",
  ticket,
  rules,
};
type Extension = NonNullable<RequestView["extensions"]>[number];
const lacks = [{ group: "sre", count: 1, persons: ["sam"] }];
const extension = (more: Partial<Extension>): Extension => ({
  number: 1,
  status: "pending",
  minutes: 20,
  reason: extended.reason,
  askedAt: "2026-01-01T00:10:00.000Z",
  from,
  until: extended.until,
  card: extended,
  digest: cardDigest(extended),
  rules: [{ id: "team-shell", textHash: "", needs: [], lacks, automatic: false }],
  decisions: [],
  ...more,
});
const decided = (decision: "approve" | "deny", more = {}) => ({
  person: "sam",
  decision,
  at: "2026-01-01T00:12:00.000Z",
  counts: true,
  ...more,
});
const id = "1tz5k7texx4pdk9kp3vg8atqnw";

/** What `show` prints of a request that was approved, with more time that was asked for. */
async function shownOf(more: Partial<Extension>): Promise<string> {
  const view = request({
    id,
    status: "approved",
    card,
    digest: cardDigest(card),
    extensions: [extension(more)],
  });
  const { run } = commandLine(({ path }) => ({
    body: path.startsWith("/v1/locks") ? { items: [], asOf: "" } : view,
  }));
  return (await run("show", id)).stdout;
}

describe("more time that was asked for, as show prints it", () => {
  it("while it waits has its card, the digest to approve it by, and who can", async () => {
    const text = await shownOf({});
    expect(text).toContain("asks for      more time for what was approved");
    expect(text).toContain("more time     20 minutes");
    expect(text).toContain(`digest        ${cardDigest(extended)}`);
    expect(text).toContain("rule team-shell lacks 1 of sre (sam)");
    expect(text).not.toMatch(UNSEEN);
  });

  it("once granted says by whom, and for how many minutes", async () => {
    const expiresAt = "2026-01-01T00:45:00.000Z";
    const decisions = [decided("approve", { maxMinutes: 15 })];
    const text = await shownOf({ status: "granted", expiresAt, decisions });
    expect(text).toContain(`granted for 15 minutes: it ends at ${expiresAt}`);
    expect(text).toContain("approved by sam at 2026-01-01T00:12:00.000Z, for 15 minutes at most");
    expect(text).not.toContain("more time for what was approved");
  });

  it("once denied says by whom and why", async () => {
    const decisions = [decided("deny", { comment: "go to bed" })];
    const text = await shownOf({ status: "denied", decisions });
    expect(text).toContain('denied by sam at 2026-01-01T00:12:00.000Z: "go to bed"');
  });
});

describe("a request that a lock stops, as show prints it", () => {
  const lock = lockView({
    id: "1tz5k7texx4pdk9kp3vg8atqn0",
    subject: { kind: "person", id: "lead" },
    reason: "a stolen\u001b[2J laptop",
    mayUnlock: ["sam", "sre"],
  });
  const showing = async (of: Partial<RequestView>, locks: LockView[]) => {
    const { run, sent } = commandLine(({ path }) => ({
      body: path.startsWith("/v1/locks") ? { items: locks, asOf: "" } : request({ id, ...of }),
    }));
    return { ...(await run("show", id)), paths: sent.map(({ path }) => path) };
  };
  const decisions = [decided("approve", { person: "lead" })];

  it("says who is locked, what they have to do with it, why, until when, and who ends it", async () => {
    const { stdout, paths } = await showing({ status: "approved", decisions }, [lock]);
    expect(paths).toEqual([`/v1/requests/${id}`, `/v1/locks?request=${id}`]);
    expect(stdout).toContain("locked: person lead, who agreed to it: a stolen");
    expect(stdout).toContain("; nothing opens while it stands\n");
    expect(stdout).toContain("it stands until it is unlocked; two of these unlock it: sam, sre");
    expect(stdout).not.toMatch(UNSEEN);
    const own = { ...lock, subject: { kind: "person" as const, id: "dev" }, expiresAt: "NOON" };
    const asked = await showing({ status: "pending" }, [own]);
    expect(asked.stdout).toContain("locked: person dev, who asked for it: ");
    expect(asked.stdout).toContain("it stands until NOON; ");
  });

  it("says nothing where none stands, and asks for none where nothing could open", async () => {
    expect((await showing({ status: "approved" }, [])).stdout).not.toContain("locked");
    const denied = await showing({ status: "denied" }, [lock]);
    expect(denied.stdout).not.toContain("locked:");
    expect(denied.paths).toEqual([`/v1/requests/${id}`]);
  });

  it("names the lock that ended its session, and why while it stands", async () => {
    const session = {
      attempt: 1,
      state: "ended" as const,
      sessionId: "s",
      taskArn: "t",
      container: "app",
      at: lock.at,
      end: {
        at: lock.at,
        cause: "locked" as const,
        lock: lock.id,
        strength: "ssm-status" as const,
      },
    };
    const of = { status: "closed" as const, sessions: [session] };
    const subject = { kind: "person" as const, id: "dev" };
    const stands = await showing(of, [{ ...lock, subject, reason: "a stolen laptop" }]);
    expect(stands.stdout).toContain(
      `its requester or target was locked, by lock ${lock.id} (person dev: a stolen laptop)`,
    );
    const gone = await showing(of, []);
    expect(gone.stdout).toContain(`was locked, by lock ${lock.id} (known by`);
  });
});
