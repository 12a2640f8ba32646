import { describe, expect, it } from "vitest";
import { cardDigest } from "../../core/card.ts";
import { SallyportError } from "../../core/errors.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import { type EventBody, type EventKind, eventKinds } from "../../core/event-kinds.ts";
import { extend as extendGrant } from "../../core/extend.ts";
import { foldRequest } from "../../core/fold-request.ts";
import type { CallOnRecord } from "../../core/kinds/watched.ts";
import { statusAt } from "../../core/request-state.ts";
import { CHAIN_LIMIT } from "../../core/transitions.ts";
import { brokenBody } from "../kit/break-glass.ts";
import {
  attempt,
  callerOf,
  counted,
  engine,
  NOW,
  permit,
  type Road,
  roadOf,
  rules,
  siteOf,
  thrown,
} from "../kit/build-request.ts";

const oneLead = rules([permit("one", "payments-leads:1")]);

function approved(): Road {
  const road = roadOf(oneLead);
  road.decide("lead");
  return road;
}
function opening(): Road {
  const road = approved();
  attempt(road, "none");
  return road;
}
function ended(road: Road, kind: "request.cancelled" | "request.revoked"): Road {
  const person = kind === "request.cancelled" ? "dev" : "lead";
  road.add({ kind, data: { person }, values: {} }, person);
  return road;
}
function activation(): EventBody {
  const card = {
    v: 1 as const,
    kind: "activate" as const,
    requester: { person: "operator", name: "Olu" },
    policies: "",
    schema: "",
    directory: "",
    changes: [],
    reason: "r",
    rules: [{ id: "activate", textHash: "", needs: [{ group: "sre", count: 1 }] }],
  };
  return {
    kind: "activation.asked",
    data: {
      requester: { person: "operator", name: "Olu" },
      texts: { policies: "", schema: "", directory: "", engine: "" },
      lapsesAt: NOW + 1,
      rules: [
        {
          id: "activate",
          textHash: "",
          needs: [{ group: "sre", count: 1 }],
          maxDurationSeconds: 60,
          maxSessions: 1,
          pin: "none",
        },
      ],
    },
    values: { reason: "r", digest: cardDigest(card), body: "b", card },
  };
}

const ID = roadOf(oneLead).state().id;

/** Whoever the event says did it; the requester where it says nobody. */
function byWhom({ data }: EventBody): string {
  if ("person" in data) return data.person;
  return "requester" in data ? data.requester.person : "dev";
}

function extend(stored: StoredEvent[], body: EventBody): StoredEvent[] {
  const tail = stored.reduce(tailAfter, emptyTail(`REQ#${ID}`));
  const event = nextEvent(tail, body, {
    actor: { kind: "person", person: byWhom(body), principal: "1:2" },
    configuration: { seq: 1, hash: "" },
    now: body.kind === "request.expired" ? NOW + 30 * 86_400_000 : NOW,
    random: counted,
  });
  return [...stored, event];
}

/** An outcome of the first attempt, and what may be told after it. */
function outcomeBody(
  kind:
    | "session.opened"
    | "session.ended"
    | "end.unverified"
    | "exec.settled"
    | "exec.failed"
    | "exec.unknown"
    | "request.expired"
    | "request.revoked",
): EventBody {
  switch (kind) {
    case "session.opened":
      return {
        kind,
        data: {
          attempt: 1,
          sessionId: "s",
          clusterArn: "",
          taskArn: opening().state().attempts[0]?.taskArn ?? "",
          containerArn: "",
          containerName: "app",
          delivered: true,
          withheld: null,
        },
        values: {},
      };
    case "session.ended":
      return {
        kind,
        data: {
          attempt: 1,
          sessionId: "s",
          cause: "by_itself",
          strength: "ssm-status",
          endedAt: null,
        },
        values: {},
      };
    case "end.unverified":
      return {
        kind,
        data: { attempt: 1, sessionId: "s", cause: "by_itself", tries: 1, nextAt: NOW },
        values: { detail: "" },
      };
    case "exec.settled":
      return { kind, data: { attempt: 1, ended: [] }, values: {} };
    case "exec.failed":
      return { kind, data: { attempt: 1, code: "throttled", aws: null }, values: {} };
    case "exec.unknown":
      return { kind, data: { attempt: 1 }, values: {} };
    case "request.expired":
      return { kind, data: { status: "lapsed" }, values: {} };
    case "request.revoked":
      return { kind, data: { person: "x" }, values: {} };
  }
}

