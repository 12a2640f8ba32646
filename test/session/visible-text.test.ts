import { expect, test } from "vitest";
import { visibleText } from "../../session/visible-text.ts";

test("what a terminal would act on, or not show, is written out", () => {
  expect(visibleText("\u001b[2Jgone\u0007", "")).toBe("\\u{1b}[2Jgone\\u{7}");
  expect(visibleText("a\u0000b\u007fc\u009bd", "")).toBe("a\\u{0}b\\u{7f}c\\u{9b}d");
  expect(visibleText("\u202egnp.exe\u2066 \u200b\ufeff", "")).toBe(
    "\\u{202e}gnp.exe\\u{2066} \\u{200b}\\u{feff}",
  );
  expect(visibleText("\u{e0041}\u3164\ud800", "")).toBe("\\u{e0041}\\u{3164}\\u{d800}");
});

test("a text is one line, whatever line breaks it had", () => {
  expect(visibleText("\n one\r\n\ttwo \n\n", "")).toBe("one two");
  expect(visibleText("one\u2028two", "")).toBe("one\\u{2028}two");
});

test("ordinary text of any script stays as it is", () => {
  expect(visibleText("naïve — 日本語 🙂 «ok» 100 %", "")).toBe("naïve — 日本語 🙂 «ok» 100 %");
});

test("the secret is taken out, wherever and however often it stands", () => {
  const shown = visibleText("bad token s3cr$et, s3cr$ets3cr$et", "s3cr$et");
  expect(shown).toBe("bad token [token], [token][token]");
});

test("a long text is cut", () => {
  const shown = visibleText("x".repeat(1_000_000), "");
  expect(shown).toBe(`${"x".repeat(2_000)}…`);
});
