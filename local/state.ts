import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { allowed, causes, type Log, type LogFields } from "../lambdas/log.ts";
import { type Keys, type ProfileName, profileNames, randomKeys } from "./identities.ts";
import { localProblem } from "./problem.ts";

/** What a client finds in `endpoint.json`: everything but where the tables are. */
export interface Endpoints {
  api: string;
  emulator: string;
  gateway: string;
  region: string;
  pid: number;
}

export interface State {
  /** Absolute. */
  folder: string;
  profiles: { [name in ProfileName]: Keys };
  /** The log of the functions, line by line as JSON. */
  log(name: string): Log;
  /** Says where this process answers, for the command line. */
  announce(endpoints: Endpoints): void;
  /** Says where faults and pauses are set, and the token for it: to this user alone. */
  announceControl(control: { url: string; token: string }): void;
  /** Takes both back, unless another process has said it since. */
  withdraw(): void;
}

/**
 * Opens the folder that everything of one local gateway is kept in, for nobody but this user. Keys are made
 * once and kept. Throws, with a hint, where another gateway is at work in it.
 */
export async function openState(path: string, random: (n: number) => Uint8Array): Promise<State> {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw localProblem(`${folder} cannot be used`, "name a folder of your own with --state", error);
  }
  const endpointFile = join(folder, "endpoint.json");
  const controlFile = join(folder, "control.json");
  const running = readEndpoints(endpointFile);
  if (running !== undefined && (await isAtWork(running))) {
    throw localProblem(
      `a gateway runs in ${folder} already (pid ${running.pid})`,
      "end it, or start this one with --state DIR and --port N",
    );
  }
  const logFile = join(folder, "gateway.log");
  writeFileSync(logFile, "", { flag: "a", mode: 0o600 });
  return {
    folder,
    profiles: openCredentials(join(folder, "credentials"), random),
    log: (name) => fileLog(logFile, name),
    announce: (endpoints) => replaceFile(endpointFile, `${JSON.stringify(endpoints)}\n`),
    announceControl: (control) =>
      replaceFile(controlFile, `${JSON.stringify({ ...control, pid: process.pid })}\n`),
    withdraw() {
      if (readEndpoints(endpointFile)?.pid !== process.pid) return;
      rmSync(endpointFile, { force: true });
      rmSync(controlFile, { force: true });
    },
  };
}

/**
 * An AWS shared-credentials file, so that any SDK, curl and the command line can read it. Whoever is not in it yet gets
 * keys; those that are there stay.
 */
function openCredentials(file: string, random: (n: number) => Uint8Array): State["profiles"] {
  const known = readIni(file) ?? {};
  const profiles = profileNames.map((name): [ProfileName, Keys] => {
    const section = known[name];
    if (section === undefined) return [name, randomKeys(random)];
    const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = section;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw localProblem(`${file} has no keys for ${name}`, "remove the file to have it made anew");
    }
    return [name, { accessKeyId, secretAccessKey }];
  });
  if (profileNames.some((name) => known[name] === undefined)) {
    replaceFile(
      file,
      profiles
        .map(
          ([name, keys]) =>
            `[${name}]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`,
        )
        .join("\n"),
    );
  }
  chmodSync(file, 0o600);
  return Object.fromEntries(profiles) as State["profiles"];
}

function readIni(file: string): { [section: string]: { [key: string]: string } } | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const sections: { [section: string]: { [key: string]: string } } = {};
  let current: { [key: string]: string } = {};
  for (const line of text.split("\n")) {
    const [, section] = /^\s*\[([\w-]+)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (section !== undefined) current = sections[section] = {};
    else if (key !== undefined && value !== undefined) current[key] = value;
  }
  return sections;
}

/** Written beside and renamed: nobody ever reads half of it. */
function replaceFile(file: string, text: string): void {
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readEndpoints(file: string): { api: string; pid: number } | undefined {
  try {
    const read = JSON.parse(readIfThere(file) ?? "") as { api?: unknown; pid?: unknown };
    return typeof read.api === "string" && typeof read.pid === "number"
      ? { api: read.api, pid: read.pid }
      : undefined;
  } catch {
    return undefined; // none, or what a broken disk left of it
  }
}

/** A pid alone may have been given to another process since. */
async function isAtWork({ api, pid }: { api: string; pid: number }): Promise<boolean> {
  const port = Number(URL.parse(api)?.port ?? 0);
  if (!isAlive(pid) || port === 0) return false;
  return await new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1_000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The functions' allow-list of fields, on a file in place of CloudWatch. */
function fileLog(file: string, name: string): Log {
  const write = (level: string, message: string, fields: LogFields, more: object): void => {
    const at = new Date().toISOString();
    const line = JSON.stringify({ at, level, service: name, message, ...allowed(fields), ...more });
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      // A function may still be at work when the folder is gone already; that must not end it.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  };
  return {
    info: (message, fields) => write("info", message, fields, {}),
    error: (message, fields, error) => write("error", message, fields, { causes: causes(error) }),
  };
}
