import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Card, cardDigest } from "../core/card.ts";
import type { StoredEvent } from "../core/event.ts";
import { verifyChains } from "../core/verify-chains.ts";
import { typeInto } from "./demo-shell.ts";
import { openStage } from "./demo-stage.ts";
import { startLocalGateway } from "./gateway.ts";
import type { UserName } from "./identities.ts";
import { callAs, type Reply } from "./signed-call.ts";

/**
 * The whole job, without a human: a shell that two groups agreed to, a denial, an automatic approval, and
 * the record verified to the last event, then once more with one byte flipped. Exits 0 only if each scene
 * went as it must.
 */
const { values: flags } = parseArgs({
  options: { state: { type: "string" }, cast: { type: "string" } },
});
const folder = flags.state ?? mkdtempSync(join(tmpdir(), "sallyport-demo-"));
const number = randomInt(10_000, 1_000_000);
const stage = openStage(flags.cast);
const gateway = await startLocalGateway({
  port: 0,
  stateDir: folder,
  containerEnv: { SALLYPORT_DEMO: String(number) },
});

const call = (
  who: UserName,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Reply> => callAs(gateway.api, gateway.profiles[who], method, path, body);

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`the demo failed: ${what}`);
}

async function asks(
  command: string,
  reason: string,
): Promise<Reply["body"] & { id: string; card: Card }> {
  const asked = await call("dev", "POST", "/v1/requests", {
    target: { cluster: "demo", service: "payments-api", container: "app" },
    command,
    reason,
  });
  must(asked.status === 201, `asking answered ${JSON.stringify(asked.body)}`);
  stage.say(`dev asks for ${command} in demo/payments-api:app, because: ${reason}`);
  return asked.body as Reply["body"] & { id: string; card: Card };
}

/** A decision on the card that was read: its digest is computed here, and not taken from the answer. */
async function decides(
  who: UserName,
  id: string,
  decision: "approve" | "deny",
): Promise<Reply["body"]> {
  const seen = await call(who, "GET", `/v1/requests/${id}`);
  const card = seen.body["card"] as Card;
  const digest = cardDigest(card);
  must(digest === seen.body["digest"], "the digest of the card is not the one the gateway names");
  if (card.kind === "exec") {
    stage.say(
      `${who} reads: ${card.requester.name} wants to run ${JSON.stringify(card.argv)} as ${card.runsAs}${card.opensShell ? ", a shell: what is typed afterwards is not limited" : ""}`,
    );
  }
  const said = await call(who, "POST", `/v1/requests/${id}/decisions`, { decision, digest });
  must(said.status === 200, `${who} could not ${decision}: ${JSON.stringify(said.body)}`);
  stage.say(`${who}: ${decision}  ->  ${String(said.body["status"])}`);
  return said.body;
}

async function exported(): Promise<StoredEvent[]> {
  const items: StoredEvent[] = [];
  const day = new Date().toISOString().slice(0, 10);
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? "" : `&cursor=${cursor}`;
    const page = await call("auditor", "GET", `/v1/events?day=${day}${more}`);
    must(page.status === 200, `the export answered ${JSON.stringify(page.body)}`);
    items.push(...(page.body["items"] as StoredEvent[]));
    cursor = page.body["cursor"] as string | undefined;
  } while (cursor !== undefined);
  return items;
}

async function play(): Promise<void> {
  stage.scene("a shell, once one of payments-leads and one of sre have agreed");
  const shell = await asks("/bin/sh", "a stuck queue in production");
  const early = await call("dev", "POST", `/v1/requests/${shell.id}/sessions`);
  must(early.body["code"] === "not_approved", "a session opened before anybody agreed");
  stage.say(`dev tries at once: ${String(early.body["code"])}`);
  await decides("lead", shell.id, "approve");
  const granted = await decides("sre", shell.id, "approve");
  must(granted["status"] === "approved", "two groups agreed and nothing was granted");
  const opened = await call("dev", "POST", `/v1/requests/${shell.id}/sessions`);
  must(opened.status === 201, `opening answered ${JSON.stringify(opened.body["code"])}`);
  const session = opened.body["session"] as {
    sessionId: string;
    streamUrl: string;
    tokenValue: string;
  };
  stage.say(`session ${session.sessionId}`);
  const square = number * number;
  const { screen, end } = await typeInto(
    session,
    ["echo square=$((SALLYPORT_DEMO * SALLYPORT_DEMO))", "exit"],
    (text) => stage.raw(text),
  );
  must(end.kind === "ended", `the session ended as ${JSON.stringify(end)}`);
  must(screen.includes(`square=${square}`), `the shell did not print ${square}`);
  stage.say(`the shell printed the square of the container's ${number}: ${square}`);
  const again = await call("dev", "POST", `/v1/requests/${shell.id}/sessions`);
  must(again.body["code"] === "session_already_opened", "credentials were handed over twice");
  stage.say(`dev tries once more: ${String(again.body["code"])}`);

  stage.scene("a denial");
  const denied = await asks("/bin/cat /etc/shadow", "curious");
  const said = await decides("lead", denied.id, "deny");
  must(said["status"] === "denied", "a denial did not deny");

  stage.scene("an exact read-only command, which nobody has to agree to");
  const look = await asks("/bin/cat /proc/loadavg", "is it busy");
  must(look["status"] === "approved", "the automatic rule did not approve");
  const ran = await call("dev", "POST", `/v1/requests/${look.id}/sessions`);
  must(ran.status === 201, `opening answered ${JSON.stringify(ran.body)}`);
  const load = await typeInto(ran.body["session"] as typeof session, [], (text) => stage.raw(text));
  must(/\d+\.\d+ \d+\.\d+/.test(load.screen), "the load was not printed");

  stage.scene("the auditor exports and verifies every chain");
  const items = await exported();
  const file = join(folder, "export.jsonl");
  writeFileSync(file, items.map((item) => `${JSON.stringify(item)}\n`).join(""), { mode: 0o600 });
  const verified = verifyChains(items);
  must(
    verified.problems.length === 0,
    `the record does not verify: ${JSON.stringify(verified.problems)}`,
  );
  stage.say(`${verified.chains} chains, ${verified.events} events: all verify`);

  stage.scene("one byte of the export is flipped");
  const target = items.find((item) => item.chain === `REQ#${shell.id}` && item.seq === 2);
  must(target !== undefined, "the first approval is not in the export");
  const flipped = items.map((item) => {
    if (item !== target) return item;
    const at = item.leaf.indexOf('"person":"') + '"person":"'.length;
    return {
      ...item,
      leaf:
        item.leaf.slice(0, at) +
        String.fromCharCode(item.leaf.charCodeAt(at) ^ 1) +
        item.leaf.slice(at + 1),
    };
  });
  const found = verifyChains(flipped).problems;
  must(
    found.length === 1 && found[0]?.chain === `REQ#${shell.id}`,
    "the flipped byte was not found",
  );
  stage.say(`found in request ${shell.id}, event ${found[0]?.seq}: ${found[0]?.what}`);
}

try {
  await play();
  stage.say("\nThe demo went as it must.");
  stage.save();
} catch (error) {
  process.stderr.write(
    `sallyport: error: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
} finally {
  await gateway.close();
  if (flags.state === undefined) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`state kept in ${folder}\n`);
}
