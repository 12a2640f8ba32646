import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plainLines } from "./demo-plain.ts";

/** What the demo shows: on its terminal and, where asked, in an asciicast v2 recording of just that. */
export interface Stage {
  /** What everything on it has to fit into. */
  readonly columns: number;
  readonly rows: number;
  scene(title: string): void;
  say(line: string): void;
  /** The command line that somebody runs next. */
  command(who: string, words: readonly string[]): void;
  /** How that ended, where it is worth a word. */
  status(status: number | null): void;
  /** What a terminal was sent, escape sequences included. */
  raw(text: string): void;
  /** Time to read what stands there: in the recording alone, which nobody has to sit through. */
  pause(ms: number): void;
  /** Writes what was held back and, where a file is named, the recording. */
  close(castFile?: string): void;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COLUMNS = 100;
const ROWS = 34;

type Out = Pick<NodeJS.WriteStream, "columns" | "isTTY" | "write">;

/** Opens it on `out`: where that is no terminal, what is shown comes out as plain lines. */
export function openStage(out: Out): Stage {
  const began = Date.now();
  const events: [number, "o", string][] = [];
  const plain = out.isTTY ? undefined : plainLines((line) => out.write(`${line}\n`));
  // A terminal that does not know its size says 0.
  const columns = out.isTTY && out.columns > 0 ? Math.min(out.columns, COLUMNS) : COLUMNS;
  let pausedMs = 0;
  let inLine = false;
  const raw = (text: string): void => {
    if (text === "") return;
    inLine = !text.endsWith("\n");
    if (plain === undefined) out.write(text);
    else plain.add(text);
    const at = (Date.now() - began + pausedMs) / 1_000;
    events.push([at, "o", text.replace(/\r?\n/g, "\r\n")]);
  };
  const line = (text: string): void => raw(`${inLine ? "\n" : ""}${text}\n`);
  const pause = (ms: number): void => {
    pausedMs += ms;
  };
  return {
    columns,
    rows: ROWS,
    raw,
    pause,
    say(text) {
      line(text);
      pause(300);
    },
    scene(title) {
      pause(600);
      line(`\n\u001b[1;36m== ${title}\u001b[0m`);
      pause(500);
    },
    command(who, words) {
      line(`\u001b[1;32m${who} $\u001b[0m sallyport ${words.map(quoted).join(" ")}`);
      pause(500);
    },
    status(status) {
      if (status !== 0) line(`\u001b[2m(exit status ${status ?? "none"})\u001b[0m`);
      pause(600);
    },
    close(castFile) {
      plain?.end();
      if (castFile === undefined) return;
      const title = "sallyport: ask, approve, exec, verify";
      const header = { version: 2, width: columns, height: ROWS, title };
      // A hint names the launcher by its whole path, which is nobody else's.
      const told = events.map(([at, kind, text]) => [at, kind, text.replaceAll(ROOT, "./")]);
      const lines = [header, ...told].map((each) => JSON.stringify(each));
      writeFileSync(castFile, `${lines.join("\n")}\n`);
    },
  };
}

/** For a reader who wants to type it too. */
function quoted(word: string): string {
  return /^[\w./:@+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
