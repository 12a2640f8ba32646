import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeKeys } from "../../cli/escape-keys.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** What goes through, and whether the session is let go; typed in one piece after another. */
function typed(...pieces: string[]): { sent: string; letGo: boolean } {
  const keys = escapeKeys();
  let sent = "";
  for (const piece of pieces) {
    const { send, letGo } = keys(Buffer.from(piece, "latin1"));
    sent += Buffer.from(send).toString("latin1");
    if (letGo) return { sent, letGo };
  }
  return { sent, letGo: false };
}

describe("the keys that let go", () => {
  it.each([
    [["~."], { sent: "", letGo: true }],
    [["ls\r~", "."], { sent: "ls\r", letGo: true }],
    [["a~."], { sent: "a~.", letGo: false }],
    [["~~."], { sent: "~.", letGo: false }],
    [["~/x\r"], { sent: "~/x\r", letGo: false }],
    [["\r", "~", "x"], { sent: "\r~x", letGo: false }],
  ])("are ~. at the beginning of a line: %j", (pieces, expected) => {
    expect(typed(...pieces)).toEqual(expected);
  });

  it(`mean the same however they are cut into pieces, and take nothing else away (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("~", ".", "\r", "\n", "a", "\u00ff")), (keys) => {
        const whole = typed(keys.join(""));
        expect(typed(...keys)).toEqual(whole);
        const plain = keys.filter((key) => key !== "~").join("");
        expect(typed(plain)).toEqual({ sent: plain, letGo: false });
      }),
      { seed },
    );
  });
});
