import { expect, it } from "vitest";
import { shellLine } from "../../cli/shell-words.ts";
import { quoteWords } from "../../core/command-words.ts";

it.each<[string[], string | undefined]>([
  [["ls", "|", "head"], "ls | head"],
  [["cat", "a b", "&&", "ls"], "cat 'a b' && ls"],
  [["ls", ">", "/tmp/x"], "ls > /tmp/x"],
  [["make", "2>&1"], "make 2>&1"],
  [["cd", "/", ";", "ls"], "cd / ; ls"],
  [["ls -l | head"], "ls -l | head"],
  [["sh", "-c", "ls | head"], undefined],
  [["grep", "a|b", "x"], undefined],
  [["find", ".", "-exec", "ls", "{}", "+"], undefined],
  [["/opt/my program"], undefined],
])("%j looks like the line %j for a shell", (words, line) => {
  expect(shellLine(quoteWords(words))).toBe(line);
});
