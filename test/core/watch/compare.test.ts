import { describe, expect, it } from "vitest";
import { compareCall, requestOf } from "../../../core/watch/compare.ts";
import { type History, historyOf } from "../../../core/watch/history.ts";
import type { Asked, SeenCall, SeenCaller } from "../../../core/watch/seen-call.ts";
import { attempt, NOW, permit, roadOf, rules } from "../../kit/build-request.ts";

const home = "111122223333";
const other = "444455556666";
const guarded = {
  partition: "aws",
  home,
  clusters: [home, other].map((account) => `arn:aws:ecs:us-east-1:${account}:cluster/demo`),
};
const place = { account: home, region: "us-east-1" };
const role = (name: string, account = home, path = "/sallyport/"): string =>
  `arn:aws:iam::${account}:role${path}${name}`;
const by = (arn: string | null, more: Partial<SeenCaller> = {}): SeenCaller => ({
  arn,
  account: home,
  sessionName: null,
  sourceIdentity: null,
  service: null,
  ...more,
});
const call = (asked: Asked, more: Partial<SeenCall> = {}): SeenCall => ({
  id: "1",
  at: NOW,
  place,
  caller: by(role("sallyport-exec")),
  error: null,
  asked,
  origin: { session: null, by: null, from: null, until: null },
  ...more,
});

const road = roadOf(rules([permit("one", "payments-leads:1")]));
road.decide("lead");
attempt(road, "opened");
const state = road.state();
const [intended] = state.attempts;
if (intended === undefined) throw new Error("nothing was intended");
const history = historyOf(state.id, road.stored);
const absent: History = { kind: "absent" };
const sessionName = `req-${state.id}.1`;

const command = (change: Partial<Asked & { name: "ExecuteCommand" }> = {}): Asked => ({
  name: "ExecuteCommand",
  cluster: state.exec?.target.clusterArn ?? "",
  task: intended.taskArn,
  container: intended.container,
  command: state.exec?.command ?? "",
  sessionId: intended.sessionId ?? "",
  ...change,
});
const ours = by(role("sallyport-exec"), { sessionName, sourceIdentity: state.requester.person });
const executed = (
  change: Partial<Asked & { name: "ExecuteCommand" }>,
  more: Partial<SeenCall> = {},
) => compareCall(guarded, call(command(change), { caller: ours, ...more }), history);

const assumed = (name: string, caller: SeenCaller, more: Partial<SeenCall> = {}, named = "end-1") =>
  compareCall(
    guarded,
    call(
      {
        name: "AssumeRole",
        roleArn: role(name, more.place?.account),
        sessionName: named,
        sourceIdentity: null,
        tags: {},
      },
      { caller, ...more },
    ),
    absent,
  );
const lambda = (name: string): SeenCaller => by(role(`sallyport-lambda-${name}`));

describe("ExecuteCommand", () => {
  it("is the intent's, by ARNs or by names", () => {
    const matched = { kind: "matched", request: state.id, attempt: 1 };
    expect(executed({})).toEqual(matched);
    expect(executed({ cluster: "demo", task: intended.taskArn.split("/").at(-1) ?? "" })).toEqual(
      matched,
    );
  });

  it.each(["cluster", "task", "container", "command"] as const)(
    "that AWS took and tells no %s of cannot be vouched for; one that it refused can",
    (member) => {
      expect(executed({ [member]: null })).toMatchObject({
        kind: "differs",
        differences: [member],
      });
      expect(
        executed({ [member]: null, sessionId: null }, { error: "AccessDenied" }),
      ).toMatchObject({ differences: ["session"] });
    },
  );

  it("is not the intent's in another account or region", () => {
    const elsewhere = { account: home, region: "eu-west-1" };
    expect(executed({}, { place: elsewhere })).toMatchObject({ differences: ["place"] });
  });

  it("is not the intent's before it was on record or after its minute, but for what clocks may differ by", () => {
    const { at, notAfter } = intended;
    for (const inTime of [at - 60_000, at, notAfter, notAfter + 60_000]) {
      expect(executed({}, { at: inTime })).toMatchObject({ kind: "matched" });
    }
    for (const otherTime of [at - 60_001, notAfter + 60_001]) {
      expect(executed({}, { at: otherTime })).toMatchObject({ differences: ["time"] });
    }
  });

  it("is nobody's where its request's chain does not verify", () => {
    const [first, ...rest] = road.stored;
    if (first === undefined) throw new Error("nothing was asked");
    const spoilt = historyOf(state.id, [{ ...first, leaf: `${first.leaf} ` }, ...rest]);
    expect(spoilt).toEqual({ kind: "spoilt" });
    expect(compareCall(guarded, call(command(), { caller: ours }), spoilt)).toMatchObject({
      differences: ["record"],
    });
  });

  it("by a role of the same name on another path, or in another account, is foreign", () => {
    for (const arn of [role("sallyport-exec", home, "/"), role("sallyport-exec", other)]) {
      expect(executed({}, { caller: { ...ours, arn } })).toMatchObject({
        differences: ["caller"],
        request: null,
      });
    }
  });

  it("that compares with a command erased from the record is compared in all else", () => {
    const erased: History = {
      kind: "request",
      state: { ...state, exec: withoutCommand(state) },
      wasGranted: true,
    };
    const compared = (change: object) =>
      compareCall(guarded, call(command(change), { caller: ours }), erased);
    expect(compared({})).toMatchObject({ kind: "matched" });
    expect(compared({ container: "other" })).toMatchObject({ differences: ["container"] });
  });
});

function withoutCommand({ exec }: typeof state): NonNullable<typeof exec> {
  if (exec === undefined) throw new Error("nothing runs");
  const { command: _gone, ...rest } = exec;
  return rest;
}

