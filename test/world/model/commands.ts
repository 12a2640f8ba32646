import fc from "fast-check";
import { expect } from "vitest";
import { decided, GRANT_MS, isAutomatic, type ModelRequest, stopped } from "./model.ts";
import { crashOpen, open } from "./opens.ts";
import { onRecord } from "./record.ts";
import { alternativesOf, type CommandName, commands, type SetName, textsOf } from "./sets.ts";
import { type Command, pick, step } from "./step.ts";
import { advance, exits, redeploy, restart, sweep, wake } from "./time.ts";

/** As many as fill every container of the demo, and one. */
const MOST_REQUESTS = 7;

function ask(who: "dev" | "dev2", command: CommandName, service: string, container: string) {
  return step(`ask(${who}, ${command}, ${service}:${container})`, async (model, w) => {
    if (model.requests.length >= MOST_REQUESTS) return;
    const needs = alternativesOf(model.set, command, service);
    const reason = `look ${++model.reasons}`;
    const target = { cluster: "demo", service, container };
    const { status, body } = await w.ask(who, { target, command: commands[command], reason });
    if (!model.devKnown) return expect(body.code).toBe("identity_unmapped");
    if (needs.length === 0) {
      // Where nothing may be asked for, nothing is there.
      return expect(["cluster_not_found", "service_not_found"]).toContain(body.code);
    }
    expect(status, JSON.stringify(body)).toBe(201);
    const request: ModelRequest = {
      id: body.id,
      command,
      service,
      container,
      stage: isAutomatic(needs) ? "approved" : "pending",
      needs,
      agreed: new Set(),
      denied: new Set(),
      automatic: isAutomatic(needs),
      lapsesAt: 0,
      expiresAt: w.clock.now() + GRANT_MS,
      attempts: [],
    };
    model.requests.push(request);
    request.lapsesAt = (await onRecord(w, request)).lapsesAt;
  });
}

function decide(who: "lead" | "sre" | "dev2", decision: "approve" | "deny", n: number) {
  return step(`${decision}(${who}, ${n})`, async (model, w) => {
    const request = pick(model, n);
    if (request === undefined) return;
    const digest = (await onRecord(w, request)).digest ?? "";
    const path = `/v1/requests/${request.id}/decisions`;
    const { status, body } = await w.call(who, "POST", path, { decision, digest });
    const wanted = decided(model, request, who, decision, w.clock.now());
    expect(status === 200 ? "ok" : body.code).toBe(wanted);
  });
}

function stop(who: "lead" | "sre" | "dev", how: "revoked" | "cancelled", n: number) {
  return step(`${how}(${who}, ${n})`, async (model, w) => {
    const request = pick(model, n);
    if (request === undefined) return;
    const { status, body } = await w[how === "revoked" ? "revoke" : "cancel"](who, request.id);
    const wanted = stopped(model, request, who, how, w.clock.now());
    expect(status === 200 ? "ok" : body.code).toBe(wanted);
  });
}

function activate(set: SetName, devKnown: boolean) {
  return step(`activate(${set}, dev ${devKnown ? "known" : "gone"})`, async (model, w) => {
    const asked = await w.call("operator", "POST", "/v1/activations", {
      ...textsOf(set, devKnown),
      reason: `rules ${++model.reasons}`,
      evenIfActive: true,
    });
    expect(asked.status, `${JSON.stringify(asked.body)} ${w.logged.at(-1) ?? ""}`).toBe(202);
    expect((await w.approve("sre", asked.body.request.id)).body.status).toBe("closed");
    Object.assign(model, { set, devKnown });
  });
}

const which = fc.nat({ max: 6 });
const places = fc.constantFrom(
  ["payments-api", "app"],
  ["payments-api", "app"],
  ["payments-api", "envoy"],
  ["reports", "app"],
  ["shared", "app"],
  ["shared", "sidecar"],
);
const identity = fc.constantFrom("dev", "dev2");
const decider = fc.constantFrom("lead", "sre");

/** What people, clocks, AWS and machines do. */
export const anyCommand: fc.Arbitrary<Command>[] = [
  fc
    .tuple(identity, fc.constantFrom("list", "list", "shell", "date"), places)
    .map(([who, command, [service = "", container = ""]]) => ask(who, command, service, container)),
  fc.tuple(decider, which).map(([who, n]) => decide(who, "approve", n)),
  fc.tuple(decider, which).map(([who, n]) => decide(who, "approve", n)),
  fc
    .tuple(fc.constantFrom("lead", "sre", "dev2"), which)
    .map(([who, n]) => decide(who, "approve", n)),
  fc.tuple(decider, which).map(([who, n]) => decide(who, "deny", n)),
  fc.tuple(fc.constantFrom("lead", "sre", "dev"), which).map(([who, n]) => stop(who, "revoked", n)),
  fc.tuple(fc.constantFrom("lead", "dev"), which).map(([who, n]) => stop(who, "cancelled", n)),
  fc.tuple(identity, which).map(([who, n]) => open(who, n)),
  fc.tuple(identity, which).map(([who, n]) => open(who, n)),
  which.map((n) => open("lead", n)),
  fc
    .tuple(which, fc.nat({ max: 24 }), fc.boolean())
    .map(([n, at, after]) => crashOpen(n, at, after)),
  fc
    .tuple(fc.nat({ max: 13 }), which, fc.integer({ min: -1, max: 1 }))
    .map(([k, n, by]) => advance(k, n, by)),
  fc.boolean().map((lies) => sweep(lies)),
  fc.constant(sweep(false)),
  which.map((n) => wake(n)),
  which.map((n) => exits(n)),
  fc.constantFrom("payments-api", "reports", "shared").map((service) => redeploy(service)),
  fc.constant(restart()),
  fc
    .tuple(
      fc.constantFrom("usual", "usual", "strict", "frozen"),
      fc.constantFrom(true, true, false),
    )
    .map(([set, devKnown]) => activate(set, devKnown)),
];
