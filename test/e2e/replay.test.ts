import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { type ReadExport, readExport } from "../../cli/read-export.ts";
import { cardDigest, type ExecCard } from "../../core/card.ts";
import { configurationHash } from "../../core/configuration-hash.ts";
import { sha256Hex } from "../../core/digest.ts";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import { factsOf } from "../../core/facts.ts";
import { decisionsAgain } from "../../core/replay/again.ts";
import { takenRecord } from "../../core/replay/record.ts";
import { type Replayed, replayAll } from "../../core/replay/replay-all.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { doctored, type Open } from "../kit/doctor-record.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { wholeRecord } from "../kit/record.ts";
import { recordedMore } from "../kit/recorded-more.ts";
import { commandLineOf, recordedRun } from "../kit/recorded-run.ts";

/*
 * Decisions of a whole run, made again from what an export holds and nothing else; and what is said of a record
 * that somebody has changed and made to fit.
 */

let gateway: TestGateway;
let ids: { [what: string]: string };
let file: string;
let exported: ReadExport | undefined;

beforeAll(async () => {
  gateway = await startTestGateway();
  ids = { ...(await recordedRun(gateway)), ...(await recordedMore(gateway)) };
}, 120_000);

afterAll(async () => gateway.close());

/** An export by the command line, read once: it lies in that command line's folder. */
async function anExport(): Promise<ReadExport> {
  if (exported !== undefined) return exported;
  const { run, folder } = commandLineOf(gateway, "auditor");
  const { exitCode, stderr } = await run("audit", "export", "--out", "x.jsonl");
  if (exitCode !== 0 || stderr.includes("cannot be replayed")) throw new Error(stderr);
  file = readFileSync(join(folder, "x.jsonl"), "utf8");
  return (exported = readExport(file));
}

function replaysOf(events: StoredEvent[], texts: ReadonlyMap<string, string>): Replayed[] {
  return [...replayAll(cedarPolicyEngine(), takenRecord(events, texts), events)];
}

