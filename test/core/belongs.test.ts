import { describe, expect, it } from "vitest";
import { cardDigest, type ExecCard } from "../../core/card.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { factsOf } from "../../core/facts.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { counted, NOW, permit, roadOf, rules, thrown, wishOf } from "../kit/build-request.ts";

/*
 * What somebody could append who holds the role of one function: events of the right form, under the right
 * family, that say one thing in one place and another in the next. None of them may be read as true.
 */

const both = rules([permit("both", "payments-leads:1, sre:1")]);
const alone = rules([permit("alone", "none")]);
type Asked = EventBody & { kind: "request.asked" };

function bodyOf(event: StoredEvent | undefined): EventBody {
  if (event === undefined) throw new Error("no event");
  const { kind, data } = JSON.parse(event.leaf) as EventBody;
  const values = Object.fromEntries(
    Object.entries(event.open).map(([field, { value }]) => [field, JSON.parse(value) as unknown]),
  );
  return { kind, data, values } as EventBody;
}

function append(stored: StoredEvent[], body: EventBody, person: string): StoredEvent[] {
  const chain = stored[0]?.chain ?? roadOf(both).stored[0]?.chain ?? "";
  const tail = stored.reduce(tailAfter, emptyTail(chain));
  const event = nextEvent(tail, body, {
    actor: { kind: "person", person, principal: "1:2" },
    configuration: { seq: 1, hash: both.hash },
    now: NOW,
    random: counted,
  });
  return [...stored, event];
}

/** How the fold and the verifier take a chain whose last event does not belong: code, place, and why. */
function refusal(stored: StoredEvent[]): { code: string; seq?: number; what?: string } {
  const { code } = thrown(() => foldRequest(stored[0]?.chain.slice(4) ?? "", stored, []));
  const [problem] = verifyChains(stored).problems;
  return { code, ...(problem === undefined ? {} : { seq: problem.seq, what: problem.what }) };
}
const corrupt = (stored: StoredEvent[], why: string) => ({
  code: "record_corrupt",
  seq: stored.length,
  what: expect.stringContaining(why) as string,
});

describe("a request on record", () => {
  const honest = bodyOf(roadOf(both).stored[0]) as Asked;
  const { values, data } = honest;
  const card = values.card as ExecCard;
  const shell = ["/bin/sh"];
  const warned = { check: "pid_mode", status: "warning" as const, remedy: "look" };
  const withCard = (change: Partial<ExecCard>): Asked["values"] => {
    const other = { ...card, ...change };
    return { ...values, card: other, digest: cardDigest(other) };
  };
  const asked = (change: Partial<Asked>): StoredEvent[] =>
    append([], { ...honest, ...change }, "dev");

  it("is read where it agrees with itself", () => {
    expect(foldRequest(asked({})[0]?.chain.slice(4) ?? "", asked({}), []).stage).toBe("pending");
  });

  it.each<[string, Partial<Asked>, string]>([
    [
      "another command than the facts judged",
      { values: { ...values, command: "/bin/sh" } },
      "words or facts",
    ],
    ["other words than the command's", { values: { ...values, argv: shell } }, "words or facts"],
    [
      "facts of another command",
      { values: { ...values, facts: factsOf(["/bin/date"], { ticket: false, windows: false }) } },
      "words or facts",
    ],
    ["a card without its warnings", { data: { ...data, preflight: [warned] } }, "warnings"],
    ["a card with a warning of its own", { values: withCard({ warnings: ["x"] }) }, "warnings"],
    [
      "a shell that is said to be none",
      {
        values: {
          ...values,
          command: "/bin/sh",
          argv: shell,
          facts: { ...factsOf(shell, { ticket: false, windows: false }), shell: false },
        },
      },
      "words or facts",
    ],
    [
      "a card of another command",
      { values: withCard({ command: "/bin/date" }) },
      "another command",
    ],
    ["a card of other words", { values: withCard({ argv: ["/bin/date"] }) }, "other words"],
    ["a card that hides a shell", { values: withCard({ opensShell: true }) }, "other facts"],
    ["a card of another reason", { values: withCard({ reason: "none" }) }, "another reason"],
    ["a card with a ticket nobody gave", { values: withCard({ ticket: "OPS-1" }) }, "other facts"],
    [
      "a card of another container",
      { values: withCard({ target: { ...card.target, container: "envoy" } }) },
      "another target",
    ],
    ["a card of a shorter time", { values: withCard({ durationMinutes: 5 }) }, "another target"],
    [
      "a card of another start",
      { values: withCard({ start: "not before 2026-11-24T10:00:00.000Z" }) },
      "another start",
    ],
    [
      "a start beyond any",
      {
        data: { ...data, startAt: NOW + 8 * 86_400_000 },
        values: withCard({ start: "not before 2026-12-02T08:20:00.000Z" }),
      },
      "starts later than anything may",
    ],
    ["a card of fewer needs", { values: withCard({ rules: [] }) }, "another target"],
    [
      "a card in another's name",
      { values: withCard({ requester: { person: "lead", name: "L" } }) },
      "another target",
    ],
    ["another digest", { values: { ...values, digest: "0".repeat(64) } }, "the digest"],
    [
      "a rule that needs somebody, as automatic",
      { data: { ...data, automatic: ["both"], expiresAt: NOW + 1 } },
      "approves by itself",
    ],
    [
      "another service than was judged",
      { data: { ...data, resource: { ...data.resource, id: "arn:x" } as typeof data.resource } },
      "is not the target",
    ],
    [
      "a requester who did not call",
      { data: { ...data, requester: { person: "lead", name: "L" } } },
      "not who called",
    ],
  ])("with %s is not", (_, change, why) => {
    expect(refusal(asked(change))).toMatchObject(corrupt(asked(change), why));
  });

  it("that approves itself for longer than it asks is not", () => {
    const automatic = bodyOf(roadOf(alone).stored[0]) as Asked;
    const longer = { ...automatic.data, expiresAt: NOW + 24 * 3_600_000 };
    const stored = append([], { ...automatic, data: longer }, "dev");
    expect(refusal(stored)).toMatchObject(corrupt(stored, "longer than"));
  });

  it("of a Windows task is read with its command as one word", () => {
    const wish = wishOf({
      argv: ["dir C:\\"],
      command: "dir C:\\",
      facts: factsOf(["dir C:\\"], { ticket: false, windows: true }),
    });
    expect(roadOf(both, { wish }).state().stage).toBe("pending");
  });
});

