import { expect, vi } from "vitest";
import { matchRoute, type RouteName } from "../../api/routes.ts";
import { utcDay } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import type { FleetDescription } from "../../emulator/fleet-description.ts";
import type { RoleDescription } from "../../emulator/sts/roles.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { service } from "./clinic.ts";
import { delivery, trailTime } from "./cloud-trail.ts";
import { type Answered, fleet, startTestGateway, type TestGateway } from "./gateway.ts";
import { startIdentityStore } from "./identity-store.ts";
import { type Profile, uniqueIdOf } from "./profiles.ts";
import { openSleep, runningSleep } from "./sleeping-command.ts";
import { identityCenterRole } from "./token-people.ts";

/*
 * Everything the gateway ever does at AWS, done once: each route with what it is for, what is refused and what fails,
 * and the sweeper with each of its duties. Whoever gives a function a new call to AWS adds the way to it here.
 */

const MINUTE = 60_000;
const wish = {
  target: { cluster: "demo", service: "reports" },
  command: "/bin/uname -r",
  reason: "which kernel",
};

/** Of whom Identity Center says in which groups they are, as a session and under a key of their own. */
const ida: Profile = "other-5";
function texts(): ReturnType<typeof rulesHere> {
  const here = rulesHere();
  const directory = JSON.parse(here.directory) as { persons: object[] };
  directory.persons.push({
    id: "ida",
    name: "Ida Center",
    groups: "identity-center",
    principals: [
      { ...identityCenterRole, session: "ida@example.com" },
      { account: identityCenterRole.account, uniqueId: uniqueIdOf(ida) },
    ],
  });
  return { ...here, directory: JSON.stringify(directory) };
}

/** What the exec agent needs of a task's role. */
const speaks: RoleDescription["permissions"][number] = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ssmmessages:*"], Resource: "*" }],
};

/** With a service whose tasks have a network. */
const inNetwork: FleetDescription = {
  ...fleet,
  network: { subnets: [{ id: "subnet-1", vpcId: "vpc-1" }], endpoints: [] },
  clusters: fleet.clusters.map((cluster) =>
    cluster.name === "demo"
      ? {
          ...cluster,
          services: [...(cluster.services ?? []), service("linked", { subnet: "subnet-1" })],
        }
      : cluster,
  ),
};

export interface Tour {
  /** Routes that were called and answered what they are for. */
  served: Set<RouteName>;
  close(): Promise<void>;
}

/** Throws where a step of it does not come to what it is for. */
export async function tour(): Promise<Tour> {
  const identityStore = await startIdentityStore("sre");
  const gateway = await startTestGateway({
    mayStopTasks: true,
    set: texts(),
    trustedRoles: [identityCenterRole],
    identityStore: identityStore.url,
    fleet: inNetwork,
    taskRoles: { web: [speaks] },
  });
  const served = new Set<RouteName>();
  const as =
    (who: Profile) =>
    async (
      method: "GET" | "POST" | "DELETE",
      path: string,
      wanted: number,
      body?: unknown,
    ): Promise<Answered["body"]> => {
      const answer = await gateway.as(who)(method, path, body);
      const what = `${who} ${method} ${path}: ${JSON.stringify(answer.body)}`;
      expect(answer.status, what).toBe(wanted);
      const route = matchRoute(method, path.split("?")[0] ?? "")?.route.name;
      if (route !== undefined && wanted < 300) served.add(route);
      return answer.body;
    };
  const steps: Steps = { gateway, as };
  await looks(steps);
  await asks(steps);
  await decides(steps);
  await locks(steps);
  await opens(steps);
  await fails(steps);
  await ends(steps);
  await breaksGlass(steps);
  await activates(steps);
  await counts(steps);
  await watches(steps);
  return {
    served,
    close: async () => {
      await gateway.close();
      await identityStore.close();
    },
  };
}

