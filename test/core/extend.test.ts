import { describe, expect, it } from "vitest";
import type { ExtensionCard } from "../../core/card.ts";
import { cardDigest } from "../../core/card.ts";
import { isoTime } from "../../core/clock.ts";
import type { DecisionInput } from "../../core/decide.ts";
import { decideExtension } from "../../core/decide-extension.ts";
import { dueBy } from "../../core/due.ts";
import { dutiesOf } from "../../core/duties.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { extend } from "../../core/extend.ts";
import { extensionOf } from "../../core/extension.ts";
import {
  attempt,
  callerOf,
  directoryWith,
  engine,
  MINUTE,
  NOW,
  permit,
  type Road,
  roadOf,
  rules,
  thrown,
} from "../kit/build-request.ts";

const directory = directoryWith({ lead2: ["payments-leads"], sre2: ["sre"] });
const both = rules([permit("both", "payments-leads:1, sre:1")], { directory });
const END = NOW + 30 * MINUTE;
const kept = () => ({ kind: "kept" }) as const;
const known = { stay: kept, groups: [], locks: [], activatedAt: 0 };

function granted(configuration = both): Road {
  const road = roadOf(configuration);
  road.decide("lead");
  road.decide("sre");
  return road;
}

function ask(road: Road, minutes = 10, as = "dev", now = NOW) {
  const caller = callerOf(as, road.configuration.directory);
  const wish = { minutes, reason: "not done", bodyHash: "b", repeat: undefined };
  const body = extend(engine, road.configuration, road.state(), caller, wish, now);
  road.add(body, as, now);
  return body;
}

function say(road: Road, as: string, change: Partial<DecisionInput> = {}, now = NOW) {
  const state = road.state();
  const digest = change.digest ?? state.extensions.at(-1)?.digest ?? "";
  const extension = extensionOf(state, digest);
  if (extension === undefined) throw new Error("no such extension");
  const decided = decideExtension(
    engine,
    road.configuration,
    state,
    extension,
    callerOf(as, road.configuration.directory),
    road.decision({ ...change, digest }),
    now,
  );
  if (decided.kind === "append") road.add(decided.body, as, now);
  return decided;
}

