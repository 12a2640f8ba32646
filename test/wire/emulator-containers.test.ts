import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { TerminateSessionCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/server.ts";
import { commandLine, processesWith, until } from "../kit/processes.ts";
import {
  admin,
  clientsOf,
  execute,
  forkAccount,
  startAccount,
  taskOf,
} from "./emulator-account.ts";
import { endingOf, type RawChannel, rawChannel } from "./raw-channel.ts";

/*
 * Commands are real processes of this machine. So it counts what they are given, and above all that none
 * of them goes on when what it was started for has ended.
 */

let emulator: Emulator;
/** Stands in the command line of every process of one test, and in no other. */
let mark: string;
let count = 0;
const channels: RawChannel[] = [];

beforeEach(async () => {
  mark = `74${process.pid}${Date.now() % 1e6}${count++}`;
  emulator = await startAccount();
});

afterEach(async () => {
  for (const channel of channels.splice(0)) channel.leave();
  await emulator.close();
  for (const pid of processesWith(mark)) process.kill(pid, "SIGKILL");
});

/** What a command wrote until its end, with the terminal's line ends made plain. */
async function written(command: string, to: { container?: string } = {}): Promise<string> {
  const channel = await rawChannel(await execute(emulator, command, to));
  channels.push(channel);
  channel.acknowledgeAll();
  await channel.comes(() => endingOf(channel) !== undefined);
  return channel.screen().replaceAll("\r\n", "\n");
}

/** Waits until so many sleeps are there: the shells that start them have done by then what they do first. */
async function sleeping(count: number): Promise<void> {
  const sleeps = (): number[] =>
    processesWith(mark).filter((pid) => /^(\/bin\/)?sleep /.test(commandLine(pid)));
  expect(await until(() => sleeps().length === count, 5_000)).toBe(true);
}

async function expectNoneLeft(): Promise<void> {
  await until(() => processesWith(mark).length === 0, 3_000);
  expect(processesWith(mark).map(commandLine)).toEqual([]);
}

/** Commands that do what they can to stay, and how many sleeps each of them is. */
const stubborn: [string, number, () => string][] = [
  ["waits", 1, () => `sleep ${mark}`],
  [
    "ignores every signal it can",
    2,
    () => `sh -c 'trap "" HUP TERM INT; sleep ${mark} & while :; do sleep ${mark}; done'`,
  ],
  ["has a job in the background", 2, () => `sh -c 'set -m; nohup sleep ${mark} & sleep ${mark}'`],
  ["has a session of its own", 2, () => `sh -c 'setsid sleep ${mark} & sleep ${mark}'`],
  [
    // A group of its own, no HOME, deaf to the loss of the terminal: only its session tells whose it is.
    "has a job without an environment",
    2,
    () => `sh -c 'set -m; trap "" HUP; env -i /bin/sleep ${mark} & sleep ${mark}'`,
  ],
];

describe("a command's environment", () => {
  it("has nothing of ours: PATH, HOME, TERM, LANG, PWD and what the container sets", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] = "of-the-emulator";
    process.env["LD_LIBRARY_PATH"] = "/tmp/of-the-emulator";
    try {
      const lines = (await written("/usr/bin/env")).trim().split("\n").sort();
      const home = lines.find((line) => line.startsWith("HOME="))?.slice(5) ?? "";
      expect(lines).toEqual([
        "COLOUR=green",
        `HOME=${home}`,
        "LANG=C.UTF-8",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        `PWD=${home}`,
        "TERM=xterm-256color",
      ]);
      // The container asked for HOME=/ and for a terminal of its own, and gets neither.
      expect(home).toContain(taskOf(emulator, "web").containers[0]?.runtimeId);
    } finally {
      delete process.env["AWS_SECRET_ACCESS_KEY"];
      delete process.env["LD_LIBRARY_PATH"];
    }
  });

  it("holds what was set later, for commands from then on, and for that container alone", async () => {
    emulator.fleet.setContainerEnv("demo", "web", "app", { COLOUR: "red", SHAPE: "round" });
    expect(await written(`sh -c 'echo $COLOUR $SHAPE'`)).toBe("red round\n");
    expect(await written(`sh -c 'echo [$COLOUR$SHAPE]'`, { container: "envoy" })).toBe("[]\n");
    emulator.fleet.replaceTask("web");
    expect(await written(`sh -c 'echo $COLOUR $SHAPE'`)).toBe("red round\n");
  });

  it("finds programs by the container's PATH, not by ours", async () => {
    emulator.fleet.setContainerEnv("demo", "web", "app", { PATH: "/nowhere" });
    expect(await written("/bin/echo found")).toBe("found\n");
    const channel = await rawChannel(await execute(emulator, "echo found"));
    channels.push(channel);
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(endingOf(channel)?.["Output"]).toContain("executable file not found in $PATH");
  });
});

