import { describe, expect, it } from "vitest";
import { commandLine } from "../command-line.ts";
import { request } from "../requests-of-anybody.ts";

const pages = (count: number) =>
  commandLine(({ path }) => {
    const at = Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0);
    const next = at + 1 < count ? { cursor: String(at + 1) } : {};
    return { body: { items: [request({})], asOf: "2026-11-24T12:00:00.000Z", ...next } };
  });

describe("ls", () => {
  it("asks for one's own, of days as they are in UTC", async () => {
    const { run, sent } = pages(1);
    await run("ls", "--mine", "--from", "2026-07-01", "--to", "2026-07-31", "--status", "closed");
    const query = new URLSearchParams(sent[0]?.path.split("?")[1]);
    expect(Object.fromEntries(query)).toEqual({
      requester: "me",
      from: "2026-07-01T00:00:00.000Z",
      to: "2026-07-31T23:59:59.999Z",
      status: "closed",
    });
  });

  it("says that there are more, and reads them all when told to", async () => {
    const some = pages(20);
    const { stderr } = await some.run("ls");
    expect([some.sent.length, stderr]).toEqual([8, expect.stringContaining("--all")]);
    const every = pages(20);
    const { stdout } = await every.run("ls", "--all", "--json");
    expect(every.sent).toHaveLength(20);
    expect((JSON.parse(stdout) as { more: boolean }).more).toBe(false);
  });

  it.each([
    [["--mine", "--requester", "lead"], "different people"],
    [["--from", "July"], "--from is no day"],
    [["--status", "foo"], "it takes pending, approved, closed, refused, denied, lapsed"],
  ])("refuses %j, and asks nothing", async (argv, why) => {
    const { run, sent } = pages(1);
    const { exitCode, stderr } = await run("ls", ...argv);
    expect([exitCode, stderr, sent]).toEqual([2, expect.stringContaining(why), []]);
  });
});