describe("more time", () => {
  it("is a new card, which names what was approved, and both ends", () => {
    const road = granted();
    const { digest } = road.state();
    ask(road);
    const [extension] = road.state().extensions;
    expect(extension?.card).toMatchObject({
      kind: "extend",
      approved: digest,
      command: "/bin/ls",
      minutes: 10,
      from: "2026-11-24T08:50:00.000Z",
      until: "2026-11-24T09:00:00.000Z",
      totalMinutes: 40,
      reason: "not done",
    });
    expect(extension?.digest).not.toBe(digest);
    expect(road.state().digest).toBe(digest);
  });

  it("is given by the same rules, and the grant and what runs under it end later", () => {
    const road = granted();
    attempt(road, "opened");
    ask(road);
    say(road, "lead");
    expect(road.state().grant?.expiresAt).toBe(END);
    const last = say(road, "sre2");
    const state = road.state();
    expect(state.grant).toMatchObject({ rule: "both", expiresAt: END + 10 * MINUTE });
    expect(state.attempts[0]?.expiresAt).toBe(END + 10 * MINUTE);
    if (last.kind !== "append") throw new Error(last.kind);
    expect(dueBy({ ...last.body, at: NOW })).toEqual([END + 10 * MINUTE]);
    const ends = dutiesOf(state, known, END + 10 * MINUTE - 1).filter(({ kind }) => kind === "end");
    expect(ends).toEqual([]);
    expect(dutiesOf(state, known, END + 10 * MINUTE)).toMatchObject([
      { kind: "end", cause: "expired" },
    ]);
  });

  it("does not move the end while it waits", () => {
    const road = granted();
    attempt(road, "opened");
    ask(road);
    say(road, "lead");
    expect(dutiesOf(road.state(), known, END)).toMatchObject([{ kind: "end", cause: "expired" }]);
  });

  it("does not count the approvals of the request", () => {
    const road = granted();
    ask(road);
    expect(road.state().extensions).toMatchObject([{ stage: "pending", decisions: [] }]);
    expect(say(road, "lead")).toMatchObject({ body: { data: { grant: null } } });
  });

  it("is for the whole time within what the rules allow, and not a minute more", () => {
    const road = granted();
    expect(thrown(() => ask(road, 31)).code).toBe("refused_by_rule");
    ask(road, 30);
    say(road, "lead");
    say(road, "sre");
    expect(thrown(() => ask(road, 1)).code).toBe("refused_by_rule");
  });

  it("beyond what the rules allow is refused with the minutes that are left", () => {
    const road = granted();
    const refused = (minutes: number, hint: string) =>
      expect(() => ask(road, minutes)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ hint }) }),
      );
    refused(540, "ask for 30 minutes or less");
    ask(road, 25);
    say(road, "lead");
    say(road, "sre");
    refused(6, "ask for 5 minutes or less");
    ask(road, 5);
    say(road, "lead");
    say(road, "sre");
    refused(1, "all the time that the rules allow is granted; ask again with `sallyport exec`");
  });

  it("is nobody's to ask for but who has the grant", () => {
    expect(thrown(() => ask(granted(), 10, "lead")).code).toBe("not_permitted");
    expect(thrown(() => ask(roadOf(both))).code).toBe("request_closed");
  });

  it("is not given by whoever asks, under any identity", () => {
    const road = granted(
      rules([permit("both", "payments-leads:1, sre:1")], {
        directory: directoryWith({ dev: ["payments", "sre"] }),
      }),
    );
    ask(road);
    expect(thrown(() => say(road, "dev")).code).toBe("self_approval");
    expect(thrown(() => say(road, "auditor")).code).toBe("not_permitted");
  });

  it("is asked for, and given, until the millisecond before the end", () => {
    expect(thrown(() => ask(granted(), 10, "dev", END)).code).toBe("request_closed");
    const road = granted();
    ask(road, 10, "dev", END - 1);
    say(road, "lead", {}, END - 1);
    const late = granted();
    ask(late);
    say(late, "lead");
    expect(thrown(() => say(late, "sre", {}, END))).toMatchObject({
      code: "request_closed",
      members: { requestStatus: "lapsed" },
    });
    say(road, "sre", {}, END - 1);
    expect(road.state().grant?.expiresAt).toBe(END + 10 * MINUTE);
  });

  it("is denied like anything else, and leaves the grant as it is", () => {
    const road = granted();
    ask(road);
    say(road, "lead", { decision: "deny" });
    expect(road.state()).toMatchObject({ stage: "approved", grant: { expiresAt: END } });
    expect(road.state().extensions).toMatchObject([{ stage: "denied" }]);
    const { message } = (() => {
      try {
        say(road, "sre");
      } catch (error) {
        return error as Error;
      }
      throw new Error("nothing was thrown");
    })();
    expect(message).toBe(
      "the extension is denied already: lead denied it at 2026-11-24T08:20:00.000Z",
    );
  });

  it("may be given for less", () => {
    const road = granted();
    ask(road);
    expect(thrown(() => say(road, "lead", { maxMinutes: 11 })).code).toBe("body_invalid");
    say(road, "lead", { maxMinutes: 5 });
    say(road, "sre");
    expect(road.state().grant?.expiresAt).toBe(END + 5 * MINUTE);
  });

  it("T22 takes one decision of each person, and knows the same again", () => {
    const road = granted();
    ask(road);
    say(road, "lead");
    expect(say(road, "lead")).toEqual({ kind: "repeated" });
    expect(thrown(() => say(road, "lead", { decision: "deny" })).code).toBe("request_closed");
  });

  it("that is asked for again takes the place of what waits", () => {
    const road = granted();
    ask(road);
    const [first] = road.state().extensions;
    ask(road, 20);
    expect(road.state().extensions).toMatchObject([{ stage: "superseded" }, { stage: "pending" }]);
    expect(thrown(() => say(road, "lead", { digest: first?.digest ?? "" })).code).toBe(
      "digest_stale",
    );
  });

  it("has to be asked for again where the rules have changed", () => {
    const road = granted();
    ask(road);
    road.configuration = rules([permit("both", "payments-leads:1, sre:1", '@max_duration("2h")')], {
      seq: 2,
      directory,
    });
    expect(thrown(() => say(road, "lead")).code).toBe("digest_stale");
    road.configuration = rules([], { seq: 3, directory });
    expect(thrown(() => say(road, "lead")).code).toBe("refused_by_rule");
  });

  it("T20 is judged with the rest at an open: the rules have to allow the whole of it", () => {
    const allowing = (minutes: number, seq: number) =>
      rules([permit("both", "payments-leads:1, sre:1", `@max_duration("${minutes}m")`)], {
        seq,
        directory,
      });
    const road = granted(allowing(60, 1));
    ask(road);
    say(road, "lead");
    say(road, "sre");
    road.configuration = allowing(39, 2);
    expect(thrown(() => road.open()).code).toBe("refused_by_rule");
    road.configuration = allowing(40, 3);
    expect(road.open().intent.data.expiresAt).toBe(END + 10 * MINUTE);
  });

  it("is of a grant, and ends with it where a new card has to be agreed to", () => {
    const road = granted();
    ask(road);
    const digest = road.state().extensions[0]?.digest ?? "";
    road.configuration = rules([permit("three", "payments-leads:2, sre:1")], { seq: 2, directory });
    expect(road.decide("lead2")).toMatchObject({ kind: "recard" });
    expect(road.state()).toMatchObject({ stage: "pending", extensions: [{ stage: "superseded" }] });
    expect(thrown(() => say(road, "lead", { digest })).code).toBe("digest_stale");
  });

  it("is given by being asked for where the rule that gave it approves by itself", () => {
    const road = roadOf(rules([permit("alone", "none")]));
    expect(ask(road).data.grant).toEqual({ rule: "alone", expiresAt: END + 10 * MINUTE });
    expect(road.state().grant?.expiresAt).toBe(END + 10 * MINUTE);
  });

  it("lets the end of what had just run out be told by whoever had not heard of it", () => {
    const road = granted();
    attempt(road, "opened");
    const sessionId = road.state().attempts[0]?.sessionId ?? "";
    ask(road);
    say(road, "lead");
    say(road, "sre", {}, END - 1);
    const end: EventBody = {
      kind: "session.ended",
      data: { attempt: 1, sessionId, cause: "expired", strength: "ssm-status", endedAt: null },
      values: {},
    };
    road.add(end, "dev", END);
    expect(road.state().attempts).toMatchObject([{ state: "ended" }]);
  });
});

