/** Erases the line so far: as the command line's spinner does it, and as Node's line editor. */
const ERASED = /^.*(?:\r\u001b\[K|\u001b\[1G\u001b\[0J)/s;
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[=>])/g;

/** All of it at once, as one text. */
export function plainText(text: string): string {
  const lines: string[] = [];
  const plain = plainLines((line) => lines.push(line));
  plain.add(text);
  plain.end();
  return lines.join("\n");
}

/**
 * Turns what a terminal was sent into the lines that stay on it, for a log: no escape sequences, and of a
 * line that was drawn over and over only what stood there last.
 */
export function plainLines(print: (line: string) => void): {
  add(text: string): void;
  end(): void;
} {
  let rest = "";
  const put = (line: string): void =>
    print(line.replace(ERASED, "").replaceAll(ESCAPES, "").replaceAll("\r", ""));
  return {
    add(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) put(line);
    },
    end() {
      if (rest !== "") put(rest);
      rest = "";
    },
  };
}
