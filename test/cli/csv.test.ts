import { describe, expect, it } from "vitest";
import { csvLine } from "../../cli/csv.ts";

describe("a line of CSV", () => {
  it.each<[(string | number | boolean)[], string]>([
    [["a", 1, true], '"a","1","true"'],
    [['say "no", now'], '"say ""no"", now"'],
    [["=1+1", "+1", "-1", "@x"], `"'=1+1","'+1","'-1","'@x"`],
  ])("%j is %s", (cells, line) => {
    expect(csvLine(cells)).toBe(line);
  });

  it("lets nothing through that a terminal would act on, and is one line", () => {
    expect(csvLine(["a\u001b[2Jb\nc"])).not.toMatch(/[^\P{C}]/u);
  });
});