interface Steps {
  gateway: TestGateway;
  as(
    who: Profile,
  ): (
    method: "GET" | "POST" | "DELETE",
    path: string,
    wanted: number,
    body?: unknown,
  ) => Promise<Answered["body"]>;
}

function tasksOf({ gateway }: Steps, service: string) {
  const demo = gateway.emulator.fleet.clusters.find(({ name }) => name === "demo");
  return (demo?.tasks ?? []).filter((task) => task.service === service);
}

async function approved({ as }: Steps, more: object = {}): Promise<{ id: string; digest: string }> {
  const asked = await as("dev")("POST", "/v1/requests", 201, { ...wish, ...more });
  const { id, digest } = asked;
  await as("lead")("POST", `/v1/requests/${id}/decisions`, 200, { decision: "approve", digest });
  return { id, digest };
}

/** What reads, by whoever it is of, by an auditor, and where nothing is found. */
async function looks({ gateway, as }: Steps): Promise<void> {
  const [dev, auditor] = [as("dev"), as("auditor")];
  for (const path of ["/v1/whoami", "/v1/health", "/v1/openapi.json"]) await dev("GET", path, 200);
  await dev("GET", "/v1/targets?cluster=demo", 200);
  await dev("GET", "/v1/targets?cluster=demo&service=payments-api", 200);
  await dev("GET", "/v1/services?cluster=demo", 200);
  await dev("POST", "/v1/preflight", 200, wish);
  const linked = { cluster: "demo", service: "linked", container: "app" };
  await dev("POST", "/v1/preflight", 200, { ...wish, target: linked });
  const { id } = await dev("POST", "/v1/requests", 201, wish);
  await gateway.project(id);
  for (const query of ["", "?requester=me", "?status=pending", `?atLeast=${id}:1`]) {
    await dev("GET", `/v1/requests${query}`, 200);
  }
  await as("lead")("GET", "/v1/requests?approver=me", 200);
  await auditor("GET", "/v1/requests", 200);
  await auditor("GET", `/v1/requests/${id}`, 200);
  await dev("GET", `/v1/requests/${id}/events`, 200);
  await auditor("GET", `/v1/events?day=${utcDay(Date.now())}`, 200);
  await auditor("GET", "/v1/activations?seq=1", 200);
  await auditor("GET", `/v1/texts?hash=${sha256Hex(rulesHere().policies)}`, 200);
  await dev("POST", `/v1/requests/${id}/cancel`, 200, {});
  // Each function looks up for itself in which groups somebody is.
  await as(ida)("GET", "/v1/whoami", 200);
  await as(ida)("GET", "/v1/locks", 200);
  await as(ida)("POST", `/v1/requests/${id}/sessions`, 403, {});
}

/** For a service, a task, a family; and for what is not there. */
async function asks(steps: Steps): Promise<void> {
  const dev = steps.as("dev");
  const [task] = tasksOf(steps, "reports");
  const ask = (target: object, wanted: number) =>
    dev("POST", "/v1/requests", wanted, { ...wish, target: { cluster: "demo", ...target } });
  await ask({ task: task?.id }, 201);
  await ask({ family: "nightly" }, 201);
  await ask({ service: "reprots" }, 404);
  await ask({ task: "0".repeat(32) }, 400);
  await ask({ service: "payments-api", task: task?.id }, 400);
}

/** A denial, a revocation, more time; and a decision that is refused. */
async function decides(steps: Steps): Promise<void> {
  const [dev, lead] = [steps.as("dev"), steps.as("lead")];
  const denied = await dev("POST", "/v1/requests", 201, wish);
  const deny = { decision: "deny", digest: denied.digest };
  await dev("POST", `/v1/requests/${denied.id}/decisions`, 403, deny);
  await lead("POST", `/v1/requests/${denied.id}/decisions`, 200, deny);
  const { id } = await approved(steps);
  const longer = { minutes: 5, reason: "not done" };
  const extended = await dev("POST", `/v1/requests/${id}/extensions`, 201, longer);
  const { digest } = extended.extensions[0];
  await lead("POST", `/v1/requests/${id}/decisions`, 200, { decision: "approve", digest });
  await lead("POST", `/v1/requests/${id}/revoke`, 200, {});
}