describe("more time on record", () => {
  type Asked = EventBody & { kind: "extension.asked" };
  type Card = ExtensionCard;
  const honest = (): [Road, Asked] => {
    const road = granted();
    const wish = { minutes: 10, reason: "not done", bodyHash: "b", repeat: undefined };
    return [road, extend(engine, both, road.state(), callerOf("dev"), wish, NOW)];
  };
  const withCard = (values: Asked["values"], change: Partial<Card>): Asked["values"] => {
    const card = { ...values.card, ...change };
    return { ...values, card, digest: cardDigest(card) };
  };

  it.each<[string, (body: Asked) => Partial<Asked>, string]>([
    ["as it was asked for", () => ({}), ""],
    ["in another's name", ({ data }) => ({ data: { ...data, person: "lead" } }), "dev"],
    ["from another end", ({ data }) => ({ data: { ...data, from: data.from + 1 } }), "dev"],
    ["to another end", ({ data }) => ({ data: { ...data, until: data.until + 1 } }), "dev"],
    [
      "of another command",
      ({ values }) => ({ values: withCard(values, { command: "/bin/sh" }) }),
      "dev",
    ],
    ["of another time", ({ values }) => ({ values: withCard(values, { minutes: 1 }) }), "dev"],
    ["of no rule", ({ values }) => ({ values: withCard(values, { rules: [] }) }), "dev"],
    [
      "that grants itself",
      ({ data }) => ({ data: { ...data, grant: { rule: "both", expiresAt: data.until } } }),
      "dev",
    ],
    [
      "for longer than its rules",
      ({ data, values }) => ({
        data: { ...data, minutes: 60, until: data.from + 60 * MINUTE },
        values: withCard(values, {
          minutes: 60,
          until: isoTime(data.from + 60 * MINUTE),
          totalMinutes: 90,
        }),
      }),
      "dev",
    ],
  ])("%s", (_, change, refusedOf) => {
    const [road, body] = honest();
    road.add({ ...body, ...change(body) }, "dev");
    const read = (): string => {
      try {
        return road.state().stage;
      } catch {
        return "record_corrupt";
      }
    };
    expect(read()).toBe(refusedOf === "" ? "approved" : "record_corrupt");
  });

  it.each<[string, object, string]>([
    ["before so many agreed", { grant: { rule: "both", expiresAt: END + 1 } }, "lead"],
    ["in another's name", { person: "sre" }, "lead"],
    ["of another number", { number: 2 }, "lead"],
  ])("that is approved %s is not read", (_, change, as) => {
    const road = granted();
    ask(road);
    const digest = road.state().extensions[0]?.digest ?? "";
    road.add(
      {
        kind: "extension.approved",
        data: { number: 1, person: "lead", groups: [], grant: null, ...change },
        values: { digest },
      },
      as,
    );
    expect(thrown(() => road.state()).code).toBe("record_corrupt");
  });

  it("that is granted for longer than was asked is not read", () => {
    const road = granted();
    ask(road);
    say(road, "lead", { maxMinutes: 5 });
    const digest = road.state().extensions[0]?.digest ?? "";
    const grant = { rule: "both", expiresAt: END + 5 * MINUTE + 1 };
    road.add(
      {
        kind: "extension.approved",
        data: { number: 1, person: "sre", groups: ["sre"], grant },
        values: { digest },
      },
      "sre",
    );
    expect(thrown(() => road.state()).code).toBe("record_corrupt");
  });
});
