import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCommandLine } from "../../local/demo-command.ts";
import { flipByte } from "../../local/demo-flip.ts";
import { plainLines } from "../../local/demo-plain.ts";
import { playScenes } from "../../local/demo-scenes.ts";
import { openStage } from "../../local/demo-stage.ts";
import { startLocalGateway } from "../../local/gateway.ts";
import { commandLine, processesWith, until } from "../kit/processes.ts";
import { ptyShell } from "./pty-shell.ts";

/*
 * The demo as a user runs it: it is green when every scene went as it must and red when one did not, and
 * nothing of it is left however it ends.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the demo makes its folder; its name is in the command line of all that the demo starts. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-demo-test-"));
});

afterEach(() => {
  for (const pid of processesWith(folder)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Playing {
  said(): string;
  status: Promise<number | null>;
}

function play(): Playing {
  const child = spawn("npm", ["run", "--silent", "demo"], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  return {
    said: () => said,
    status: new Promise((resolve) => child.once("close", resolve)),
  };
}

async function expectNothingLeft(): Promise<void> {
  await until(() => processesWith(folder).length === 0, 5_000);
  expect(processesWith(folder).map(commandLine)).toEqual([]);
  // npm keeps a cache of compiled code where temporary files go.
  expect(readdirSync(folder).filter((name) => name !== "node-compile-cache")).toEqual([]);
}

describe("the demo", () => {
  it("plays the whole job through the command line and ends with the flipped byte, found", async () => {
    const demo = play();
    expect(await demo.status, demo.said()).toBe(0);
    const lines = demo.said().trimEnd().split("\n");
    const [, shell = ""] = /lead \$ sallyport approve ([0-9a-z]{26})/.exec(demo.said()) ?? [];
    expect(demo.said()).toMatch(/^Approve exactly this\? \[y\/N\] y$/m);
    expect(demo.said()).toMatch(/^square=\d+$/m);
    expect(demo.said()).toContain("(exit status 121)");
    expect(lines.slice(-8).join("\n")).toMatch(
      new RegExp(`audit verify export\\.jsonl\n.*${shell}.*\n(?:.*\n)*.*went as it must\\.$`),
    );
    expect(demo.said()).not.toContain("\u001b");
    await expectNothingLeft();
  });

  it("fails when the shell prints another number than the square", async () => {
    const gateway = await startLocalGateway({
      port: 0,
      stateDir: join(folder, "state"),
      containerEnv: { SALLYPORT_DEMO: "7" },
    });
    const shown: string[] = [];
    const stage = openStage({
      columns: 80,
      isTTY: false,
      write: (text: string | Uint8Array) => shown.push(String(text)) > 0,
    });
    const { stateDir } = gateway;
    const commands = openCommandLine({ stateDir, folder, size: stage });
    try {
      const played = playScenes({ commandLine: commands, stage, folder, number: 8 });
      await expect(played).rejects.toThrow("its square 64; the shell printed 49");
    } finally {
      await commands.end();
      await gateway.close();
    }
    expect(shown.join("")).not.toContain("== a denial");
    expect(processesWith(folder).map(commandLine)).toEqual([]);
  });

  it("leaves nothing behind on Ctrl-C", async () => {
    const shell = ptyShell(`trap : INT; "$NODE" "$DEMO"; echo "status $?;"`, {
      NODE: process.execPath,
      DEMO: join(root, "local/demo.ts"),
      TMPDIR: folder,
    });
    await shell.shows(/\[y\/N\]/);
    expect(processesWith(folder).length).toBeGreaterThan(2);
    shell.type("\u0003");
    const [, status] = await shell.shows(/status (\d+);/);
    expect(status, shell.screen()).toBe("130");
    expect(shell.screen()).toContain("the demo failed: ended by SIGINT");
    await expectNothingLeft();
  });

  it("fails, and leaves nothing behind, when its engine is killed", async () => {
    const demo = play();
    const engine = (): number[] =>
      processesWith(folder).filter((pid) => commandLine(pid).includes("serve --host"));
    expect(await until(() => demo.said().includes("[y/N]"), 60_000), demo.said()).toBe(true);
    for (const pid of engine()) process.kill(pid, "SIGKILL");
    expect(await demo.status).toBe(1);
    expect(demo.said()).toContain("the demo failed: the DynamoDB engine ended");
    await expectNothingLeft();
  }, 120_000);
});

describe("flipByte", () => {
  const line = (chain: string, seq: number, person: string): string =>
    `${JSON.stringify({ chain, seq, leaf: JSON.stringify({ actor: { person } }) })}\n`;
  const text = [
    line("REQ#a", 1, "é"),
    line("REQ#a", 2, "other"),
    line("REQ#b", 1, "dev"),
    line("REQ#b", 2, "lead"),
    line("REQ#b", 3, "sre"),
  ].join("");

  it("changes one bit of one byte, in the second event of the chain", () => {
    const exported = Buffer.from(text);
    const { bytes, offset, before, after } = flipByte(exported, "REQ#b");
    expect([before, after]).toEqual(["l", "m"]);
    expect(bytes.toString()).toBe(text.replace("lead", "mead"));
    expect(exported.toString()).toBe(text);
    expect(bytes.subarray(offset, offset + 4).toString()).toBe("mead");
  });

  it("refuses where nothing stands after the event that would tell", () => {
    expect(() => flipByte(Buffer.from(text), "REQ#a")).toThrow("no event of REQ#a");
    expect(() => flipByte(Buffer.from(text), "REQ#c")).toThrow("no event of REQ#c");
  });
});

describe("plainLines", () => {
  it("keeps of a line that was drawn again what stood there last, and no escape sequence", () => {
    const lines: string[] = [];
    const plain = plainLines((each) => lines.push(each));
    plain.add("\u001b[1;32mdev $\u001b[0m exec\r\n\r\u001b[K⠋ waiting\r\u001b");
    plain.add(
      "[K⠙ still\n\u001b[1G\u001b[0JApprove? [y/N] \u001b[16Gy\r\r\n\u001b[?25h\u001b>ended",
    );
    expect(lines).toEqual(["dev $ exec", "⠙ still", "Approve? [y/N] y"]);
    plain.end();
    expect(lines.at(-1)).toBe("ended");
  });
});
