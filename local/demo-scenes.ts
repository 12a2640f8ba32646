import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Card, cardDigest } from "../core/card.ts";
import { begins, ends, idOn, member, must, mustEnd, type OnStage, runs } from "./demo-actor.ts";
import { flipByte } from "./demo-flip.ts";

export interface Demo extends OnStage {
  /** Where the auditor puts the export. */
  folder: string;
  /** What SALLYPORT_DEMO is in the container. */
  number: number;
}

/** Exit statuses, as cli/exit-codes.ts has them: permanent. */
const ENDED = 0;
const FAILED = 1;
const DENIED = 121;
const WAITING = 122;

const PROMPT = /[#$] $/;
const TARGET = "demo/payments-api:app";

/**
 * Plays the whole job with the command line as dev, lead, sre and auditor. Throws, saying what was not as it
 * must, at the first thing that was not.
 */
export async function playScenes(demo: Demo): Promise<void> {
  demo.stage.scene("a shell, once one of payments-leads and one of sre have agreed");
  const shell = await aShell(demo);
  demo.stage.scene("a denial");
  const denied = await aDenial(demo);
  demo.stage.scene("an exact read-only command, which nobody has to agree to");
  await anAutomaticApproval(demo);
  demo.stage.scene("the auditor exports every chain, and verifies it without the gateway");
  const file = await anExport(demo, [shell, denied]);
  demo.stage.scene("one byte of the export is flipped");
  await aFlippedByte(demo, file, { flipped: shell, others: [denied] });
}

async function aShell(demo: Demo): Promise<string> {
  const { stage, number } = demo;
  const reason = "a stuck queue in production";
  const dev = begins(demo, "dev", ["exec", TARGET, "--reason", reason]);
  const id = await idOn(dev);
  await dev.terminal.shows(/waiting for /);
  stage.pause(1_500);
  dev.inFront(false);

  const lead = begins(demo, "lead", ["approve", id]);
  await lead.terminal.shows(/\[y\/N\]/);
  const card = lead.terminal.screen();
  for (const said of ["dev", '"/bin/sh"', "root", "payments-api", reason]) {
    must(card.includes(said), `the card that lead was shown does not say ${said}`);
  }
  stage.pause(4_000);
  lead.terminal.type("y\r");
  await ends(demo, lead, ENDED, "lead's approval");
  stage.pause(1_200);

  const early = await runs(demo, "dev", ["attach", id, "--no-wait"]);
  mustEnd(early, WAITING, "to attach with one of two approvals");

  const digest = await digestThatSreReads(demo, id);
  must(card.includes(digest), "lead was shown another card than sre");
  const agreed = await runs(demo, "sre", ["--json", "approve", id, "--digest", digest], "status");
  mustEnd(agreed, ENDED, "sre's approval");
  const granted = member(agreed, "status");
  must(granted === "approved", `two groups agreed, and it is ${granted}`);

  stage.say(`\nand on dev's terminal, where exec has waited for it:`);
  dev.inFront(true);
  await dev.terminal.shows(/ecs-execute-command-/);
  await dev.terminal.shows(PROMPT);
  stage.pause(1_200);
  dev.terminal.type("echo square=$((SALLYPORT_DEMO * SALLYPORT_DEMO))\r");
  const [, square = ""] = await dev.terminal.shows(/[\r\n]square=(.*)\r\n/);
  must(
    square === String(number * number),
    `the container's number is ${number}, its square ${number * number}; the shell printed ${square}`,
  );
  await dev.terminal.shows(PROMPT);
  stage.pause(1_200);
  dev.terminal.type("exit\r");
  await ends(demo, dev, ENDED, "dev's exec");
  stage.say(`the container was given ${number}: ${square} is its square`);

  const again = await runs(demo, "dev", ["--json", "attach", id], "code");
  mustEnd(again, FAILED, "a second opening");
  const refused = member(again, "code");
  must(refused === "session_already_opened", `a second opening answered ${refused}`);
  return id;
}

/** As a program approves: it computes the digest of the card it read, and names that. */
async function digestThatSreReads(demo: Demo, id: string): Promise<string> {
  const read = await runs(demo, "sre", ["--json", "show", id], "status");
  mustEnd(read, ENDED, "sre's show");
  const { card, digest } = JSON.parse(read.stdout) as { card: Card; digest: string };
  must(cardDigest(card) === digest, "the gateway names another digest than its card has");
  return digest;
}

async function aDenial(demo: Demo): Promise<string> {
  const words = ["exec", TARGET, "--reason", "curious", "--", "/bin/cat", "/etc/shadow"];
  const dev = begins(demo, "dev", words);
  const id = await idOn(dev);
  await dev.terminal.shows(/waiting for /);
  demo.stage.pause(700);
  dev.inFront(false);
  const said = await runs(
    demo,
    "lead",
    ["--json", "deny", id, "--comment", "not in production"],
    "status",
  );
  mustEnd(said, ENDED, "lead's denial");
  const decided = member(said, "status");
  must(decided === "denied", `lead denied, and it is ${decided}`);
  demo.stage.say("\nand on dev's terminal:");
  dev.inFront(true);
  await ends(demo, dev, DENIED, "the exec that lead denied");
  const { sessions } = JSON.parse(said.stdout) as { sessions: unknown[] };
  must(sessions.length === 0, "something was opened that was denied");
  return id;
}

async function anAutomaticApproval(demo: Demo): Promise<void> {
  const words = ["exec", TARGET, "--reason", "is it busy", "--", "/bin/cat", "/proc/loadavg"];
  const load = await runs(demo, "dev", words);
  mustEnd(load, ENDED, "what a rule approves");
  must(
    /^(?:\d+\.\d+ ){3}\d+\/\d+ \d+\r?\n$/.test(load.stdout),
    `the load was not printed, but: ${load.stdout}`,
  );
}

/** Answers the file. */
async function anExport(demo: Demo, ids: readonly string[]): Promise<string> {
  const file = "export.jsonl";
  mustEnd(await runs(demo, "auditor", ["audit", "export", "--out", file]), ENDED, "the export");
  const text = readFileSync(join(demo.folder, file), "utf8");
  for (const id of ids) must(text.includes(`REQ#${id}`), `request ${id} is not in the export`);
  mustEnd(await runs(demo, "auditor", ["audit", "verify", file]), ENDED, "verifying the export");
  return file;
}

async function aFlippedByte(
  demo: Demo,
  file: string,
  ids: { flipped: string; others: readonly string[] },
): Promise<void> {
  const path = join(demo.folder, file);
  const { bytes, offset, before, after } = flipByte(readFileSync(path), `REQ#${ids.flipped}`);
  writeFileSync(path, bytes);
  demo.stage.say(`byte ${offset}, in the name of who approved first: ${before} becomes ${after}`);
  const found = await runs(demo, "auditor", ["audit", "verify", file]);
  mustEnd(found, FAILED, "verifying what was changed");
  must(found.stdout.includes(ids.flipped), `the changed request is not named: ${found.stdout}`);
  for (const id of ids.others) {
    must(!found.stdout.includes(id), `a request that nobody changed is named: ${found.stdout}`);
  }
}
