import { describe, expect, it } from "vitest";
import { renderCast } from "../../tools/render-cast.ts";

const cast = (events: [number, string][]): string =>
  [
    JSON.stringify({ version: 2, width: 80, height: 24, title: "from the header" }),
    ...events.map(([at, text]) => JSON.stringify([at, "o", text])),
  ].join("\n");

describe("renderCast", () => {
  it("takes the title from the recording unless one is given", () => {
    expect(renderCast(cast([[0, "a"]])).svg).toContain('<title id="title">from the header</title>');
    expect(renderCast(cast([[0, "a"]]), { title: "mine" }).svg).toContain(">mine</title>");
  });

  it("draws the last frame alone when it is to be still", () => {
    const { svg, frames } = renderCast(
      cast([
        [0, "a"],
        [1, "b"],
        [2, "c"],
      ]),
      { still: true, toSeconds: 1 },
    );
    expect(frames).toHaveLength(1);
    expect(svg).toContain(">ab</text>");
    expect(svg).not.toContain("@keyframes");
  });

  it("merges more frames rather than grow beyond what a README bears", () => {
    const busy = Array.from({ length: 900 }, (_, index): [number, string] => [
      index * 0.081,
      `\x1b[${(index % 24) + 1};1H${String(index).repeat(60).slice(0, 60)}`,
    ]);
    const { bytes, frames } = renderCast(cast(busy));
    expect(frames.length).toBeLessThan(900);
    expect(frames.length).toBeGreaterThan(100);
    expect(bytes).toBeLessThanOrEqual(250_000);
  });

  it("says which line of a broken recording it could not read", () => {
    expect(() => renderCast(`${cast([[0, "a"]])}\nnoise`)).toThrow(/^line 3: /);
  });
});
