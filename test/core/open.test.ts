import { describe, expect, it } from "vitest";
import { slotOf } from "../../core/open.ts";
import { statusAt } from "../../core/request-state.ts";
import { mayOpen } from "../../core/right-to-open.ts";
import {
  attempt,
  callerOf,
  definitionOf,
  directoryWith,
  MINUTE,
  NOW,
  permit,
  roadOf,
  rules,
  siteByTask,
  siteOf,
  taskOf,
  thrown,
} from "../kit/build-request.ts";
import { target } from "../policies/demo-set.ts";

const oneLead = [permit("one", "payments-leads:1")];

function approved(texts = oneLead, asked: Parameters<typeof roadOf>[1] = {}) {
  const road = roadOf(rules(texts), asked);
  road.decide("lead");
  return road;
}

describe("open", () => {
  it("T17 opens until the millisecond before the grant ends, and sends nothing after it", () => {
    const expiresAt = NOW + 30 * MINUTE;
    const last = approved().open(siteOf(), expiresAt - 1);
    expect(last.intent.data).toMatchObject({ expiresAt, notAfter: expiresAt, approvals: ["lead"] });
    for (const now of [expiresAt, expiresAt + 1]) {
      const road = approved();
      expect(statusAt(road.state(), now)).toBe("lapsed");
      expect(thrown(() => road.open(siteOf(), now))).toMatchObject({
        code: "request_closed",
        members: { requestStatus: "lapsed" },
      });
    }
    expect(approved().open().intent.data.notAfter).toBe(NOW + 10_000);
  });

  it("opens for nobody but the requester", () => {
    const road = approved();
    for (const other of ["lead", "sre", "bot"]) {
      expect(thrown(() => mayOpen(road.state(), callerOf(other), NOW)).code).toBe("not_permitted");
    }
  });

  it("does not open what waits, was denied, cancelled or revoked", () => {
    expect(thrown(() => roadOf(rules(oneLead)).open()).code).toBe("not_approved");
    const denied = roadOf(rules(oneLead));
    denied.decide("lead", { decision: "deny" });
    expect(thrown(() => denied.open()).code).toBe("request_closed");
    for (const kind of ["request.cancelled", "request.revoked"] as const) {
      const road = approved();
      road.add({ kind, data: { person: "dev" }, values: {} }, "dev");
      expect(thrown(() => road.open()).code).toBe("request_closed");
    }
  });

  it.each(["opened", "none"] as const)(
    "opens once: an attempt left at %s holds the use",
    (outcome) => {
      const road = approved();
      attempt(road, outcome);
      expect(thrown(() => road.open()).code).toBe("session_already_opened");
    },
  );

  it("opened once names the request in what it hints at", () => {
    const road = approved();
    attempt(road, "opened");
    const { id } = road.state();
    expect(() => road.open()).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          hint: expect.stringContaining(`\`sallyport attach ${id} --replace\``),
        }),
      }),
    );
  });

  it("T11 gives the use back after a failure that proves nothing started", () => {
    const road = approved();
    attempt(road, "failed");
    expect(road.open().intent.data.attempt).toBe(2);
    attempt(road, "opened");
    expect(thrown(() => road.open()).code).toBe("session_already_opened");
  });

  it("holds the use of an attempt whose outcome nobody knows", () => {
    const road = approved();
    attempt(road, "unknown");
    expect(thrown(() => road.open()).code).toBe("outcome_unknown");
    expect(statusAt(road.state(), NOW + 31 * MINUTE)).toBe("closed");
  });

  it("opens an automatic approval only while that very rule is automatic", () => {
    const auto = (needs: string) => rules([permit("auto", needs)], { seq: 2 });
    const road = roadOf(rules([permit("auto", "none")]));
    expect(road.state().stage).toBe("approved");
    expect(road.open().rule).toBe("auto");
    road.configuration = auto("payments-leads:1");
    expect(thrown(() => road.open()).code).toBe("not_approved");
    road.configuration = rules([permit("another", "none")], { seq: 3 });
    expect(thrown(() => road.open()).code).toBe("not_approved");
  });

  it("T20 does not open by rules that gained a need, lost the permit or allow less time", () => {
    const road = approved();
    road.configuration = rules([permit("one", "payments-leads:1, sre:1")], { seq: 2 });
    expect(thrown(() => road.open()).code).toBe("not_approved");
    road.configuration = rules([], { seq: 3 });
    expect(thrown(() => road.open()).code).toBe("refused_by_rule");
    road.configuration = rules([permit("one", "payments-leads:1", '@max_duration("10m")')], {
      seq: 4,
    });
    expect(thrown(() => road.open()).code).toBe("refused_by_rule");
  });

  it("T20 does not bring back by wider rules what is over or was denied", () => {
    const wider = rules([permit("wider", "none"), ...oneLead], { seq: 2 });
    const denied = roadOf(rules(oneLead));
    denied.decide("lead", { decision: "deny" });
    const lapsed = roadOf(rules(oneLead));
    const expired = approved();
    for (const [road, now] of [
      [denied, NOW],
      [lapsed, NOW + 8 * 24 * 60 * MINUTE],
      [expired, NOW + 30 * MINUTE],
    ] as const) {
      road.configuration = wider;
      expect(thrown(() => road.open(siteOf(), now)).code).toBe("request_closed");
    }
    const waiting = roadOf(rules(oneLead));
    waiting.configuration = wider;
    expect(thrown(() => waiting.open()).code).toBe("not_approved");
  });

  const byTag = `@id("team") @approvals("payments-leads:1") @max_duration("1h")
permit (principal, action == Sallyport::Action::"exec", resource)
when { resource.hasTag("team") && principal.groups.contains(resource.getTag("team")) };`;

  it("T21 does not open for a requester who has lost the group that the rule asks for", () => {
    const road = approved([byTag]);
    expect(road.open().rule).toBe("team");
    road.configuration = rules([byTag], { seq: 2, directory: directoryWith({ dev: [] }) });
    expect(thrown(() => road.open()).code).toBe("refused_by_rule");
  });

  it("T19 judges by the target's tags as they are at the open", () => {
    const retagged = target("service", "demo", "payments-api", { team: "sre" });
    expect(thrown(() => approved([byTag]).open(siteOf({ resource: retagged }))).code).toBe(
      "refused_by_rule",
    );
  });

  it("opens nothing more once the chain is full, and says so before anything is sent", () => {
    const road = approved();
    const full = (seq: number) => ({
      ...road.state(),
      tail: { ...road.state().tail, seq },
    });
    const caller = callerOf("dev");
    expect(thrown(() => mayOpen(full(1_000), caller, NOW)).code).toBe("chain_full");
    expect(mayOpen(full(999), caller, NOW)).toBeUndefined();
  });

  it("does not open by a rule that pins what the approved card does not", () => {
    for (const pin of ["revision", "image"]) {
      const road = approved();
      road.configuration = rules(
        [permit("one", "payments-leads:1", `@max_duration("1h") @pin("${pin}")`)],
        { seq: 2 },
      );
      expect(thrown(() => road.open()).code).toBe("not_approved");
    }
  });

  it("T19 keeps the pinned revision and the pinned image", () => {
    const pinned = (pin: string) =>
      approved([permit("one", "payments-leads:1", `@max_duration("1h") @pin("${pin}")`)]);
    const revision = siteOf({
      tasks: [taskOf(2, { taskDefinitionArn: taskOf(2).taskDefinitionArn.replace(":3", ":4") })],
    });
    const image = siteOf({
      tasks: [
        taskOf(2, {
          containers: taskOf(2).containers.map((c) => ({ ...c, imageDigest: "sha256:two" })),
        }),
      ],
    });
    expect(thrown(() => pinned("revision").open(revision)).code).toBe("target_changed");
    expect(thrown(() => pinned("image").open(image)).code).toBe("target_changed");
    expect(pinned("revision").open(siteOf({ tasks: [taskOf(2)] })).chosen.task).toEqual(taskOf(2));
    expect(pinned("image").open(siteOf({ tasks: [taskOf(2)] })).chosen.task).toEqual(taskOf(2));
    expect(approved().open(image).chosen.task.taskArn).toBe(taskOf(2).taskArn);
  });

  it("T18 opens a named task only while it is that task and that container runtime", () => {
    const byTask = () => approved(oneLead, { site: siteByTask() });
    expect(byTask().open(siteByTask()).chosen.why).toBe("named by the request");
    const restarted = taskOf(1, {
      containers: taskOf(1).containers.map((c) => ({ ...c, runtimeId: "restarted" })),
    });
    for (const tasks of [[taskOf(2)], [], [restarted], [taskOf(1, { lastStatus: "STOPPED" })]]) {
      expect(thrown(() => byTask().open(siteByTask(tasks))).code).toBe("target_changed");
    }
  });

  it("opens nothing where ECS Exec cannot work now", () => {
    const off = taskOf(1, { enableExecuteCommand: false });
    expect(thrown(() => approved().open(siteOf({ tasks: [off] }))).code).toBe("exec_not_enabled");
    // One that is still starting could be asked for, and could not be opened.
    for (const lastStatus of ["STOPPED", "PENDING"]) {
      const dead = taskOf(1, {
        containers: taskOf(1).containers.map((c) => ({ ...c, execAgent: { lastStatus } })),
      });
      expect(thrown(() => approved().open(siteOf({ tasks: [dead] })))).toMatchObject({
        code: "agent_not_running",
        members: { problems: [{ check: "exec_agent" }] },
      });
    }
    const stopping = taskOf(1, { desiredStatus: "STOPPED" });
    expect(thrown(() => approved().open(siteOf({ tasks: [stopping] }))).members).toMatchObject({
      problems: [{ check: "task_status" }],
    });
    const cluster = { ...siteOf().cluster, kmsKeyId: "key" };
    expect(thrown(() => approved().open(siteOf({ cluster }))).code).toBe("preflight_failed");
  });

  it("takes the place of a whole task where its own revision shares PIDs, whatever another's does", () => {
    const next = taskOf(1).taskDefinitionArn.replace(":3", ":4");
    const old = taskOf(1);
    const rolled = taskOf(2, { taskDefinitionArn: next });
    const slots = (oldPids: "task" | undefined, nextPids: "task" | undefined): string[] => {
      const of = (pidMode: "task" | undefined) => (pidMode === undefined ? {} : { pidMode });
      const site = siteOf({
        tasks: [old, rolled],
        taskDefinition: definitionOf({}, of(oldPids)),
        otherDefinitions: [definitionOf({}, { taskDefinitionArn: next, ...of(nextPids) })],
      });
      return [old, rolled].map((task) => slotOf(site, task, "app").replace(/^SLOT#0*/, ""));
    };
    expect(slots(undefined, "task")).toEqual(["1#app", "2#*"]);
    expect(slots("task", undefined)).toEqual(["1#*", "2#app"]);
    const site = siteOf({
      tasks: [rolled],
      otherDefinitions: [definitionOf({}, { taskDefinitionArn: next, pidMode: "task" })],
    });
    expect(approved().open(site).intent.data.slot).toMatch(/2#\*$/);
  });
});
