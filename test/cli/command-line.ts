import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { runCli } from "../../cli/main.ts";
import type { Extras } from "../../cli/start.ts";

export interface Sent {
  method: string;
  /** With the query. */
  path: string;
  body: unknown;
}

export interface Reply {
  status?: number;
  body: unknown;
  contentType?: string;
}

/** The command line with a network that ends in this process. */
export interface CommandLine {
  sent: Sent[];
  folder: string;
  run(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
}

/**
 * Answers each call by `reply`. With `typed` there is a terminal, at which that is typed: nothing of it is
 * there to be read before somebody asks.
 */
export function commandLine(
  reply: (call: Sent) => Reply | Promise<Reply>,
  options: { typed?: string } & Partial<Pick<Extras, "policyEngine" | "recovery" | "lists">> = {},
): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "endpoint.json"), JSON.stringify({ api: "http://127.0.0.1:9" }));
  writeFileSync(
    join(folder, "credentials"),
    "[dev]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret-key-of-dev\n",
  );
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const call: Sent = {
      method: init.method ?? "GET",
      path: url.slice("http://127.0.0.1:9".length),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
    };
    sent.push(call);
    const { status = 200, body, contentType = "application/json" } = await reply(call);
    return new Response(JSON.stringify(body), { status, headers: { "content-type": contentType } });
  };
  return {
    sent,
    folder,
    async run(...argv) {
      const attended = options.typed !== undefined;
      const stdin = Object.assign(new PassThrough(), attended ? { isTTY: true } : {});
      const [stdout, stderr] = [1, 2].map(() =>
        Object.assign(new PassThrough(), attended ? { isTTY: true, columns: 80 } : {}),
      ) as [PassThrough, PassThrough];
      if (attended) stdin.write(`${options.typed}\n`);
      const exitCode = await runCli(
        ["--as", "dev", "--state", folder, ...argv],
        {
          stdin: stdin as unknown as NodeJS.ReadStream,
          stdout: stdout as unknown as NodeJS.WriteStream,
          stderr: stderr as unknown as NodeJS.WriteStream,
          env: { XDG_CONFIG_HOME: folder },
          cwd: folder,
        },
        {
          fetch,
          version: "1.2.3",
          runLocal: async () => undefined,
          policyEngine:
            options.policyEngine ??
            (async () => {
              throw new Error("no engine here");
            }),
          recovery: options.recovery ?? (async () => nowhere()),
          lists: options.lists ?? (async () => nowhere()),
        },
      );
      return {
        exitCode,
        stdout: String((stdout.read() as Buffer | null) ?? ""),
        stderr: String((stderr.read() as Buffer | null) ?? ""),
      };
    },
  };
}

function nowhere(): never {
  throw new Error("no tables here");
}

/** What a terminal would act on or would not show; a line's end is ours. */
export const UNSEEN = /[^\P{C}\n]|[\u2028\u2029]/u;
