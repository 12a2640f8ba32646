import { spawn } from "@lydell/node-pty";
import { until } from "../kit/processes.ts";

/** A shell script on a terminal of its own. */
export interface PtyShell {
  /** All that the terminal showed so far. */
  screen(): string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits for a text, and answers the first match. Throws, with what it showed instead, after 20 s. */
  shows(text: RegExp): Promise<RegExpExecArray>;
}

export function ptyShell(script: string, env: { [name: string]: string } = {}): PtyShell {
  const pty = spawn("/bin/sh", ["-c", script], {
    cols: 100,
    rows: 30,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...env },
  });
  let screen = "";
  pty.onData((text) => {
    screen += text;
  });
  return {
    screen: () => screen,
    type: (text) => pty.write(text),
    resize: (columns, rows) => pty.resize(columns, rows),
    async shows(text) {
      let match: RegExpExecArray | null = null;
      await until(() => (match = text.exec(screen)) !== null, 20_000);
      if (match === null) throw new Error(`the terminal did not show ${text}, but: ${screen}`);
      return match;
    },
  };
}