/** Of each kind of thing, each unlocked by two. */
async function locks(steps: Steps): Promise<void> {
  const [lead, sre] = [steps.as("lead"), steps.as("sre")];
  const [task] = tasksOf(steps, "reports");
  for (const [kind, id] of [
    ["person", "dev"],
    ["service", "demo/payments-api"],
    ["service", "demo/never"],
    ["task", `demo/${task?.id}`],
    ["cluster", "demo"],
  ]) {
    const set = await sre("POST", "/v1/locks", 201, { subject: { kind, id }, reason: "stolen" });
    await sre("GET", "/v1/locks", 200);
    await lead("DELETE", `/v1/locks/${set.id}`, 202);
    await sre("DELETE", `/v1/locks/${set.id}`, 200);
  }
}

/** By the request, by AWS's own call, in the place of one that was lost; and what is refused. */
async function opens(steps: Steps): Promise<void> {
  const { gateway, as } = steps;
  const dev = as("dev");
  const { id, sessionId } = await runningSleep(gateway);
  const path = `/v1/requests/${id}/sessions`;
  await dev("POST", path, 409, {});
  await dev("POST", path, 201, { replace: sessionId });
  await gateway.project(id);
  await dev("GET", "/v1/sessions", 200);
  await dev("GET", `/v1/sessions/${sessionId}`, 200);
  await as("auditor")("GET", `/v1/sessions/${sessionId}`, 200);
  // Whoever is in the container is looked at, and found to be over as soon as their command has exited.
  const [first, second] = [await approved(steps), await approved(steps)];
  await dev("POST", `/v1/requests/${first.id}/sessions`, 201, {});
  await vi.waitFor(() => dev("POST", `/v1/requests/${second.id}/sessions`, 201, {}), 10_000);
  await gateway.endAll();
  const task = tasksOf(steps, "payments-api")[0]?.id;
  const container = { cluster: "demo", task, container: "app" };
  const body = { ...container, command: "/bin/date", interactive: true, reason: "how late it is" };
  await dev("POST", "/v1/execute-command", 200, body);
  await dev("POST", "/v1/execute-command", 400, { ...body, task: "0".repeat(32) });
  await gateway.endAll();
}

/** What AWS refuses, what nobody knows the outcome of, and what was revoked while it was opened. */
async function fails(steps: Steps): Promise<void> {
  const { gateway } = steps;
  const dev = steps.as("dev");
  const failing = async (
    fault: Parameters<TestGateway["emulator"]["fault"]>[1],
    wanted: number,
  ): Promise<void> => {
    const { id } = await approved(steps);
    gateway.emulator.fault({ operation: "ExecuteCommand" }, fault);
    await dev("POST", `/v1/requests/${id}/sessions`, wanted, {});
    gateway.emulator.clearFaults();
    await gateway.sweep(2 * MINUTE);
  };
  await failing({ kind: "error", code: "TargetNotConnectedException", status: 400 }, 409);
  await failing({ kind: "applied-then-reset" }, 502);
  await failing({ kind: "lie", merge: { containerName: "another" } }, 502);
}

/** Asked for, because nobody came, by the minute, with the task, and by itself. */
async function ends(steps: Steps): Promise<void> {
  const { gateway, as } = steps;
  const asked = await runningSleep(gateway);
  await as("dev")("POST", `/v1/sessions/${asked.sessionId}/terminate`, 202, {});
  await gateway.wake(asked.id);
  await runningSleep(gateway);
  // What cannot be seen to have ended is tried again.
  gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
  await gateway.sweep(3 * MINUTE);
  gateway.emulator.clearFaults();
  await gateway.sweep(5 * MINUTE);
  const stopped = await runningSleep(gateway);
  await as("sre")("POST", `/v1/sessions/${stopped.sessionId}/terminate`, 202, { stopTask: true });
  await gateway.sweep(MINUTE);
  const { id } = await approved(steps);
  await openSleep(gateway, id);
  await gateway.sweep();
  await gateway.sweep(32 * MINUTE);
}

