import { displayWidth } from "./display-width.ts";
import { printableJson, withoutControls } from "./escape.ts";
import type { Failure } from "./failure.ts";
import { type Shown, shown } from "./shown.ts";
import { runnable, runnableByAnother, type Typed } from "./typed-again.ts";

/** The process as the command line sees it. */
export interface Io {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** A line to print: built by the tag of shown.ts, or a text of our own with no value of others in it. */
export type Line = string | Shown;

/**
 * What is printed, and where. Standard output holds what was asked for and nothing else; all else goes to
 * standard error. Every call prints one line, and none lets a character through that a terminal would act
 * on: a value that somebody else wrote comes in by the tag of shown.ts (or through `escapeText`), which also
 * keeps different values different; what was forgotten is made harmless here. Only the bytes of a session,
 * which a person asked to see as they are, do not come this way.
 */
export interface Output {
  readonly json: boolean;
  /** A line of what was asked for. */
  print(line: Line): void;
  /** A JSON value on one line, as what was asked for. */
  value(value: unknown): void;
  /** Something to know while it happens. */
  info(line: Line): void;
  error(failure: Failure): void;
  /** Columns aligned by their width in a terminal. The first row is the heading. */
  table(rows: readonly (readonly Line[])[]): void;
  /** A line that changes while we wait. Drawn on a terminal alone; `stop` leaves nothing of it. */
  spinner(text: Line): Spinner;
}

export interface Spinner {
  update(text: Line): void;
  stop(): void;
}

const ERASE_LINE = "\r\u001b[K";
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 100;

/** With `typed`, a hint names this command line as the person called it. */
export function createOutput(
  io: Pick<Io, "stdout" | "stderr">,
  options: { json: boolean; typed?: Typed },
): Output {
  const { typed } = options;
  const { stdout, stderr } = io;
  let drawn: (() => void) | undefined;
  const put = (stream: NodeJS.WriteStream, line: Line): void => {
    if (drawn !== undefined) stderr.write(ERASE_LINE);
    stream.write(`${harmless(line)}\n`);
    drawn?.();
  };
  return {
    json: options.json,
    print: (line) => put(stdout, line),
    value: (value) => put(stdout, printableJson(value)),
    info: (line) => put(stderr, `sallyport: ${harmless(line)}`),
    error(failure) {
      const called = calledBy(typed, failure.problem);
      if (options.json) put(stderr, printableJson(asProblem(failure, called)));
      else for (const line of errorLines(failure, called)) put(stderr, `sallyport: ${line}`);
    },
    table(rows) {
      const safe = rows.map((row) => row.map(harmless));
      const widths = (safe[0] ?? []).map((_, column) =>
        Math.max(...safe.map((row) => displayWidth(row[column] ?? ""))),
      );
      for (const row of safe) {
        const cells = row.map((cell, column) =>
          column === row.length - 1
            ? cell
            : cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell)),
        );
        put(stdout, cells.join("  ").trimEnd());
      }
    },
    spinner(first) {
      if (stderr.isTTY !== true || options.json) return { update() {}, stop() {} };
      let text = first;
      let frame = 0;
      const draw = (): void => {
        const line = `${FRAMES[frame % FRAMES.length] ?? ""} ${harmless(text)}`;
        stderr.write(`${ERASE_LINE}${cut(line, (stderr.columns ?? 80) - 1)}`);
      };
      const timer = setInterval(() => {
        frame += 1;
        draw();
      }, FRAME_MS);
      drawn = draw;
      draw();
      return {
        update(next) {
          text = next;
          if (drawn === draw) draw();
        },
        stop() {
          clearInterval(timer);
          if (drawn !== draw) return;
          drawn = undefined;
          stderr.write(ERASE_LINE);
        },
      };
    },
  };
}

type Called = (text: string) => string;

/**
 * How the commands in a failure's texts are called: as this person does, but for one that is others' to type, who
 * end a lock. With an identity of the local gateway its name is that of the person.
 */
function calledBy(typed: Typed | undefined, problem: Failure["problem"]): Called {
  if (typed === undefined) return (text) => text;
  const mayUnlock = problem?.code === "locked" ? problem["mayUnlock"] : undefined;
  const { as } = typed.globalOptions;
  const isForOthers = Array.isArray(mayUnlock) && !(as !== undefined && mayUnlock.includes(as));
  return (text) => (isForOthers ? runnableByAnother(typed, text) : runnable(typed, text));
}

/** As a problem document: the gateway's as it came, or one of our own where it gave none. */
function asProblem(failure: Failure, called: Called): { [member: string]: unknown } {
  if (failure.problem !== undefined) return { ...failure.problem };
  return {
    type: "about:blank",
    title: "The command failed",
    detail: failure.message,
    exitCode: failure.exitCode,
    ...(failure.hint === undefined ? {} : { hint: called(failure.hint) }),
  };
}

function errorLines({ said, hints, problem }: Failure, called: Called): string[] {
  const lines = [shown`error: ${said}`];
  for (const { pointer, detail } of problem?.issues ?? []) {
    lines.push(shown`error:   ${pointer}: ${called(detail)}`);
  }
  for (const { check, remedy } of findings(problem?.["problems"])) {
    lines.push(shown`error:   ${check}: ${called(remedy)}`);
  }
  for (const { check, remedy, status } of findings(problem?.["diagnosis"])) {
    if (status !== "passed") lines.push(shown`error:   ${check}: ${status}: ${called(remedy)}`);
  }
  if (problem?.aws !== undefined) {
    lines.push(shown`error:   AWS says: ${problem.aws.error}: ${problem.aws.message}`);
  }
  const remedies = findings(problem?.["problems"]).map(({ remedy }) => remedy);
  // A gateway's hint may be the first remedy, for whoever reads the hint alone.
  for (const hint of hints.filter((one) => !remedies.includes(one))) {
    lines.push(shown`hint: ${called(hint)}`);
  }
  if (problem?.instance !== undefined && problem.status >= 500) {
    lines.push(shown`hint: quote ${problem.instance} to whoever runs the gateway`);
  }
  return lines.map((line) => line.shown);
}

function harmless(line: Line): string {
  return withoutControls(typeof line === "string" ? line : line.shown);
}

/** The member `problems` of a preflight's answer, or `diagnosis` of an open's, where it has its form. */
function findings(problems: unknown): { check: string; remedy: string; status: string }[] {
  if (!Array.isArray(problems)) return [];
  return problems.flatMap((item: unknown) => {
    const { check, remedy, status } = (item ?? {}) as { [member: string]: unknown };
    return typeof check === "string" && typeof remedy === "string"
      ? [{ check, remedy, status: typeof status === "string" ? status : "failed" }]
      : [];
  });
}

function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}