describe("a decision on record", () => {
  const decided = (change: object, person = "lead", more: object = {}) => {
    const road = roadOf(both);
    const body: EventBody = {
      kind: "decision.approved",
      data: { person: "lead", groups: ["payments-leads"], grant: null, ...change },
      values: { digest: road.state().digest ?? "", ...more },
    };
    return append(road.stored, body, person);
  };

  it("is read where it agrees with the rest", () => {
    expect(
      foldRequest(decided({})[0]?.chain.slice(4) ?? "", decided({}), []).decisions,
    ).toHaveLength(1);
  });

  it.each<[string, StoredEvent[], string]>([
    ["in another's name", decided({}, "dev"), "not who called"],
    ["of another card", decided({}, "lead", { digest: "0".repeat(64) }), "another card"],
    [
      "that grants before so many agreed",
      decided({ grant: { rule: "both", expiresAt: NOW + 1 } }),
      "so many",
    ],
    [
      "that grants by no rule",
      decided({ grant: { rule: "none", expiresAt: NOW + 1 } }),
      "not asked under",
    ],
  ])("%s is not", (_, stored, why) => {
    expect(refusal(stored)).toMatchObject(corrupt(stored, why));
  });

  it("that grants for longer than was asked is not", () => {
    const road = roadOf(both);
    road.decide("sre");
    const body: EventBody = {
      kind: "decision.approved",
      data: {
        person: "lead",
        groups: ["payments-leads"],
        grant: { rule: "both", expiresAt: NOW + 24 * 3_600_000 },
      },
      values: { digest: road.state().digest ?? "" },
    };
    const stored = append(road.stored, body, "lead");
    expect(refusal(stored)).toMatchObject(corrupt(stored, "longer than"));
  });
});

describe("an intent on record", () => {
  const road = roadOf(both);
  road.decide("lead");
  road.decide("sre");
  const { intent } = road.open();
  const intended = (change: object, person = "dev", values: object = {}) =>
    append(
      road.stored,
      { ...intent, data: { ...intent.data, ...change }, values: { ...intent.values, ...values } },
      person,
    );

  it("is read where it agrees with the rest", () => {
    expect(foldRequest(road.state().id, intended({}), []).attempts).toHaveLength(1);
  });

  it.each<[string, StoredEvent[], string]>([
    ["by another than the requester", intended({}, "lead"), "another than the requester"],
    ["for another container", intended({ container: "envoy" }), "another container"],
    ["that counts somebody who has not agreed", intended({ approvals: ["ghost"] }), "not agreed"],
    ["beyond the grant", intended({ expiresAt: NOW + 24 * 3_600_000 }), "within the grant"],
    [
      "sent later than the grant lasts",
      intended({ notAfter: intent.data.expiresAt + 1 }),
      "within the grant",
    ],
    ["under another role session", intended({ roleSessionName: "req-x.1" }), "role session"],
    [
      "of another command",
      intended({}, "dev", { facts: factsOf(["/bin/sh"], { ticket: false, windows: false }) }),
      "another command",
    ],
  ])("%s is not", (_, stored, why) => {
    expect(refusal(stored)).toMatchObject(corrupt(stored, why));
  });

  it("is not followed by a session of another container that was handed over", () => {
    const opened = (containerName: string, delivered: boolean): EventBody => ({
      kind: "session.opened",
      data: {
        attempt: 1,
        sessionId: "s",
        clusterArn: "",
        taskArn: intent.data.taskArn,
        containerArn: "",
        containerName,
        delivered,
        withheld: delivered ? null : "response_mismatch",
      },
      values: {},
    });
    const stored = intended({});
    const handed = append(stored, opened("envoy", true), "dev");
    expect(refusal(handed)).toMatchObject(corrupt(handed, "handed over"));
    expect(
      foldRequest(road.state().id, append(stored, opened("envoy", false), "dev"), []).stage,
    ).toBe("approved");
  });
});

