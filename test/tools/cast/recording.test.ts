import { describe, expect, it } from "vitest";
import { readRecording } from "../../../tools/cast/recording.ts";

const header = '{"version":2,"width":80,"height":24,"title":"a title"}';

describe("readRecording", () => {
  it("reads the header and keeps the output events alone", () => {
    const file = `${header}\n[0.5,"o","a"]\n[1,"i","typed"]\n[1,"r","90x30"]\n[2,"o","b"]\n\n`;
    expect(readRecording(file)).toEqual({
      columns: 80,
      rows: 24,
      title: "a title",
      outputs: [
        { atSeconds: 0.5, text: "a" },
        { atSeconds: 2, text: "b" },
      ],
    });
  });

  it("lets no event come before the one above it", () => {
    const { outputs } = readRecording(`${header}\n[2,"o","a"]\n[1,"o","b"]\n`);
    expect(outputs.map(({ atSeconds }) => atSeconds)).toEqual([2, 2]);
  });

  it.each([
    ["nothing", "", /^line 1: /],
    ["another version", '{"version":3}', /^line 1: not the header/],
    ["a width of nothing", '{"version":2,"width":0,"height":24}', /^line 1: width/],
    ["a height beyond any screen", '{"version":2,"width":80,"height":501}', /^line 1: height/],
    ["a line that is no JSON", `${header}\n[0,"o","a"]\nnoise`, /^line 3: /],
    ["a line that is no event", `${header}\n{}`, /^line 2: not an event/],
    ["a time that is no number", `${header}\n["0","o","a"]`, /^line 2: not an output event/],
    ["a time before the start", `${header}\n[-1,"o","a"]`, /^line 2: not an output event/],
  ])("refuses %s, naming the line", (_title, file, message) => {
    expect(() => readRecording(file)).toThrow(message);
  });
});
