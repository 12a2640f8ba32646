import { describe, expect, it } from "vitest";
import { openScreen, type Screen } from "../../../tools/cast/screen.ts";
import { write } from "../../../tools/cast/terminal.ts";

function after(output: string, columns = 6, rows = 3): Screen {
  const screen = openScreen(columns, rows);
  write(screen, output);
  return screen;
}

/** The lines of the screen without the blanks at their ends. */
function shown(screen: Screen): string[] {
  return screen.lines.map((line) =>
    line
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
}

describe("write", () => {
  it.each<[string, string, string[]]>([
    ["a line break", "ab\r\ncd", ["ab", "cd", ""]],
    ["a line feed alone", "ab\ncd", ["ab", "  cd", ""]],
    ["a carriage return", "abc\rX", ["Xbc", "", ""]],
    ["a backspace", "abc\b\bX", ["aXc", "", ""]],
    ["a backspace at the edge", "\b\bX", ["X", "", ""]],
    ["a tab, as far as the edge", "a\tX", ["a    X", "", ""]],
    ["a line that wraps", "abcdefg", ["abcdef", "g", ""]],
    ["a full line that waits to wrap", "abcdef\r\nX", ["abcdef", "X", ""]],
    ["a wide character that does not fit", "abcde日", ["abcde", "日", ""]],
    ["half of a wide character written over", "日\rX", ["X", "", ""]],
    ["a combining mark", "e\u0301x", ["e\u0301x", "", ""]],
    ["a mark without a character", "\u0301x", ["x", "", ""]],
    ["a scroll", "1\r\n2\r\n3\r\n4", ["2", "3", "4"]],
    [
      "cursor up, forward, down, back",
      "\x1b[2;2H\x1b[AX\x1b[2CY\x1b[BZ\x1b[9DW",
      [" X  Y", "W    Z", ""],
    ],
    ["cursor position beyond the edge", "\x1b[99;99HX", ["", "", "     X"]],
    ["column and row", "\x1b[3GX\x1b[2dY", ["  X", "   Y", ""]],
    ["next and previous line", "ab\x1b[EX\x1b[FY", ["Yb", "X", ""]],
    ["erase to the end of the line", "abcdef\x1b[3G\x1b[K", ["ab", "", ""]],
    ["erase from the start of the line", "abcdef\x1b[3G\x1b[1K", ["   def", "", ""]],
    ["erase the line", "abc\x1b[2K", ["", "", ""]],
    ["erase below", "a\r\nb\r\nc\x1b[2;1H\x1b[J", ["a", "", ""]],
    ["erase above", "a\r\nb\r\nc\x1b[2;1H\x1b[1J", ["", "", "c"]],
    ["erase all, with the cursor where it was", "ab\x1b[2JX", ["  X", "", ""]],
    ["erase characters", "abcdef\x1b[2G\x1b[2X", ["a  def", "", ""]],
    ["insert and delete characters", "abc\r\x1b[@X\x1b[2C\x1b[P", ["Xab", "", ""]],
    ["insert and delete lines", "a\r\nb\r\nc\x1b[1;1H\x1b[LX\x1b[2;1H\x1b[M", ["X", "b", ""]],
    ["a region that scrolls alone", "a\r\nb\r\nc\x1b[1;2r\x1b[2;1H\nX", ["b", "X", "c"]],
    ["reverse index at the top", "a\r\nb\x1b[H\x1bMX", ["X", "a", "b"]],
    ["save and restore", "a\x1b7\r\nb\x1b8X", ["aX", "b", ""]],
    ["the alternate screen, then the main one", "a\x1b[?1049hX\x1b[?1049lb", ["ab", "", ""]],
    ["reset", "ab\x1b[31m\x1bcX", ["X", "", ""]],
    ["a sequence nobody knows", "a\x1b[5zb\x1b[>cb", ["abb", "", ""]],
    ["a spinner, drawn again and erased", "\r\x1b[K⠋ on\r\x1b[K⠙ o\r\x1b[Kok", ["ok", "", ""]],
    ["a line editor's question", "x\r\n\x1b[1G\x1b[0Jy?\x1b[4Gy\r\r\n.", ["x", "y? y", "."]],
    ["a session's end", "#\r\n\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1l\x1b>end", ["#", "end", ""]],
  ])("shows %s", (_title, output, lines) => {
    expect(shown(after(output))).toEqual(lines);
  });

  it("hides the cursor and shows it again", () => {
    const screen = after("\x1b[?25l");
    expect(screen.cursorVisible).toBe(false);
    write(screen, "\x1b[?25h");
    expect(screen.cursorVisible).toBe(true);
  });

  it("styles what is written after a rendition, and no more", () => {
    const [line] = after("a\x1b[1;31mb\x1b[0mc").lines;
    expect(line?.slice(0, 3).map(({ style }) => style)).toEqual([
      {},
      { bold: true, foreground: 1 },
      {},
    ]);
  });

  it("erases with the background in force", () => {
    const [line] = after("\x1b[1;44m\x1b[K").lines;
    expect(line?.map(({ style }) => style)).toEqual(Array(6).fill({ background: 4 }));
  });

  it("counts the lines that left, a cleared screen among them, and never counts back", () => {
    expect(after("1\r\n2\r\n3\r\n4\r\n5").top).toBe(2);
    expect(after("1\r\n\x1b[2J").top).toBe(3);
    expect(after("1\x1b[?1049h2\x1b[?1049l").top).toBe(6);
    expect(after("\x1b[1;2r\x1b[2;1H\n\n").top).toBe(0);
  });

  it("survives a count beyond all reason", () => {
    expect(shown(after("ab\x1b[999999999@\x1b[999999999S\x1b[999999999L"))).toEqual(["", "", ""]);
  });
});
