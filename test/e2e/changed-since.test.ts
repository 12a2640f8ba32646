import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../../emulator/fleet.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { approvalSet, commandOf } from "../kit/approval-set.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy } from "../kit/record.ts";

const sent = (gateway: TestGateway): number =>
  gateway.emulator.calls.filter(({ operation }) => operation === "ExecuteCommand").length;

/** Asked for by `dev` and agreed to by `lead`, who is enough for it. */
async function approved(gateway: TestGateway, target: object, command: string): Promise<string> {
  const wish = { target: { cluster: "demo", ...target }, command, reason: "a stuck queue" };
  const asked = await gateway.as("dev")("POST", "/v1/requests", wish);
  expect(asked.status, JSON.stringify(asked.body)).toBe(201);
  const { id, digest } = asked.body as { id: string; digest: string };
  const decision = { decision: "approve", digest };
  const decided = await gateway.as("lead")("POST", `/v1/requests/${id}/decisions`, decision);
  expect(decided.body.status, JSON.stringify(decided.body)).toBe("approved");
  return id;
}

interface Opening {
  /** The code of a refusal. */
  came: string;
  grown: string[];
  /** Whether the container and the person's place were taken. */
  held: boolean;
  /** ExecuteCommands. */
  sent: number;
}

/** What comes of an open: to its requester, on record and on the wire. What was opened is ended again. */
async function opening(gateway: TestGateway, id: string): Promise<Opening> {
  const before = sent(gateway);
  const { result, grown, held } = await grownBy(gateway.events, () =>
    gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {}),
  );
  const more = sent(gateway) - before;
  if (more > 0) await gateway.endAll();
  const came = result.status === 201 ? "opened" : result.body.code;
  return { came, grown, held: held.length > 0, sent: more };
}

const opened: Opening = {
  came: "opened",
  grown: ["REQ:exec.intent", "REQ:session.opened"],
  held: true,
  sent: 1,
};
const refused = (came: string, grown = ["REFUSED:open.refused"]): Opening => ({
  came,
  grown,
  held: false,
  sent: 0,
});

function taskOf(gateway: TestGateway, service: string): Task {
  const task = gateway.emulator.fleet.clusters
    .find(({ name }) => name === "demo")
    ?.tasks.find((one) => one.service === service && one.lastStatus === "RUNNING");
  if (task === undefined) throw new Error(`no task of ${service}`);
  return task;
}

/** What was approved, and is no longer so when it is to be opened. */
describe.skipIf(!engineHere)("what changed between the approval and the open", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  const command = "/bin/uname -r";

  it("T18 the container was restarted: target changed, and it opens once it is the same again", async () => {
    const task = taskOf(gateway, "reports");
    const id = await approved(gateway, { task: task.id }, command);
    const [container] = task.containers;
    if (container === undefined) throw new Error("no container");
    const { runtimeId } = container;
    container.runtimeId = "restarted";
    expect(await opening(gateway, id)).toEqual(refused("target_changed"));
    container.runtimeId = runtimeId;
    expect(await opening(gateway, id)).toEqual(opened);
  });

  it("T18 the task was replaced: target changed, though another of its service runs", async () => {
    const id = await approved(gateway, { task: taskOf(gateway, "reports").id }, command);
    const ofService = await approved(gateway, { service: "reports" }, command);
    gateway.emulator.fleet.replaceTask("reports");
    expect(await opening(gateway, id)).toEqual(refused("target_changed"));
    // Whoever asked for the service gets the task there is now: that is what was approved.
    expect(await opening(gateway, ofService)).toEqual(opened);
  });

  it("T19 the tags: judged by those it has now", async () => {
    const id = await approved(gateway, { service: "reports" }, command);
    gateway.emulator.fleet.setServiceTags("reports", { team: "others" });
    expect(await opening(gateway, id)).toEqual(refused("refused_by_rule"));
    gateway.emulator.fleet.setServiceTags("reports", { team: "payments" });
    expect(await opening(gateway, id)).toEqual(opened);
  });

  const activate = async (directory: string): Promise<void> => {
    const set = { ...rulesHere(), directory, reason: "who is in the team" };
    const proposed = await gateway.as("operator")("POST", "/v1/activations", set);
    const { id, digest } = proposed.body.request;
    const agreed = { decision: "approve", digest };
    const done = await gateway.as("sre")("POST", `/v1/requests/${id}/decisions`, agreed);
    expect(done.body.status, JSON.stringify(done.body)).toBe("closed");
  };
  interface Directory {
    persons: { id: string; groups: string[] }[];
    programs: { owners: string[] }[];
  }
  const without = (change: (directory: Directory) => void): string => {
    const directory = JSON.parse(rulesHere().directory) as Directory;
    change(directory);
    return JSON.stringify(directory);
  };

  it("T21 the requester lost the group: not opened, until they are in it again", async () => {
    const id = await approved(gateway, { service: "reports" }, command);
    await activate(
      without(({ persons }) => {
        for (const person of persons) if (person.id === "dev") person.groups = ["auditors"];
      }),
    );
    expect(await opening(gateway, id)).toEqual(refused("refused_by_rule"));
    await activate(rulesHere().directory);
    expect(await opening(gateway, id)).toEqual(opened);
  });

  it("T21 the requester left: not opened", async () => {
    const id = await approved(gateway, { service: "reports" }, command);
    await activate(
      without((directory) => {
        directory.persons = directory.persons.filter((person) => person.id !== "dev");
        directory.programs = directory.programs.filter(({ owners }) => !owners.includes("dev"));
      }),
    );
    // Refusals of callers in no directory are counted, and no events of their own.
    expect(await opening(gateway, id)).toEqual(refused("identity_unmapped", []));
  });
});

describe.skipIf(!engineHere)("what was pinned at the approval", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const one = '@approvals("payments-leads:1") @max_duration("1h")';
    gateway = await startTestGateway({
      set: approvalSet({ image: `${one} @pin("image")`, revision: `${one} @pin("revision")` }),
    });
  });
  afterAll(() => gateway.close());

  it("T19 the image: what runs another is not opened", async () => {
    const id = await approved(gateway, { service: "reports" }, commandOf("image"));
    const [container] = taskOf(gateway, "reports").containers;
    if (container === undefined) throw new Error("no container");
    const { imageDigest } = container;
    container.imageDigest = `sha256:${"2".repeat(64)}`;
    expect(await opening(gateway, id)).toEqual(refused("target_changed"));
    container.imageDigest = imageDigest;
    expect(await opening(gateway, id)).toEqual(opened);
  });

  it("T19 the definition: a task of another is not opened", async () => {
    const id = await approved(gateway, { service: "reports" }, commandOf("revision"));
    gateway.emulator.fleet.setTaskDefinition("reports", "web:3");
    gateway.emulator.fleet.replaceTask("reports");
    expect(await opening(gateway, id)).toEqual(refused("target_changed"));
    gateway.emulator.fleet.setTaskDefinition("reports", "one:1");
    gateway.emulator.fleet.replaceTask("reports");
    expect(await opening(gateway, id)).toEqual(opened);
  });
});
