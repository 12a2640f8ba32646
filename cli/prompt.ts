import { createInterface } from "node:readline";
import { Failure } from "./failure.ts";
import type { Io } from "./output.ts";
import { type Shown, shown } from "./shown.ts";

/** Whether there is a person to be asked, who sees what is printed. */
export function isAttended(io: Pick<Io, "stdin" | "stderr">): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/**
 * Asks a person one line, on standard error. Throws Failure for Ctrl-C and for the end of input: neither is
 * an answer.
 */
export async function askLine(
  io: Pick<Io, "stdin" | "stderr">,
  question: string | Shown,
): Promise<string> {
  const lines = createInterface({
    input: io.stdin,
    // Without a terminal it would draw the question again and again.
    output: io.stderr,
    terminal: io.stderr.isTTY === true,
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(new Failure("not answered: nothing was done"));
      lines.once("SIGINT", stop);
      lines.once("close", stop);
      const text = typeof question === "string" ? shown`${question}` : question;
      lines.question(`${text.shown} `, (answer) => resolve(answer.trim()));
    });
  } finally {
    lines.close();
  }
}
