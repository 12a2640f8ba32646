import { rulesHere } from "../../local/rules-here.ts";
import { delivery, trailTime } from "./cloud-trail.ts";
import type { Answered, TestGateway } from "./gateway.ts";
import type { Profile } from "./profiles.ts";

const forbidding = `@id("no-reports")
forbid (principal, action == Sallyport::Action::"exec", resource) when { resource.name == "reports" };`;

/**
 * What `recordedRun` leaves out: more time, a session replaced and one ended by request, the glass broken and the
 * last resort used, and both reviewed, locks set and released, and a session ended whose requester had lost the right, at the second try.
 * Answers the requests by what became of them. To come after it: the rules are other ones afterwards.
 */
export async function recordedMore(gateway: TestGateway): Promise<{ [what: string]: string }> {
  const must = async (
    who: Profile,
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: object,
  ): Promise<Answered["body"]> => {
    const answer = await gateway.as(who)(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${path}: ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const target = (service: string, container: string) => ({
    target: { cluster: "demo", service, container },
  });
  const decide = async (who: Profile, id: string, decision: string, more = {}) => {
    const { digest, extensions = [] } = await must(who, "GET", `/v1/requests/${id}`);
    const said = { decision, digest: extensions.at(-1)?.digest ?? digest, ...more };
    await must(who, "POST", `/v1/requests/${id}/decisions`, said);
  };
  const granted = async (wish: object, ...by: Profile[]): Promise<string> => {
    const { id } = await must("dev", "POST", "/v1/requests", { reason: "a stuck queue", ...wish });
    for (const who of by) await decide(who, id, "approve");
    return id;
  };
  const open = async (id: string, body = {}): Promise<string> =>
    (await must("dev", "POST", `/v1/requests/${id}/sessions`, body)).session.sessionId;

  const shell = { ...target("payments-api", "envoy"), command: "/bin/sh", durationMinutes: 20 };
  const extended = await granted(shell, "lead", "sre");
  const lost = await open(extended);
  const extend = (minutes: number) =>
    must("dev", "POST", `/v1/requests/${extended}/extensions`, { minutes, reason: "not done" });
  await extend(10);
  await decide("lead", extended, "approve", { maxMinutes: 9, comment: "a little" });
  await decide("sre", extended, "approve");
  await extend(5);
  await decide("lead", extended, "deny");
  const second = await open(extended, { replace: lost });
  await must("sre", "POST", `/v1/sessions/${second}/terminate`, { comment: "enough" });
  await gateway.wake(extended);

  const emergency = { ...target("payments-api", "app"), command: "/bin/sh", reason: "all is down" };
  const { id: broken } = await must("sre", "POST", "/v1/break-glass", emergency);
  await must("lead", "POST", `/v1/requests/${broken}/revoke`, {});
  const verdict = { verdict: "justified", comment: "it was so" };
  await must("lead", "POST", `/v1/requests/${broken}/review`, verdict);

  const told = { sessionName: "somebody", at: trailTime(Date.now() - 2 * 3_600_000) };
  await gateway.watch(delivery("assume-last-resort", told));
  const { items } = await must("lead", "GET", "/v1/last-resort");
  await must("lead", "POST", `/v1/last-resort/${items[0].id}/review`, verdict);

  const locked = { subject: { kind: "group", id: "bots" }, reason: "a leak" };
  await must("lead", "POST", "/v1/locks", { ...locked, durationMinutes: 90 });
  const { id: lock } = await must("sre", "POST", "/v1/locks", {
    subject: { kind: "service", id: "demo/legacy" },
    reason: "nobody knows",
  });
  await must("lead", "DELETE", `/v1/locks/${lock}`, { comment: "we do" });
  await must("sre", "DELETE", `/v1/locks/${lock}`, {});

  const forbidden = await granted(
    { ...target("reports", "app"), command: "/bin/sh" },
    "lead",
    "sre",
  );
  await open(forbidden);
  const { policies, ...rest } = rulesHere();
  const set = { policies: `${policies}\n${forbidding}`, ...rest, reason: "no more reports" };
  const activation = await must("operator", "POST", "/v1/activations", set);
  await decide("sre", activation.request.id, "approve");
  gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
  await gateway.wake(forbidden);
  gateway.emulator.clearFaults();
  await gateway.wake(forbidden, 60_000);
  return { extended, broken, forbidden };
}