describe("AssumeRole", () => {
  it.each([
    ["sallyport-read", "requests", true],
    ["sallyport-read", "watcher", false],
    ["sallyport-end", "sweeper", true],
    ["sallyport-end", "watcher", true],
    ["sallyport-end", "requests", false],
    ["sallyport-exec", "sweeper", false],
  ] as const)("of %s by %s is as it should be: %s", (name, who, may) => {
    expect(assumed(name, lambda(who)).kind).toBe(may ? "none" : "differs");
  });

  it("of a function's role is Lambda's alone, of a forwarding one EventBridge's", () => {
    for (const [name, service] of [
      ["sallyport-lambda-exec", "lambda.amazonaws.com"],
      ["sallyport-forward-us-east-1", "events.amazonaws.com"],
    ] as const) {
      expect(assumed(name, by(null, { service }))).toEqual({ kind: "none" });
      expect(assumed(name, by(role("Admin", home, "/")))).toMatchObject({
        differences: ["caller"],
      });
      expect(assumed(name, by(null, { service: "ec2.amazonaws.com" }))).toMatchObject({
        differences: ["caller"],
      });
    }
  });

  it("of a role under our path that nothing of ours assumes is told of, whoever did", () => {
    expect(assumed("sallyport-new", lambda("exec"))).toMatchObject({ differences: ["caller"] });
  });

  it("in another account names its caller's account alone, which has to be home", () => {
    const there = { place: { account: other, region: "us-east-1" } };
    expect(assumed("sallyport-end", by(null), there)).toEqual({ kind: "none" });
    expect(assumed("sallyport-end", by(null, { account: other }), there).kind).toBe("differs");
    expect(assumed("sallyport-end", by(null)).kind).toBe("differs");
  });

  it("of somebody else's role is nothing of ours", () => {
    const asked = {
      name: "AssumeRole",
      sessionName: null,
      sourceIdentity: null,
      tags: {},
    } as const;
    for (const roleArn of [null, role("sallyport-exec", home, "/"), role("app", home, "/x/")]) {
      expect(compareCall(guarded, call({ ...asked, roleArn }), absent)).toEqual({ kind: "none" });
    }
  });

  it("of a role of such a name in an account without clusters of ours alarms nobody", () => {
    const foreign = { place: { account: "999999999999", region: "us-east-1" } };
    for (const name of ["sallyport-last-resort", "sallyport-exec", "sallyport-new"]) {
      expect(assumed(name, lambda("exec"), foreign)).toMatchObject({
        differences: ["caller"],
        guarded: false,
      });
    }
  });

  it("that AWS refused a function of ours is no attempt around it", () => {
    const denied = { error: "AccessDenied" };
    expect(assumed("sallyport-end", lambda("sweeper"), denied)).toEqual({ kind: "none" });
    expect(assumed("sallyport-end", by(role("Admin", home, "/")), denied)).toMatchObject({
      differences: ["caller", "denied"],
    });
    expect(assumed("sallyport-last-resort", by(role("Admin", home, "/")), denied)).toMatchObject({
      differences: ["caller", "denied"],
    });
  });

  it("of the exec role fits the request it names, for the next attempt too", () => {
    const exec = (change: object, named = `req-${state.id}.2`) =>
      compareCall(
        guarded,
        call(
          {
            name: "AssumeRole",
            roleArn: role("sallyport-exec"),
            sessionName: named,
            sourceIdentity: state.requester.person,
            tags: { cluster: "demo", task: "any", container: intended.container },
            ...change,
          },
          { caller: lambda("exec") },
        ),
        history,
      );
    expect(exec({})).toEqual({ kind: "none" });
    expect(exec({}, `req-${state.id}.3`)).toMatchObject({ differences: ["intent"] });
    expect(exec({ tags: {} })).toEqual({ kind: "none" });
    expect(exec({ tags: { cluster: "other" } })).toMatchObject({ differences: ["cluster"] });
    expect(exec({ sourceIdentity: null })).toMatchObject({ differences: ["person"] });
  });
});

describe("sessions past ECS", () => {
  const target = `ecs:demo_${"0".repeat(32)}_1`;
  const start = (of: string | null, more: Partial<SeenCall> = {}) =>
    compareCall(guarded, call({ name: "StartSession", target: of, sessionId: null }, more), absent);

  it("may be begun by nobody, the gateway's own roles among them", () => {
    expect(start(target)).toMatchObject({ differences: ["caller"], guarded: true });
    expect(start(target.replace("demo", "other"))).toMatchObject({ guarded: false });
    expect(start("ecs:what")).toMatchObject({ guarded: true });
    expect(start("ecs:", { error: "AccessDenied" })).toMatchObject({
      differences: ["caller", "denied"],
    });
  });

  it("on what is no container are nothing of ours", () => {
    expect(start("i-0123456789abcdef0")).toEqual({ kind: "none" });
    expect(start(null)).toEqual({ kind: "none" });
    const resume = (sessionId: string) =>
      compareCall(guarded, call({ name: "ResumeSession", sessionId }), absent).kind;
    expect([resume("alice-1"), resume("ecs-execute-command-1")]).toEqual(["none", "differs"]);
  });
});

describe("the request a call claims to be for", () => {
  it.each([
    [sessionName, state.id],
    [`req-${state.id}.0`, undefined],
    [`req-${state.id}`, undefined],
    [`REQ-${state.id}.1`, undefined],
    [`req-${state.id}.1 `, undefined],
    [null, undefined],
  ])("is named by %s", (name, wanted) => {
    expect(requestOf(call(command(), { caller: by(null, { sessionName: name }) }))).toBe(wanted);
  });
});