async function breaksGlass({ gateway, as }: Steps): Promise<void> {
  const emergency = {
    target: { cluster: "demo", service: "payments-api", container: "app" },
    command: "/bin/date",
    reason: "payments are failing, and nobody answers",
  };
  const { id } = await as("sre")("POST", "/v1/break-glass", 201, emergency);
  await as("sre")("POST", `/v1/requests/${id}/sessions`, 201, {});
  await gateway.sweep(31 * MINUTE);
  await as("lead")("POST", `/v1/requests/${id}/review`, 200, {
    verdict: "justified",
    comment: "it was so",
  });
  await gateway.project(id);
}

/** Other rules, by one who proposes and one who agrees. */
async function activates({ gateway, as }: Steps): Promise<void> {
  const here = texts();
  const policies = here.policies.replace('@max_per_day("3")', '@max_per_day("4")');
  const asked = await as("operator")("POST", "/v1/activations", 202, {
    ...here,
    policies,
    reason: "once more a day",
  });
  const { id, digest } = asked.request;
  await as("sre")("POST", `/v1/requests/${id}/decisions`, 200, { decision: "approve", digest });
  await gateway.project(id);
  await gateway.sweep();
}

/** Of refusals that are equal only the first is an event: the others are counted, by each function. */
async function counts({ gateway, as }: Steps): Promise<void> {
  const none = "0123456789abcdefghjkmnpqrs";
  for (let n = 0; n < 2; n++) {
    await as("stranger")("GET", `/v1/requests/${none}`, 404);
    await as("stranger")("POST", `/v1/requests/${none}/revoke`, 404, {});
    await as("stranger")("POST", `/v1/requests/${none}/sessions`, 404, {});
  }
  await gateway.sweep(5 * MINUTE);
  await gateway.wakeLocked();
}

/** What AWS saw of it, and what it should have seen; what goes on; and what was done to the record. */
async function watches({ gateway, as }: Steps): Promise<void> {
  const sent = gateway.emulator.calls.find(({ operation }) => operation === "ExecuteCommand");
  const told = { ...sentAs(sent?.input ?? {}), person: "dev", at: trailTime(Date.now()) };
  await gateway.watch(delivery("execute-command", told));
  await gateway.watch(delivery("execute-command-by-alice", told));
  await gateway.watch(delivery("update-table"));
  const at = trailTime(Date.now() - 2 * 60 * MINUTE);
  await gateway.watch(delivery("assume-last-resort", { sessionName: "somebody", at }));
  await gateway.watch(delivery("execute-command-by-last-resort", { ...told, at }));
  const { items } = await as("lead")("GET", "/v1/last-resort", 200);
  await as("auditor")("GET", `/v1/last-resort/${items[0].id}`, 200);
  await as("lead")("POST", `/v1/last-resort/${items[0].id}/review`, 200, {
    verdict: "justified",
    comment: "the gateway was down",
  });
  const Keys = { pk: { S: "REQ#1" }, sk: { S: "E#000001" } };
  await gateway.stream({
    Records: [{ eventName: "MODIFY", dynamodb: { Keys, SequenceNumber: "100000000000000000001" } }],
  });
  await gateway.watch({ task: "sessions" });
  await gateway.watch({ task: "compare" }, 40 * MINUTE);
  await gateway.watch({ task: "again" }, 40 * MINUTE);
}

function sentAs({ cluster, task, container, command }: { [member: string]: unknown }) {
  return {
    sessionName: "req-01arz3ndektsv4rrffq69g5fav.1",
    cluster: String(cluster),
    task: String(task),
    container: String(container),
    command: String(command),
    sessionId: "ecs-execute-command-0123456789abcdef0",
  };
}
