import { describe, expect, it } from "vitest";
import { splitCommand } from "../../emulator/command-words.ts";

/*
 * The emulator's own split, which shares no code with the gateway's: that the two agree is a property
 * tested with the gateway's.
 */

describe("splitCommand", () => {
  it.each<[string, string[]]>([
    ["ls -la /", ["ls", "-la", "/"]],
    ["  a\tb\r\nc  ", ["a", "b", "c"]],
    ["a\vb\fc\u00A0d\u2003e", ["a\vb\fc\u00A0d\u2003e"]],
    [
      "ls | wc; echo $HOME && id > x *",
      ["ls", "|", "wc;", "echo", "$HOME", "&&", "id", ">", "x", "*"],
    ],
    [`sh -c "a; b | c"`, ["sh", "-c", "a; b | c"]],
    [`'a'"b"c`, ["abc"]],
    [`'it''s' "it's"`, ["its", "it's"]],
    [`'a\\b' "a\\b" a\\b`, ["a\\b", "ab", "ab"]],
    [`"a\\"b\\\\c"`, ['a"b\\c']],
    ["a\\ b", ["a b"]],
    ["a\\\nb", ["a\nb"]],
    ["\\😀", ["😀"]],
    [`'' ""`, ["", ""]],
    ["a #b c", ["a"]],
    ["a #b\nc", ["a", "c"]],
    ["a #b\rc", ["a"]],
    ["a#b ''#c \\#d", ["a#b", "#c", "#d"]],
    ["", []],
    [" \t\r\n", []],
    ["# all of it", []],
  ])("splits %j", (command, words) => {
    expect(splitCommand(command)).toEqual({ kind: "words", words });
  });

  it.each<[string, string]>([
    ["echo 'a", "open-quote"],
    [`echo "a`, "open-quote"],
    [`echo "a\\"`, "open-quote"],
    ["a\\", "open-escape"],
    [`"a\\`, "open-escape"],
    ["'a\\", "open-quote"],
  ])("cannot split %j: %s", (command, kind) => {
    expect(splitCommand(command)).toEqual({ kind });
  });
});