const denied = roadOf(oneLead);
denied.decide("lead", { decision: "deny" });
const refused = roadOf(rules([]));
const approval: EventBody = {
  kind: "decision.approved",
  data: { person: "sre", groups: [], grant: null },
  values: { digest: roadOf(oneLead).state().digest ?? "" },
};
const activated: EventBody = {
  kind: "decision.approved",
  data: { person: "sre", groups: [], grant: { rule: "activate", expiresAt: NOW + 1_000 } },
  values: { digest: (activation().values as { digest: string }).digest },
};

/** More time for what was approved, asked for right after that. */
function moreTime(): EventBody {
  const road = approved();
  const wish = { minutes: 10, reason: "more", bodyHash: "b", repeat: undefined };
  return extendGrant(engine, road.configuration, road.state(), callerOf("dev"), wish, NOW);
}

/** A history that stands at each stage; where an attempt may be waiting, one with and one without. */
const histories: { [name: string]: StoredEvent[] } = {
  absent: [],
  pending: roadOf(oneLead).stored,
  approved: approved().stored,
  "approved, extending": extend(approved().stored, moreTime()),
  "approved, opening": opening().stored,
  "approved, unknown": extend(opening().stored, outcomeBody("exec.unknown")),
  "approved, opened": extend(opening().stored, outcomeBody("session.opened")),
  "approved, ended": extend(
    extend(opening().stored, outcomeBody("session.opened")),
    outcomeBody("session.ended"),
  ),
  lapsed: extend(roadOf(oneLead).stored, outcomeBody("request.expired")),
  closed: extend(extend([], activation()), activated),
  refused: refused.stored,
  denied: denied.stored,
  cancelled: ended(approved(), "request.cancelled").stored,
  "cancelled, opening": ended(opening(), "request.cancelled").stored,
  revoked: ended(approved(), "request.revoked").stored,
  "revoked, opening": ended(opening(), "request.revoked").stored,
  "revoked, opened": extend(
    extend(opening().stored, outcomeBody("session.opened")),
    outcomeBody("request.revoked"),
  ),
};

const outcomes: EventKind[] = ["session.opened", "exec.failed", "exec.unknown", "exec.settled"];
const ends: EventKind[] = ["session.ended", "end.unverified", "end.asked"];
const endings: EventKind[] = ["request.cancelled", "request.revoked", "request.recarded"];
/** What may come next, written down apart from the product's own table. */
const legal: { [name: string]: EventKind[] } = {
  absent: ["request.asked", "request.refused", "activation.asked", "glass.broken"],
  pending: ["decision.approved", "decision.denied", "request.expired", ...endings],
  approved: ["exec.intent", "request.expired", "extension.asked", ...endings],
  "approved, extending": [
    "exec.intent",
    "request.expired",
    "extension.approved",
    "extension.denied",
    ...endings,
  ],
  "approved, opening": [...outcomes, "extension.asked", ...endings],
  "approved, unknown": ["exec.settled", "extension.asked", ...endings],
  "approved, opened": [...ends, "extension.asked", ...endings],
  "approved, ended": endings,
  "cancelled, opening": outcomes,
  "revoked, opening": outcomes,
  "revoked, opened": ends,
};

const seenCall: CallOnRecord = {
  cloudTrailId: "1",
  name: "ExecuteCommand",
  at: 0,
  place: { account: "111122223333", region: "us-east-1" },
  caller: "somebody",
  sourceIdentity: null,
  sessionName: null,
  about: null,
  sessionId: null,
  error: null,
};

