import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loneSurrogate, quoteWords, splitCommand } from "../../core/command-words.ts";
import { splitCommand as emulatorSplit } from "../../emulator/command-words.ts";
import { anyCharacter } from "../kit/any-character.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

describe("splitCommand", () => {
  // Recorded from the agent's own code.
  const recorded: [string, string[]][] = [
    ["ls | wc -l", ["ls", "|", "wc", "-l"]],
    ["ls;id", ["ls;id"]],
    ["echo $HOME && id > /tmp/x *", ["echo", "$HOME", "&&", "id", ">", "/tmp/x", "*"]],
    ['sh -c "a; b | c"', ["sh", "-c", "a; b | c"]],
    [`sh -c 'a'"b"`, ["sh", "-c", "ab"]],
    ["echo #x", ["echo"]],
    ["echo a#b", ["echo", "a#b"]],
    [`echo "a\\nb"`, ["echo", "anb"]],
    ["echo 'it''s'", ["echo", "its"]],
    ["echo $'x y'", ["echo", "$x y"]],
    ["echo a\u00A0b", ["echo", "a\u00A0b"]],
  ];
  it.each(recorded)("splits %j as the agent does", (command, words) => {
    expect(splitCommand(command)).toEqual({ kind: "words", words });
  });

  const more: [string, string, string[]][] = [
    ["newline, tab and carriage return separate", "a\nb\tc\r\nd  e ", ["a", "b", "c", "d", "e"]],
    ["no other white space does", "a\vb\fc\u2003d\u2028e", ["a\vb\fc\u2003d\u2028e"]],
    ["a comment ends at the newline", "a #b c\nd", ["a", "d"]],
    ["a carriage return does not end a comment", "a #b\rc\nd", ["a", "d"]],
    ["a hash after a closed quote is a letter", "''#a", ["#a"]],
    ["an escaped hash is a letter", "\\#a b", ["#a", "b"]],
    ["empty quotes are a word", `'' "" a`, ["", "", "a"]],
    ["a backslash in single quotes is a letter", "'a\\b'", ["a\\b"]],
    ["a backslash in double quotes keeps a quote", '"a\\"b\\\\c"', ['a"b\\c']],
    ["an escaped newline is a newline, not a joined line", "a\\\nb", ["a\nb"]],
    ["an escaped character may be outside the BMP", "\\😀a", ["😀a"]],
    ["single quotes in double quotes are letters", `"it's"`, ["it's"]],
    ["a leading dash is a letter", "-rf --", ["-rf", "--"]],
    ["substitutions are letters", "echo $(id) `id` ${x}", ["echo", "$(id)", "`id`", "${x}"]],
  ];
  it.each(more)("%s", (_, command, words) => {
    expect(splitCommand(command)).toEqual({ kind: "words", words });
  });

  it.each([
    ["", { why: "empty" }],
    [" \t\r\n", { why: "empty" }],
    ["# only this", { why: "comment_only" }],
    ["  #a\n #b", { why: "comment_only" }],
    ["echo 'a", { why: "open_quote", at: 5 }],
    ['echo "a\\"', { why: "open_quote", at: 5 }],
    ['echo "a\\', { why: "open_quote", at: 5 }],
    ["echo \\", { why: "open_escape", at: 5 }],
    ["a\0b", { why: "nul", at: 1 }],
    ["a\uD800", { why: "lone_surrogate", at: 1 }],
    ["\uDC00a", { why: "lone_surrogate", at: 0 }],
  ])("refuses %j", (command, failure) => {
    expect(splitCommand(command)).toEqual({ kind: "invalid", ...failure });
  });
});

describe("splitCommand, against the emulator's split, which was written apart from it", () => {
  it(`comes to the same words, or to none (seed ${seed})`, () => {
    const unit = fc.constantFrom(..." '\"\\#\n\t\rab;é\u00A0😀".match(/./gsu)!);
    let split = 0;
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (command) => {
        const ours = splitCommand(command);
        const theirs = emulatorSplit(command);
        if (ours.kind === "words") split += 1;
        expect(ours.kind === "words" ? ours.words : []).toEqual(
          theirs.kind === "words" ? theirs.words : [],
        );
      }),
      { seed, numRuns: 2000 },
    );
    expect(split).toBeGreaterThan(200);
  });
});

describe("quoteWords", () => {
  const word = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.string({ unit: fc.constantFrom(..." '\"\\#\n\t\r$a;é\u00A0😀-".match(/./gsu)!) }),
  );
  const words = fc.array(
    word.filter((w) => w.isWellFormed() && !w.includes("\0")),
    { minLength: 1 },
  );

  it(`T55 is undone by the split, whatever the words hold (seed ${seed})`, () => {
    fc.assert(
      fc.property(words, (given) => {
        expect(splitCommand(quoteWords(given))).toEqual({ kind: "words", words: given });
      }),
      { seed, numRuns: 1000 },
    );
  });

  it("leaves plain words as they are", () => {
    expect(quoteWords(["/bin/cat", "-n", "a=b", "x@y:1,2%+_.z"])).toBe(
      "/bin/cat -n a=b x@y:1,2%+_.z",
    );
  });

  it("quotes what a shell or the agent would take for something else", () => {
    expect(quoteWords(["#a", "", "it's", "$x", "a\nb"])).toBe(`'#a' '' 'it'\\''s' '$x' 'a\nb'`);
  });

  it.each([[[]], [["a\0"]], [["\uD800"]]])("T55 has no command for %j", (given: string[]) => {
    expect(() => quoteWords(given)).toThrow(TypeError);
  });
});

describe("loneSurrogate", () => {
  it(`agrees with isWellFormed, and points at half a pair (seed ${seed})`, () => {
    const unit = fc.constantFrom("a", "\uD83D", "\uDE00", "😀");
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const at = loneSurrogate(text);
        const unit = text.charCodeAt(at);
        const half = unit >= 0xd800 && unit <= 0xdfff && text.slice(0, at).isWellFormed();
        expect(at === -1 ? text.isWellFormed() : half).toBe(true);
        expect(at === -1).toBe(text.isWellFormed());
      }),
      { seed },
    );
  });
});
