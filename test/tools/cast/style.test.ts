import { describe, expect, it } from "vitest";
import { plain, type Style, withRendition } from "../../../tools/cast/style.ts";

describe("withRendition", () => {
  it.each<[string, Style]>([
    ["1", { bold: true }],
    [
      "1;2;3;4;7;9",
      { bold: true, dim: true, italic: true, underline: true, reverse: true, struck: true },
    ],
    ["31;42", { foreground: 1, background: 2 }],
    ["97;100", { foreground: 15, background: 8 }],
    ["38;5;9", { foreground: 9 }],
    ["38;5;16", { foreground: "#000000" }],
    ["38;5;208", { foreground: "#ff8700" }],
    ["48;5;255", { background: "#eeeeee" }],
    ["38;2;1;2;255", { foreground: "#0102ff" }],
    ["38:2:1:2:255", { foreground: "#0102ff" }],
    ["38:2::1:2:255", { foreground: "#0102ff" }],
    ["38;2;999;0;0", { foreground: "#ff0000" }],
    ["38;5;208;1", { foreground: "#ff8700", bold: true }],
    ["48;2;0;0;0;4", { background: "#000000", underline: true }],
    ["38;5;256", {}],
    ["5;53", {}],
    ["4:0", {}],
  ])("reads %s", (parameters, style) => {
    expect(withRendition(plain, parameters)).toEqual(style);
  });

  it.each(["", "0"])("sets everything back on %j", (parameters) => {
    expect(withRendition({ bold: true, foreground: 1, reverse: true }, parameters)).toEqual({});
  });

  it("takes back what it gave, each by its own code", () => {
    const all = withRendition(plain, "1;2;3;4;7;8;9;31;41");
    expect(withRendition(all, "22;23;24;27;28;29;39;49")).toEqual({});
    expect(withRendition(all, "39")).toEqual({ ...all, foreground: undefined });
  });

  it("leaves the style it was given as it was", () => {
    const before: Style = { bold: true };
    withRendition(before, "0;31");
    expect(before).toEqual({ bold: true });
  });
});