function bodyOf(kind: EventKind): EventBody {
  const asked = (road: Road): EventBody => {
    const leaf = JSON.parse(road.stored[0]?.leaf ?? "") as EventBody;
    const values = Object.fromEntries(
      Object.entries(road.stored[0]?.open ?? {}).map(([f, { value }]) => [f, JSON.parse(value)]),
    );
    return { kind: leaf.kind, data: leaf.data, values } as EventBody;
  };
  const { card, digest, rules: askedUnder } = roadOf(oneLead).state();
  switch (kind) {
    case "request.asked":
      return asked(roadOf(oneLead));
    case "request.refused":
      return asked(refused);
    case "activation.asked":
      return activation();
    case "decision.approved":
      return approval;
    case "decision.denied":
      return { kind, data: { person: "sre", groups: [] }, values: { digest: digest ?? "" } };
    case "request.recarded":
      if (card === undefined || digest === undefined) throw new Error("no card");
      return {
        kind,
        data: { rules: askedUnder, automatic: [], fields: [] },
        values: { card, digest },
      };
    case "request.cancelled":
      return { kind, data: { person: "dev" }, values: {} };
    case "request.revoked":
      return { kind, data: { person: "x" }, values: {} };
    case "call.refused":
    case "decision.refused":
    case "open.refused":
      return {
        kind,
        data: { route: "getRequest", about: null, code: "not_permitted" },
        values: { detail: "" },
      };
    case "refusals.counted":
      return {
        kind,
        data: {
          minute: 0,
          who: { kind: "person", id: "dev" },
          counts: [{ route: "getRequest", code: "not_permitted", times: 1 }],
        },
        values: {},
      };
    case "hold.taken":
      return { kind, data: { requestId: ID, attempt: 1, displaced: [], holds: [] }, values: {} };
    case "hold.returned":
    case "hold.released":
      return { kind, data: { requestId: ID, attempt: 1, holds: [] }, values: {} };
    case "lock.set":
      return { kind, data: { id: "l", person: "x", locks: [] }, values: {} };
    case "lock.release_asked":
      return { kind, data: { id: "l", person: "x", locks: [] }, values: {} };
    case "lock.released":
      return { kind, data: { id: "l", person: "x", first: "y", locks: [] }, values: {} };
    case "record.read":
      return { kind, data: { subject: { kind: "request", id: "r" }, hour: 1 }, values: {} };
    case "call.matched":
      return { kind, data: { call: seenCall, request: ID, attempt: 1 }, values: {} };
    case "call.differed":
      return {
        kind,
        data: {
          call: seenCall,
          differences: ["caller"],
          request: null,
          attempt: null,
          guarded: true,
        },
        values: {},
      };
    case "call.missing":
      return {
        kind,
        data: { request: ID, attempt: 1, sessionId: "s", why: "no_call" },
        values: {},
      };
    case "session.unknown":
      return {
        kind,
        data: { place: seenCall.place, sessionId: "s", target: "", status: "" },
        values: {},
      };
    case "decision.unwitnessed":
      return {
        kind,
        data: { chain: "", seq: 1, eventId: "", call: null, why: "no_call" },
        values: {},
      };
    case "record.touched":
      return {
        kind,
        data: { what: "table", id: "", action: "UpdateTable", about: "", caller: null },
        values: {},
      };
    case "item.touched":
      return { kind, data: { id: "", action: "MODIFY", about: "" }, values: {} };
    case "last_resort.used":
      return { kind, data: { call: seenCall }, values: {} };
    case "last_resort.reviewed":
      return {
        kind,
        data: {
          person: "lead",
          verdict: "justified",
          use: "call:1",
          id: "1",
          seen: [],
          users: [],
          judged: { at: 0, groups: [] },
        },
        values: { comment: "c", body: "" },
      };
    case "glass.broken":
      return brokenBody();
    case "glass.counted":
      return { kind, data: { requestId: ID, person: "dev", limit: 3 }, values: {} };
    case "glass.reviewed":
      return { kind, data: { person: "lead", verdict: "justified" }, values: { comment: "c" } };
    case "extension.asked":
      return moreTime();
    case "extension.approved":
      return {
        kind,
        data: { number: 1, person: "lead", groups: [], grant: null },
        values: { digest: (moreTime().values as { digest: string }).digest },
      };
    case "extension.denied":
      return {
        kind,
        data: { number: 1, person: "lead", groups: [] },
        values: { digest: (moreTime().values as { digest: string }).digest },
      };
    case "exec.intent":
      return approved().open().intent;
    case "session.opened":
    case "session.ended":
    case "end.unverified":
    case "exec.settled":
    case "request.expired":
    case "exec.failed":
    case "exec.unknown":
      return outcomeBody(kind);
    case "end.asked":
      return { kind, data: { attempt: 1, sessionId: "s", person: "dev" }, values: {} };
    case "replace.asked":
      // Legal for a shell alone, which these requests are not for.
      return { kind, data: { attempt: 1, sessionId: "s", person: "dev" }, values: {} };
    case "session.unclaimed":
      // Nor is it time for this: they were opened just now.
      return {
        kind,
        data: { attempt: 1, sessionId: "s", status: "Connecting" },
        values: {},
      };
    case "policy.activated":
      return {
        kind,
        data: {
          texts: { policies: "", schema: "", directory: "", engine: "" },
          tableArn: "",
          request: null,
          rules: [],
        },
        values: { reason: "" },
      };
    case "restore.fence":
      return {
        kind,
        data: {
          texts: { policies: "", schema: "", directory: "", engine: "" },
          rules: [],
          tableArn: "",
          restoredFrom: "",
          fences: [],
          ends: [],
        },
        values: { reason: "" },
      };
  }
}

const kinds = Object.keys(eventKinds) as EventKind[];

