import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { type CommandLine, commandLine } from "../cli/command-line.ts";
import type { Answered, TestGateway } from "./gateway.ts";
import type { Profile } from "./profiles.ts";

/** The command line as somebody, whose calls the gateway's own functions answer. */
export function commandLineOf(gateway: TestGateway, profile: Profile): CommandLine {
  return commandLine(
    async ({ method, path, body }) => {
      const answer = await gateway.as(profile)(method as "GET" | "POST", path, body);
      const contentType = String(answer.headers["content-type"]);
      return { status: answer.status, body: answer.body, contentType };
    },
    { policyEngine: async () => cedarPolicyEngine() },
  );
}

/** Rules under which a shell may be open for two hours. */
export const longer = rulesHere().policies.replace('@max_duration("1h")', '@max_duration("2h")');

/**
 * A run with a decision of every kind there is: asked, refused by a rule and by preflight, approved, denied,
 * withdrawn, revoked, opened (by approvals, and by itself), carded anew, and other rules put in force. Answers
 * the requests by what became of them.
 */
export async function recordedRun(gateway: TestGateway): Promise<{ [what: string]: string }> {
  const must = ({ status, body }: Answered, wanted: number): Answered["body"] => {
    if (status !== wanted) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const ask = async (as: Profile, command: string, more: object = {}, wanted = 201) => {
    const target = { cluster: "demo", service: "payments-api", container: "app" };
    const wish = { target, command, reason: "a stuck queue", ...more };
    const body = must(await gateway.as(as)("POST", "/v1/requests", wish), wanted);
    return String(wanted === 201 ? body.id : body.requestId);
  };
  const decide = async (as: Profile, id: string, decision: string, wanted = 200) => {
    const { body } = await gateway.as(as)("GET", `/v1/requests/${id}`);
    const said = { decision, digest: body.digest, comment: "seen" };
    must(await gateway.as(as)("POST", `/v1/requests/${id}/decisions`, said), wanted);
  };
  const shell = await ask("dev", "/bin/sh", { ticket: "OPS-1", durationMinutes: 20 });
  await decide("lead", shell, "approve");
  await decide("sre", shell, "approve");
  must(await gateway.as("dev")("POST", `/v1/requests/${shell}/sessions`, {}), 201);
  const denied = await ask("dev", "/bin/sh");
  await decide("lead", denied, "deny");
  const automatic = await ask("dev", "/bin/uname -a");
  const cancelled = await ask("dev", "/bin/sh", { reason: "another" });
  must(await gateway.as("dev")("POST", `/v1/requests/${cancelled}/cancel`, {}), 200);
  const revoked = await ask("dev", "/bin/sh", { reason: "a third" });
  must(await gateway.as("sre")("POST", `/v1/requests/${revoked}/revoke`, { comment: "no" }), 200);
  const refused = await ask("bot", "/bin/sh", {}, 403);
  const legacy = { target: { cluster: "demo", service: "legacy" } };
  const preflight = await ask("dev", "/bin/sh", legacy, 409);
  const vault = { target: { cluster: "vault", service: "secrets" }, ticket: "OPS-2" };
  const pinned = await ask("sre", "/bin/cat /etc/hostname", vault, 409);
  const recarded = await ask("dev", "/bin/sh", { reason: "a fourth" });
  const proposed = { ...rulesHere(), policies: longer, reason: "longer" };
  const activation = must(await gateway.as("operator")("POST", "/v1/activations", proposed), 202);
  await decide("sre", activation.request.id, "approve");
  await decide("lead", recarded, "approve", 409);
  const requests = { shell, denied, automatic, cancelled, revoked, refused, preflight, pinned };
  return { ...requests, recarded, activation: String(activation.request.id) };
}