describe("decisions on record", () => {
  it("T31 replay: each of a whole run comes out the same from its export alone", async () => {
    const { events, texts, unreadable } = await anExport();
    expect(unreadable).toEqual([]);
    const leaves = new Set((await wholeRecord(gateway.events)).map(({ leaf }) => leaf));
    expect(events.filter(({ leaf }) => !leaves.has(leaf))).toEqual([]);
    const replays = replaysOf(events, texts);
    expect(replays.filter(({ replay }) => replay.kind !== "same")).toEqual([]);
    // None is passed over: every kind that is decided is among them, and every event of such a kind.
    const kinds = Object.entries(decisionsAgain).flatMap(([kind, how]) =>
      how === "no decision" ? [] : [kind],
    );
    expect(new Set(replays.map(({ kind }) => kind))).toEqual(new Set(kinds));
    const decided = events.map(readEvent).filter(({ kind, data }) => {
      const isEnd = kind === "session.ended" || kind === "end.unverified";
      return kinds.includes(kind) && (!isEnd || ("cause" in data && data.cause === "right_lost"));
    });
    expect(replays).toHaveLength(decided.length);
  });

  it("the command line says so of the export, of a request and of one event", async () => {
    const { events } = await anExport();
    const { run, folder } = commandLineOf(gateway, "auditor");
    writeFileSync(join(folder, "x.jsonl"), file);
    const all = await run("--json", "policy", "replay", "--all", "x.jsonl");
    expect(JSON.parse(all.stdout)).toMatchObject({ same: true, unreadable: 0 });
    expect(all.exitCode).toBe(0);

    const request = await run("policy", "replay", ids["shell"] ?? "");
    expect(request.stdout).toMatch(/^same {5}REQ#\w+ #1 request\.asked\n/);
    expect(request.stdout).toContain("4 decisions: 4 the same, 0 not");
    expect(request.exitCode).toBe(0);

    const intent = events.map(readEvent).find(({ kind }) => kind === "exec.intent");
    for (const from of [[], ["--from", "x.jsonl"]]) {
      const one = await run("policy", "replay", intent?.eventId ?? "", ...from);
      expect(one.stdout).toMatch(/^same {5}REQ#\w+ #4 exec\.intent\n1 decision: /);
      expect(one.exitCode).toBe(0);
    }
    // What stood before an event of the locks' chain is looked for too.
    for (const [seq, kind] of [
      [1, "lock.set"],
      [4, "lock.released"],
    ] as const) {
      const lock = events.map(readEvent).find((one) => one.chain === "LOCK" && one.seq === seq);
      const alone = await run("policy", "replay", lock?.eventId ?? "");
      expect(alone.stdout, alone.stderr).toContain(`same     LOCK #${seq} ${kind}\n1 decision: `);
    }
    // And so is what a review of the last resort saw.
    const kind = "last_resort.reviewed";
    const review = events.map(readEvent).find((one) => one.kind === kind);
    const reviewed = await run("policy", "replay", review?.eventId ?? "");
    expect(reviewed.stdout, reviewed.stderr).toMatch(
      /^same {5}REVIEW#\w+ #1 last_resort\.reviewed\n1 decision: /,
    );
    const conf = events.map(readEvent).find(({ chain, seq }) => chain === "CONF" && seq === 2);
    const activated = await run("policy", "replay", conf?.eventId ?? "");
    expect(activated.stdout).toMatch(/^same {5}CONF #2 policy\.activated\n/);
  });

  it("are not replayed for whoever may not audit, nor what is no decision", async () => {
    const stranger = await commandLineOf(gateway, "stranger").run(
      "policy",
      "replay",
      ids["shell"] ?? "",
    );
    expect(stranger.exitCode).not.toBe(0);
    expect(stranger.stdout).toBe("");
    const { events } = await anExport();
    const opened = events.map(readEvent).find(({ kind }) => kind === "session.opened");
    const { run } = commandLineOf(gateway, "auditor");
    const none = await run("policy", "replay", opened?.eventId ?? "");
    expect(none.stderr).toContain("is no decision");
    expect(none.exitCode).toBe(1);
  });
});

describe("a record that somebody changed and made to fit", () => {
  type Doctor = (event: Open, stored: StoredEvent) => void;
  const at =
    (what: string, seq: number, change: (event: Open) => void): Doctor =>
    (event, { chain, seq: number }) => {
      if (chain === `REQ#${ids[what]}` && number === seq) change(event);
    };
  /** The first of a kind, on a request's chain or on that of locks. */
  const first =
    (kind: Event["kind"], change: (event: Open) => void): Doctor =>
    (event, stored) => {
      if (event.leaf.kind !== kind || changed.has(kind)) return;
      changed.set(kind, stored);
      change(event);
    };
  const changed = new Map<string, StoredEvent>();
  const renamed = new Map<string, string>();
  const card = ({ values }: Open, change: (card: ExecCard) => void): void => {
    change(values["card"]);
    const digest = cardDigest(values["card"]);
    renamed.set(values["digest"], digest);
    values["digest"] = digest;
  };

  it.each<[string, Doctor, string, number, string[]]>([
    [
      "one group less of who asked",
      at("shell", 1, ({ leaf }) => void (leaf.data.judged.groups = [])),
      "shell",
      1,
      ["outcome", "groups"],
    ],
    [
      "one group more",
      at("shell", 1, ({ leaf }) => void leaf.data.judged.groups.push("sre")),
      "shell",
      1,
      ["groups"],
    ],
    [
      "another group of who approved",
      at("shell", 3, ({ leaf }) => {
        const groups = ["payments-leads"];
        Object.assign(leaf.data, { groups, judged: { ...leaf.data.judged, groups } });
      }),
      "shell",
      3,
      ["outcome", "groups"],
    ],
    [
      "another tag of what was judged",
      at("shell", 1, ({ leaf }) => void (leaf.data.resource.tags = { team: "else" })),
      "shell",
      1,
      ["outcome"],
    ],
    [
      "another tag at the open",
      at("shell", 4, ({ leaf }) => void (leaf.data.judged.resource.tags = { team: "else" })),
      "shell",
      4,
      ["outcome"],
    ],
    [
      "a command that another rule is for, with its words, facts and card",
      at("denied", 1, (event) => {
        const argv = ["/bin/date"];
        const facts = factsOf(argv, { ticket: false, windows: false });
        Object.assign(event.values, { command: "/bin/date", argv, facts });
        card(event, (shown) =>
          Object.assign(shown, { command: "/bin/date", argv, opensShell: false }),
        );
      }),
      "denied",
      1,
      ["rule payments-look", "rule team-command", "automatic"],
    ],
    [
      "fewer who have to agree, on the card as well",
      at("denied", 1, (event) => {
        const needs = [{ group: "payments-leads", count: 1 }];
        event.leaf.data.rules[0].needs = needs;
        card(event, (shown) => void Object.assign(shown.rules[0] ?? {}, { needs }));
      }),
      "denied",
      1,
      ["rule team-shell: needs", "card", "digest"],
    ],
    [
      "a longer wait for decisions",
      at("denied", 1, ({ leaf }) => void (leaf.data.lapsesAt += 1)),
      "denied",
      1,
      ["lapsesAt"],
    ],
    [
      "another rule at the open",
      at("shell", 4, ({ leaf }) => void (leaf.data.rule = "payments-look")),
      "shell",
      4,
      ["rule"],
    ],
    [
      "one approval fewer that was counted at the open",
      at("shell", 4, ({ leaf }) => void leaf.data.approvals.pop()),
      "shell",
      4,
      ["approvals"],
    ],
    [
      "another reason for a refusal",
      at("refused", 1, ({ leaf }) => void (leaf.data.code = "preflight_failed")),
      "refused",
      1,
      ["outcome", "code"],
    ],
    [
      "another who called, and asked",
      at("cancelled", 1, (event) => {
        event.leaf.actor = { ...event.leaf.actor, principal: "111122223333:AIDASRE0000000000004" };
      }),
      "cancelled",
      1,
      ["caller"],
    ],
    [
      "another right of who revoked",
      at("revoked", 2, ({ leaf }) => void (leaf.data.judged.groups = ["payments"])),
      "revoked",
      2,
      ["outcome", "groups"],
    ],
  ])("verifies, and replay names it: %s", async (_, change, what, seq, named) => {
    const { events, texts } = await anExport();
    renamed.clear();
    const forged = doctored(events, (event, stored) => {
      change(event, stored);
      // Decisions on a card that is another now are on that one.
      const digest = renamed.get(event.values["digest"]);
      if (digest !== undefined) event.values["digest"] = digest;
    });
    expect(verifyChains(forged).problems).toEqual([]);
    const found = replaysOf(forged, texts).find(
      (one) => one.chain === `REQ#${ids[what]}` && one.seq === seq,
    );
    const { replay } = found ?? {};
    if (replay?.kind !== "differs") throw new Error(JSON.stringify(replay));
    const differences = replay.differences.map((one) => one.what);
    for (const name of named) expect(differences).toContain(name);
  });

  const groups = (to: string[]) => (event: Open) => void (event.leaf.data.judged.groups = to);

  it.each<[string, Event["kind"], (event: Open) => void, string[]]>([
    ["no group of who extends", "extension.asked", groups([]), ["groups"]],
    [
      "more minutes for the rules of an extension",
      "extension.asked",
      ({ leaf }) => void (leaf.data.rules[0].maxDurationSeconds += 1),
      ["rule team-shell: maxDurationSeconds"],
    ],
    [
      "a grant that no rule of it gives yet",
      "extension.approved",
      ({ leaf }) => void (leaf.data.judged.groups = ["payments-leads", "sre"]),
      ["groups"],
    ],
    [
      "another group of who denied more",
      "extension.denied",
      groups(["payments-leads", "sre"]),
      ["groups"],
    ],
    ["no group of who broke the glass", "glass.broken", groups([]), ["outcome", "groups"]],
    [
      "another wish of who broke the glass",
      "glass.broken",
      ({ leaf }) => void (leaf.data.judged.wished = 7),
      ["durationMinutes", "expiresAt", "card"],
    ],
    [
      "a later review than its rule says",
      "glass.broken",
      ({ leaf }) => void (leaf.data.reviewDueAt += 1),
      ["reviewDueAt"],
    ],
    ["no group of who reviewed", "glass.reviewed", groups([]), ["outcome", "groups"]],
    [
      "no group of who reviewed the last resort",
      "last_resort.reviewed",
      groups([]),
      ["outcome", "groups"],
    ],
    [
      "others than AWS told of as who used it",
      "last_resort.reviewed",
      ({ leaf }) => void (leaf.data.users = ["dev"]),
      ["users"],
    ],
    ["no group of who ended another's session", "end.asked", groups([]), ["outcome", "groups"]],
    ["another group of who replaced", "replace.asked", groups(["sre"]), ["groups"]],
    ["no group of who locked", "lock.set", groups([]), ["outcome", "groups"]],
    ["no group of who first unlocked", "lock.release_asked", groups([]), ["outcome", "groups"]],
    ["no group of who unlocked", "lock.released", groups([]), ["outcome", "groups"]],
    ["another group of who lost the right", "session.ended", groups(["sre"]), ["groups"]],
    ["another group at a try to end it", "end.unverified", groups(["sre"]), ["groups"]],
  ])("verifies, and replay names it: %s", async (_, kind, change, named) => {
    const { events, texts } = await anExport();
    changed.clear();
    const forged = doctored(events, (event, stored) => {
      if (kind === "session.ended" && event.leaf.data.cause !== "right_lost") return;
      first(kind, change)(event, stored);
    });
    expect(verifyChains(forged).problems).toEqual([]);
    const place = changed.get(kind);
    const found = replaysOf(forged, texts).find(
      ({ chain, seq }) => chain === place?.chain && seq === place.seq,
    );
    const { replay } = found ?? {};
    if (replay?.kind !== "differs") throw new Error(JSON.stringify(replay));
    const differences = replay.differences.map((one) => one.what);
    for (const name of named) expect(differences).toContain(name);
  });

  it("T31 is read as an earlier version wrote it, and says of each decision what is not kept", async () => {
    const { texts } = await anExport();
    const events = await wholeRecord(gateway.events);
    const kinds = [
      "lock.set",
      "lock.release_asked",
      "lock.released",
      "glass.broken",
      "glass.reviewed",
      "extension.asked",
      "extension.approved",
      "extension.denied",
      "end.asked",
      "replace.asked",
      "session.ended",
      "end.unverified",
      "request.revoked",
    ];
    const before = doctored(events, ({ leaf }) => {
      if (kinds.includes(leaf.kind)) delete leaf.data.judged;
    });
    expect(verifyChains(before).problems).toEqual([]);
    const replays = replaysOf(before, texts);
    const not = replays.filter(({ replay }) => replay.kind !== "same");
    expect(new Set(not.map(({ kind }) => kind))).toEqual(new Set(kinds));
    for (const { replay } of not) {
      expect(replay).toMatchObject({
        kind: "not_replayed",
        why: expect.stringContaining("is not kept with it") as string,
      });
    }
  });

  it.each<[string, Doctor, string, number, string]>([
    [
      "another fact than the command's",
      at("refused", 1, ({ values }) => void (values["facts"].shell = false)),
      "refused",
      1,
      "words or facts",
    ],
    [
      "no inputs",
      at("shell", 2, ({ leaf }) => void delete leaf.data.judged),
      "shell",
      2,
      "is not kept with it",
    ],
    [
      "a number that is no activation's",
      at("refused", 1, ({ leaf }) => void (leaf.configuration.seq = 9)),
      "refused",
      1,
      "activation #9 is not there",
    ],
  ])("is not replayed, and it is said why: %s", async (_, change, what, seq, why) => {
    const { events, texts } = await anExport();
    const found = replaysOf(doctored(events, change), texts).find(
      (one) => one.chain === `REQ#${ids[what]}` && one.seq === seq,
    );
    expect(found?.replay).toMatchObject({
      kind: "not_replayed",
      why: expect.stringContaining(why) as string,
    });
  });

  /** The record with another text of the first rules, and everything that names it by a hash. */
  async function withRules(change: (policies: string) => string) {
    const { events, texts } = await anExport();
    const first = events.map(readEvent).find(({ chain, seq }) => chain === "CONF" && seq === 1);
    if (first?.kind !== "policy.activated") throw new Error("no first set");
    const policies = change(texts.get(first.data.texts.policies) ?? "");
    const hashes = { ...first.data.texts, policies: sha256Hex(policies) };
    const [was, is] = [configurationHash(first.data.texts), configurationHash(hashes)];
    const rules = cedarPolicyEngine().rulesOf({
      policies,
      schema: texts.get(hashes.schema) ?? "",
    });
    const forged = doctored(events, ({ leaf }) => {
      if (leaf.configuration.hash === was) leaf.configuration.hash = is;
      if (leaf.chain !== "CONF" || leaf.seq !== 1) return;
      leaf.data.texts = hashes;
      leaf.data.rules = rules;
    });
    return { forged, texts: new Map([...texts, [hashes.policies, policies]]) };
  }

  it("verifies, and replay names it: another text of a rule", async () => {
    const { forged, texts } = await withRules((policies) =>
      policies.replace("{team}-leads:1, sre:1", "{team}-leads:1"),
    );
    expect(verifyChains(forged).problems).toEqual([]);
    const found = replaysOf(forged, texts).find(
      ({ chain, seq }) => chain === `REQ#${ids["denied"]}` && seq === 1,
    );
    expect(found?.replay).toMatchObject({
      kind: "differs",
      differences: expect.arrayContaining([
        expect.objectContaining({ what: "rule team-shell: textHash" }),
        expect.objectContaining({ what: "rule team-shell: needs" }),
      ]) as unknown,
    });
  });

  it("verifies, and replay names it: a rule that lets nobody in, and the command line fails", async () => {
    const { forged, texts } = await withRules((policies) =>
      policies.replaceAll('resource.hasTag("team")', 'resource.hasTag("nothing")'),
    );
    const { run, folder } = commandLineOf(gateway, "auditor");
    const lines = [...forged, ...[...texts].map(([hash, text]) => ({ hash, text }))];
    writeFileSync(join(folder, "x.jsonl"), lines.map((l) => `${JSON.stringify(l)}\n`).join(""));
    const { exitCode, stdout } = await run("policy", "replay", "--all", "x.jsonl");
    expect(stdout).toContain(`differs  REQ#${ids["denied"]} #1 request.asked`);
    expect(stdout).toContain("outcome: recorded request.asked, replayed request.refused");
    expect(exitCode).toBe(1);
  });

  it("is not replayed without its texts, nor by a text that its hash does not name", async () => {
    const { events, texts } = await anExport();
    const [denied] = events.filter(({ chain }) => chain === `REQ#${ids["denied"]}`);
    for (const [some, why] of [
      [new Map<string, string>(), "is not there"],
      [new Map([...texts].map(([hash, text]) => [hash, `${text} `])), "is not"],
    ] as const) {
      const record = takenRecord(events, some);
      const [one] = replayAll(cedarPolicyEngine(), record, denied === undefined ? [] : [denied]);
      expect(one?.replay).toMatchObject({
        kind: "not_replayed",
        why: expect.stringContaining(why) as string,
      });
    }
  });
});
