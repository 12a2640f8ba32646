import { spawn } from "@lydell/node-pty";
import { plainText } from "./demo-plain.ts";
import { within } from "./demo-step.ts";

/** A terminal of its own, with one program on it. */
export interface Terminal {
  readonly pid: number;
  /** All that it showed so far, escape sequences included. */
  screen(): string;
  /** Waits until a text stands after the one waited for last. Throws, with what it showed instead. */
  shows(text: RegExp): Promise<RegExpExecArray>;
  type(text: string): void;
  /** Waits for the end, and answers the exit status. Throws where it does not end in time. */
  status(): Promise<number>;
  /** Resolves at the end, however long that takes. */
  readonly ended: Promise<number>;
}

export interface TerminalStart {
  words: readonly [string, ...string[]];
  cwd: string;
  env: { [name: string]: string };
  size: { columns: number; rows: number };
  /** What to call it where something goes wrong. */
  name: string;
  onOutput(text: string): void;
}

export function startOnTerminal(start: TerminalStart): Terminal {
  const { words, cwd, env, size, name, onOutput } = start;
  const [file, ...args] = words;
  const pty = spawn(file, args, { cwd, env, cols: size.columns, rows: size.rows });
  let screen = "";
  let seen = 0;
  let over = false;
  let look = (): void => undefined;
  pty.onData((text) => {
    screen += text;
    onOutput(text);
    look();
  });
  const ended = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode, signal }) => {
      over = true;
      resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal);
      look();
    }),
  );
  const but = (what: string): string => `${name} ${what}, but: ${plainText(screen.slice(seen))}`;
  return {
    pid: pty.pid,
    screen: () => screen,
    shows(text) {
      const found = new Promise<RegExpExecArray>((resolve, reject) => {
        look = () => {
          const match = text.exec(screen.slice(seen));
          if (match !== null) {
            seen += match.index + match[0].length;
            look = () => undefined;
            resolve(match);
          } else if (over) reject(new Error(but(`ended and did not show ${text}`)));
        };
        look();
      });
      return within(found, () => but(`did not show ${text}`));
    },
    type: (text) => pty.write(text),
    status: () => within(ended, () => but("did not end")),
    ended,
  };
}