describe("a withdrawal on record", () => {
  it("is the requester's own, and a revocation whoever's who called", () => {
    const { stored } = roadOf(both);
    const stopped = (kind: "request.cancelled" | "request.revoked", person: string) =>
      append(stored, { kind, data: { person }, values: {} }, "lead");
    for (const [stored, why] of [
      [stopped("request.cancelled", "lead"), "another than the requester"],
      [stopped("request.cancelled", "dev"), "not who called"],
      [stopped("request.revoked", "sre"), "not who called"],
    ] as const) {
      expect(refusal(stored)).toMatchObject(corrupt(stored, why));
    }
  });
});

describe("a new card on record", () => {
  const road = roadOf(both);
  const { card, digest, rules: underRules } = road.state();
  const exec = card as ExecCard;
  const recarded = (change: Partial<ExecCard>, more: { data?: object; digest?: string } = {}) => {
    const other = { ...exec, ...change };
    const body: EventBody = {
      kind: "request.recarded",
      data: { rules: underRules, automatic: [], fields: [], ...more.data },
      values: { card: other, digest: more.digest ?? cardDigest(other) },
    };
    return append(road.stored, body, "lead");
  };

  it("is read where it agrees with what was asked", () => {
    expect(digest).toBe(cardDigest(exec));
    expect(foldRequest(road.state().id, recarded({}), []).digest).toBe(digest);
  });

  it.each<[string, StoredEvent[], string]>([
    ["of another command", recarded({ command: "/bin/sh" }), "another command"],
    [
      "of another target",
      recarded({ target: { ...exec.target, container: "envoy" } }),
      "another target",
    ],
    ["in another's name", recarded({ requester: { person: "lead", name: "L" } }), "another target"],
    ["of fewer rules", recarded({ rules: [] }), "another target"],
    ["with another digest", recarded({}, { digest: "0".repeat(64) }), "the digest"],
    ["that approves itself", recarded({}, { data: { automatic: ["both"] } }), "approves by itself"],
  ])("%s is not", (_, stored, why) => {
    expect(refusal(stored)).toMatchObject(corrupt(stored, why));
  });

  it("takes the approvals of the one before out of every count", () => {
    const one = rules([permit("one", "payments-leads:1")]);
    const before = roadOf(one);
    before.decide("lead");
    const anew: EventBody = {
      kind: "request.recarded",
      data: { rules: before.state().rules, automatic: [], fields: [] },
      values: { card: before.state().card as ExecCard, digest: before.state().digest ?? "" },
    };
    const grant = (needs: number, stored: StoredEvent[]): StoredEvent[] =>
      append(
        stored,
        {
          kind: "decision.approved",
          data: {
            person: "sre",
            groups: [],
            grant: { rule: needs === 1 ? "one" : "both", expiresAt: NOW + 1 },
          },
          values: { digest: before.state().digest ?? "" },
        },
        "sre",
      );
    expect(
      foldRequest(before.state().id, grant(1, append(before.stored, anew, "sre")), []).stage,
    ).toBe("approved");
    const two = roadOf(both);
    two.decide("lead");
    const again: EventBody = {
      ...anew,
      data: { rules: two.state().rules, automatic: [], fields: [] },
      values: { card: two.state().card as ExecCard, digest: two.state().digest ?? "" },
    };
    const stored = append(
      append(two.stored, again, "sre"),
      {
        kind: "decision.approved",
        data: { person: "sre", groups: ["sre"], grant: { rule: "both", expiresAt: NOW + 1 } },
        values: { digest: two.state().digest ?? "" },
      },
      "sre",
    );
    expect(refusal(stored)).toMatchObject(corrupt(stored, "so many"));
  });
});

describe("who stands behind an event", () => {
  it("is a person where it is a decision, and no program under a person's id", () => {
    const road = roadOf(both);
    const tail = road.stored.reduce(tailAfter, emptyTail(road.stored[0]?.chain ?? ""));
    const event = nextEvent(
      tail,
      {
        kind: "decision.approved",
        data: { person: "lead", groups: [], grant: null },
        values: { digest: road.state().digest ?? "" },
      },
      {
        actor: { kind: "program", program: "lead", principal: "1:2" },
        configuration: { seq: 1, hash: "" },
        now: NOW,
        random: counted,
      },
    );
    const stored = [...road.stored, event];
    expect(refusal(stored)).toMatchObject(corrupt(stored, "not who called"));
  });
});