describe("a command", () => {
  it("is executed word for word, with no shell between", async () => {
    expect(await written(`echo $HOME "a  b" '*' ; false && x`)).toBe("$HOME a  b * ; false && x\n");
  });

  it("leads a session of its own on a terminal of its own", async () => {
    const text = await written(`sh -c 'tty; ps -o pid=,sid=,pgid= -p $$'`);
    const [tty, ids = ""] = text.trim().split("\n");
    expect(tty).toMatch(/^\/dev\/pts\/\d+$/);
    expect(new Set(ids.trim().split(/\s+/)).size).toBe(1);
  });

  it("works in its container's folder, which is nobody else's", async () => {
    await written(`sh -c 'umask; echo mine > kept'`);
    expect(await written("cat kept")).toBe("mine\n");
    expect(await written(`sh -c 'ls | wc -l'`, { container: "envoy" })).toBe("0\n");
    const home = (await written("pwd")).trim();
    expect(statSync(home).mode & 0o777).toBe(0o700);
    await emulator.close();
    expect(existsSync(dirname(home))).toBe(false);
  });
});

describe("the end of a session", () => {
  it("is that of its one process; what ignores the loss of its terminal goes on", async () => {
    const { sessionId } = await execute(
      emulator,
      `sh -c 'nohup sleep ${mark}1 & exec sleep ${mark}2'`,
    );
    await sleeping(2);
    const { ssm } = clientsOf(emulator.url, admin);
    await ssm.send(new TerminateSessionCommand({ SessionId: sessionId }));
    expect(await until(() => processesWith(`${mark}2`).length === 0, 3_000)).toBe(true);
    expect(processesWith(`sleep ${mark}1`)).toHaveLength(1);
    await emulator.close();
    await expectNoneLeft();
  });
});

describe("the end of a task", () => {
  it.each(stubborn)("ends a command that %s, and nobody else's", async (_, sleeps, command) => {
    await execute(emulator, command());
    await execute(emulator, `sleep ${mark}9`, { service: "other" });
    await sleeping(sleeps + 1);
    emulator.fleet.stopTask(taskOf(emulator, "web").arn);
    await until(() => processesWith(mark).length === 1, 3_000);
    expect(processesWith(mark).map(commandLine)).toEqual([`sleep ${mark}9 `]);
  });

  it("leaves the client without a word of an end", async () => {
    const channel = await rawChannel(await execute(emulator, `sleep ${mark}`));
    channels.push(channel);
    await sleeping(1);
    await channel.comes(() => channel.frames.length === 1);
    emulator.fleet.replaceTask("web");
    await expectNoneLeft();
    await channel.comes(() => channel.frames.length === 2);
    expect(channel.frames.at(-1)).toMatchObject({
      messageType: "pause_publication",
      headerLength: 112,
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(endingOf(channel)).toBeUndefined();
  });
});

describe("the end of the emulator", () => {
  it.each(stubborn)("ends a command that %s", async (_, sleeps, command) => {
    await execute(emulator, command());
    await sleeping(sleeps);
    await emulator.close();
    // Already: close resolves when it has been done.
    expect(processesWith(mark).map(commandLine)).toEqual([]);
  });

  it("ends what outlived the command that started it", async () => {
    await written(`sh -c 'trap "" HUP; setsid sleep ${mark} & sleep 0.2'`);
    expect(processesWith(`sleep ${mark}`)).toHaveLength(1);
    await emulator.close();
    await expectNoneLeft();
  });

  it("ends no process that was not started in a container", async () => {
    const own = spawn("sleep", [`${mark}`], { stdio: "ignore" });
    await execute(emulator, `sleep ${mark}`);
    await sleeping(2);
    await emulator.close();
    expect(processesWith(mark)).toEqual([own.pid]);
    own.kill("SIGKILL");
  });

  it.each(stubborn)("by SIGKILL ends a command that %s", async (_, sleeps, command) => {
    const other = await forkAccount();
    try {
      await execute(other, command());
      await sleeping(sleeps);
    } finally {
      await other.kill();
    }
    await until(() => processesWith(mark).length === 0, 3_000);
    expect(processesWith(mark).map(commandLine)).toEqual([]);
  });
});

describe("an emulator whose reaper was killed", () => {
  it("ends its commands, says so, and starts no more", async () => {
    const logged: string[] = [];
    const other = await startAccount({ log: (line) => void logged.push(line) });
    try {
      await execute(other, `sleep ${mark}`);
      await sleeping(1);
      const [pid = 0] = processesWith(mark);
      const home = /(?:^|\0)HOME=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
      const [reaper = 0] = processesWith(dirname(home ?? "/none/none"));
      expect(commandLine(reaper)).toContain("sweep");
      process.kill(reaper, "SIGKILL");
      await expectNoneLeft();
      expect(logged).toEqual([
        "the reaper has gone: every shell is killed, and no more can be started",
      ]);
      await expect(execute(other, `sleep ${mark}`)).rejects.toMatchObject({
        name: "ServerException",
      });
      expect(processesWith(mark)).toEqual([]);
    } finally {
      await other.close();
    }
    expect(logged).toHaveLength(1);
  });
});
