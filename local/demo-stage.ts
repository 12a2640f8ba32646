import { writeFileSync } from "node:fs";

/** What the demo shows: on the terminal and, where asked, as an asciicast v2 recording of just that. */
export interface Stage {
  scene(title: string): void;
  say(line: string): void;
  raw(text: string): void;
  save(): void;
}

export function openStage(castFile: string | undefined): Stage {
  const began = Date.now();
  const events: [number, "o", string][] = [];
  const raw = (text: string): void => {
    process.stdout.write(text);
    events.push([(Date.now() - began) / 1_000, "o", text.replace(/\r?\n/g, "\r\n")]);
  };
  /** A recording is to be read: it is taken of a demo that waits after each line. */
  const pause = (ms: number): void => {
    if (castFile !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  };
  return {
    raw,
    say: (line) => {
      raw(`${line}\n`);
      pause(700);
    },
    scene: (title) => {
      pause(900);
      raw(`\n\u001b[1;36m== ${title}\u001b[0m\n`);
      pause(500);
    },
    save() {
      if (castFile === undefined) return;
      const header = {
        version: 2,
        width: 100,
        height: 30,
        title: "sallyport: ask, approve, exec, verify",
      };
      writeFileSync(
        castFile,
        `${[header, ...events].map((line) => JSON.stringify(line)).join("\n")}\n`,
      );
    },
  };
}