describe("foldRequest", () => {
  describe.each(Object.keys(histories))("while %s", (name) => {
    it.each(kinds)(`T25 takes or refuses %s as the table says`, (kind) => {
      const history = histories[name] ?? [];
      foldRequest(ID, history, []);
      const next = extend(history, bodyOf(kind));
      const taken = legal[name]?.includes(kind) === true;
      const read = (): string => {
        try {
          return `folded ${foldRequest(ID, next, []).tail.seq}`;
        } catch (error) {
          return error instanceof SallyportError ? error.code : String(error);
        }
      };
      expect(read()).toBe(taken ? `folded ${next.length}` : "record_corrupt");
    });
  });

  it("T25 takes no decision of the requester, and one of each person on one card", () => {
    const own: EventBody = { ...approval, data: { person: "dev", groups: [], grant: null } };
    expect(thrown(() => foldRequest(ID, extend(roadOf(oneLead).stored, own), [])).code).toBe(
      "record_corrupt",
    );
    const once = extend(roadOf(oneLead).stored, approval);
    expect(thrown(() => foldRequest(ID, extend(once, approval), [])).code).toBe("record_corrupt");
    const recarded = extend(once, bodyOf("request.recarded"));
    expect(foldRequest(ID, extend(recarded, approval), []).decisions.map((d) => d.counts)).toEqual([
      false,
      true,
    ]);
  });

  it("T25 takes one attempt at a time, numbered without gaps, and a second only after a failure", () => {
    const intent = (n: number): EventBody => {
      const { intent: body } = approved().open();
      const roleSessionName = `req-${ID}.${n}`;
      return { ...body, data: { ...body.data, attempt: n, roleSessionName } };
    };
    const refuses = (stored: StoredEvent[]) =>
      expect(thrown(() => foldRequest(ID, stored, [])).code).toBe("record_corrupt");
    refuses(extend(approved().stored, intent(2)));
    refuses(extend(opening().stored, intent(2)));
    const failed = extend(opening().stored, bodyOf("exec.failed"));
    expect(foldRequest(ID, extend(failed, intent(2)), []).attempts.map((a) => a.state)).toEqual([
      "failed",
      "opening",
    ]);
    refuses(extend(failed, bodyOf("session.opened")));
    refuses(extend(extend(opening().stored, bodyOf("exec.unknown")), intent(2)));
    refuses(extend(extend(opening().stored, bodyOf("session.opened")), intent(2)));
  });

  it("takes a grant away with a new card", () => {
    const state = foldRequest(ID, extend(approved().stored, bodyOf("request.recarded")), []);
    expect(state.stage).toBe("pending");
    expect(state.grant).toBeUndefined();
  });

  it("keeps verifying when values were erased, and knows what is gone", () => {
    const erased = approved().stored.map((event) => ({ ...event, open: {} }));
    const state = foldRequest(ID, erased, []);
    expect(state.stage).toBe("approved");
    expect(state.card).toBeUndefined();
    expect(state.exec?.command).toBeUndefined();
  });

  it("lets only what ends something onto a full chain", () => {
    let stored = roadOf(oneLead).stored;
    const recarded = bodyOf("request.recarded");
    let tail = stored.reduce(tailAfter, emptyTail(`REQ#${ID}`));
    stored = [...stored];
    while (stored.length < CHAIN_LIMIT) {
      const event = nextEvent(tail, recarded, {
        actor: { kind: "person", person: "x", principal: "1:2" },
        configuration: { seq: 1, hash: "" },
        now: NOW,
        random: counted,
      });
      tail = tailAfter(tail, event);
      stored.push(event);
    }
    expect(foldRequest(ID, stored, []).tail.seq).toBe(CHAIN_LIMIT);
    expect(thrown(() => foldRequest(ID, extend(stored, recarded), [])).code).toBe("record_corrupt");
    expect(foldRequest(ID, extend(stored, bodyOf("request.revoked")), []).stage).toBe("revoked");
  });
});

describe("statusAt", () => {
  it("ends a wait and a grant at their very millisecond", () => {
    const pending = roadOf(oneLead).state();
    expect(statusAt(pending, pending.lapsesAt - 1)).toBe("pending");
    expect(statusAt(pending, pending.lapsesAt)).toBe("lapsed");
    const state = approved().state();
    const end = state.grant?.expiresAt ?? 0;
    expect(statusAt(state, end - 1)).toBe("approved");
    expect(statusAt(state, end)).toBe("lapsed");
    const used = approved();
    attempt(used, "opened", used.open(siteOf()));
    expect(statusAt(used.state(), end)).toBe("closed");
  });
});
