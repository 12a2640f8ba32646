import { describe, expect, it } from "vitest";
import { type Frame, framesOf, type Timing } from "../../../tools/cast/frames.ts";

const timing: Timing = {
  fromSeconds: 0,
  toSeconds: Number.POSITIVE_INFINITY,
  longestPauseSeconds: 1.5,
  mergeSeconds: 0.08,
};
const play = (outputs: [number, string][], change: Partial<Timing> = {}): Frame[] =>
  framesOf(
    { columns: 8, rows: 2, outputs: outputs.map(([atSeconds, text]) => ({ atSeconds, text })) },
    { ...timing, ...change },
  );
const summary = (frames: Frame[]): [number, string][] =>
  frames.map(({ atSeconds, lines }) => [
    Number(atSeconds.toFixed(3)),
    lines
      .map((line) =>
        line
          .map(({ text }) => text)
          .join("")
          .trimEnd(),
      )
      .join("/"),
  ]);

describe("framesOf", () => {
  it("makes a frame for each output", () => {
    expect(
      summary(
        play([
          [0.5, "a"],
          [1, "b"],
        ]),
      ),
    ).toEqual([
      [0, "/"],
      [0.5, "a/"],
      [1, "ab/"],
    ]);
  });

  it("merges output that follows closely", () => {
    expect(
      summary(
        play([
          [0.5, "a"],
          [0.55, "b"],
          [0.57, "c"],
          [0.7, "d"],
        ]),
      ),
    ).toEqual([
      [0, "/"],
      [0.5, "abc/"],
      [0.7, "abcd/"],
    ]);
  });

  it("cuts a long pause", () => {
    expect(
      summary(
        play([
          [1, "a"],
          [61, "b"],
          [61.5, "c"],
        ]),
      ),
    ).toEqual([
      [0, "/"],
      [1, "a/"],
      [2.5, "ab/"],
      [3, "abc/"],
    ]);
  });

  it("starts with the screen as it was and ends where it is told to", () => {
    const outputs: [number, string][] = [
      [1, "a"],
      [2, "b"],
      [3, "c"],
      [4, "d"],
    ];
    expect(summary(play(outputs, { fromSeconds: 2.5, toSeconds: 3 }))).toEqual([
      [0, "ab/"],
      [0.5, "abc/"],
    ]);
    expect(summary(play(outputs, { fromSeconds: 9 }))).toEqual([[0, "abcd/"]]);
  });

  it("keeps each frame as it was when the screen goes on", () => {
    const frames = play([
      [1, "a\r\nb"],
      [2, "\r\nc"],
      [3, "\x1b[?25l"],
    ]);
    expect(summary(frames).map(([, text]) => text)).toEqual(["/", "a/b", "b/c", "b/c"]);
    expect(frames.map(({ top }) => top)).toEqual([0, 0, 1, 1]);
    expect(frames.map(({ cursor }) => cursor)).toEqual([
      { row: 0, column: 0 },
      { row: 1, column: 1 },
      { row: 1, column: 1 },
      undefined,
    ]);
  });
});
