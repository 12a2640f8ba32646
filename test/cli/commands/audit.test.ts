import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../adapters/system-clock.ts";
import { sha256Hex } from "../../../core/digest.ts";
import { emptyTail, nextEvent } from "../../../core/event.ts";
import { commandLine } from "../command-line.ts";

const lines = readFileSync(new URL("../export.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const id = "1tz5k7texx4pdk9kp3vg8atqnw";

async function verify(text: string | Uint8Array, ...options: string[]) {
  const { run, folder } = commandLine(() => ({ body: {} }));
  writeFileSync(join(folder, "x.jsonl"), text);
  return await run("audit", "verify", "x.jsonl", ...options);
}

describe("verifying an export", () => {
  it("counts what verifies, in whatever order it stands", async () => {
    const { exitCode, stdout, stderr } = await verify(`${lines.toReversed().join("\n")}\n`);
    expect(stdout).toBe(
      "1 chain, 3 events: all verify, but for the last event of each chain, which nothing in the file vouches for\n",
    );
    expect(stderr).toMatch(/^sallyport: not seen by this: a change to the last event/);
    expect(exitCode).toBe(0);
  });

  it("finds every flipped byte of a leaf or a disclosed value, and names its request or its line", async () => {
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const second = Buffer.byteLength(`${lines[0]}\n`);
    const from = second + (lines[1] ?? "").indexOf('"leaf"') + 8;
    for (let i = 0; i < 40; i++) {
      const flipped = Buffer.from(bytes);
      const at = from + i * 7;
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const { exitCode, stdout } = await verify(flipped);
      expect(exitCode, `byte ${at}`).toBe(1);
      expect(stdout).toContain(id);
    }
  });

  it("finds a missing and a repeated event", async () => {
    const missing = await verify(`${lines[0]}\n${lines[2]}\n`);
    expect(missing.stdout).toContain(`request ${id}, event 3: event 2 is missing`);
    const twice = await verify([...lines, lines[1], ""].join("\n"));
    expect(twice.stdout).toContain(`request ${id}, event 2: the number stands twice`);
    expect([missing.exitCode, twice.exitCode]).toEqual([1, 1]);
  });

  it("finds a text of rules that an event names and that was left out of the file", async () => {
    const texts = ["permit", "schema", "{}"].map((text) => ({ hash: sha256Hex(text), text }));
    const [policies = "", schema = "", directory = ""] = texts.map(({ hash }) => hash);
    const event = nextEvent(
      emptyTail("CONF"),
      {
        kind: "policy.activated",
        data: {
          texts: { policies, schema, directory, engine: "0" },
          tableArn: "",
          request: null,
          rules: [],
        },
        values: { reason: "the first" },
      },
      {
        actor: { kind: "bootstrap", person: "operator", principal: "" },
        configuration: { seq: 0, hash: "" },
        now: 0,
        random: systemRandom,
      },
    );
    const file = (...without: string[]) =>
      [event, ...texts.filter(({ hash }) => !without.includes(hash))]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join("");
    const whole = await verify(file());
    expect([whole.exitCode, whole.stdout]).toEqual([0, expect.stringContaining("all verify")]);
    const { exitCode, stdout, stderr } = await verify(file(policies));
    expect(stdout).toBe(`text ${policies}: an event names it, and the file does not hold it\n`);
    expect(stderr).toContain("and 1 text left out");
    expect(exitCode).toBe(1);
    const json = await verify(file(policies), "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, missingTexts: [policies] });
  });

  it("names a line that cannot be read by its number, and goes on", async () => {
    const { exitCode, stdout } = await verify(
      [lines[0], "not JSON", ...lines.slice(1), "{}"].join("\n"),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^line 2: /m);
    expect(stdout).toMatch(/^line 5: /m);
    expect(stdout).not.toContain("request");
  });

  it("says what to do with a file that does not verify: it may be evidence", async () => {
    const { stderr } = await verify(`${lines[0]}\n${lines[2]}\n`);
    expect(stderr).toMatch(/^sallyport: error: not verified: 1 of 1 chain, 0 lines/);
    for (const words of ["keep the file", "an earlier export", "whoever operates the gateway"]) {
      expect(stderr).toContain(words);
    }
  });

  it.each([
    ["", "it is empty"],
    ["no\n".repeat(200), "none of its 200 lines is a stored event"],
    [Uint8Array.from({ length: 4_096 }, (_, i) => i % 256), "is a stored event"],
  ])(
    "says of a file that is none that it is no export, in five lines at most",
    async (text, why) => {
      const { exitCode, stdout, stderr } = await verify(text);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("x.jsonl: this is no export");
      expect(stderr).toContain(why);
      expect(`${stdout}${stderr}`.trimEnd().split("\n").length).toBeLessThanOrEqual(5);
    },
  );

  it("says with --json what does not verify", async () => {
    const { stdout, exitCode } = await verify(`${lines[1]}\n`, "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [{ chain: `REQ#${id}` }] });
  });
});

describe("exporting", () => {
  const stored = lines.map((line) => JSON.parse(line) as unknown);
  /** Two pages of the first day, backwards and overlapping, and one empty day. */
  const gateway = () =>
    commandLine(({ path }) => {
      if (path.includes("2026-11-25")) return { body: { items: [], asOf: "" } };
      return path.includes("cursor")
        ? { body: { items: [stored[0], stored[1]], asOf: "" } }
        : { body: { items: [stored[2], stored[1]], cursor: "c/1", asOf: "" } };
    });
  const days = ["--from", "2026-11-24", "--to", "2026-11-25"];

  it("reads every page of every day and writes each event once, in order, for its owner alone", async () => {
    const { run, sent, folder } = gateway();
    expect((await run("audit", "export", ...days, "--out", "x.jsonl")).exitCode).toBe(0);
    expect(sent.map(({ path }) => path)).toEqual([
      "/v1/events?day=2026-11-24",
      "/v1/events?cursor=c%2F1&day=2026-11-24",
      "/v1/events?day=2026-11-25",
    ]);
    const path = join(folder, "x.jsonl");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(stored);
    expect((await run("audit", "verify", "x.jsonl")).exitCode).toBe(0);
  });

  it("prints the same to standard output, and nothing else there", async () => {
    const { stdout } = await gateway().run("audit", "export", ...days);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(stored);
  });

  it("adds what its chains had before and after those days, so that it verifies by itself", async () => {
    const conf = (seq: number) => ({ ...(stored[0] as object), chain: "CONF", seq });
    const { run, sent, folder } = commandLine(({ path }) => {
      const items = path.includes("/v1/requests/")
        ? stored
        : path.includes("2026-11-24")
          ? [stored[1], conf(2)]
          : path.includes("2026-11-20")
            ? [conf(1), { ...(stored[0] as object), chain: "REQ#another" }]
            : [];
      return { body: { items, asOf: "" } };
    });
    const { exitCode, stderr } = await run("audit", "export", ...days, "--out", "x.jsonl");
    expect([exitCode, stderr]).toEqual([
      0,
      "sallyport: exporting 2 days, 2026-11-24 to 2026-11-25\nsallyport: 5 events of 2 chains\n",
    ]);
    expect(sent.map(({ path }) => path)).toContain(`/v1/requests/${id}/events`);
    expect(sent.at(-1)?.path).toBe("/v1/events?day=2026-11-20");
    const written = readFileSync(join(folder, "x.jsonl"), "utf8").trimEnd().split("\n");
    expect(written.map((line) => JSON.parse(line))).toEqual([conf(1), conf(2), ...stored]);
  });

  it("reads the days again where something was written meanwhile, and names what stays broken", async () => {
    let asked = 0;
    const conf = (seq: number) => ({ ...(stored[0] as object), chain: "CONF", seq });
    const late = commandLine(({ path }) => {
      if (!path.includes("2026-11-24")) return { body: { items: [], asOf: "" } };
      return { body: { items: asked++ === 0 ? [conf(1), conf(3)] : [conf(2)], asOf: "" } };
    });
    expect((await late.run("audit", "export", ...days)).stderr).toContain(
      "sallyport: 3 events of 1 chain\n",
    );
    const broken = commandLine(({ path }) => ({
      body: { items: path.includes("/v1/requests/") ? [] : [stored[2]], asOf: "" },
    }));
    const { stderr } = await broken.run("audit", "export", ...days);
    expect(stderr).toContain(`not whole, and will not verify: 1 chain: REQ#${id}`);
  });

  it("overwrites nothing, says what to do, and does not read the record for it", async () => {
    const { run, folder, sent } = gateway();
    writeFileSync(join(folder, "x.jsonl"), "mine");
    const { exitCode, stderr } = await run("audit", "export", ...days, "--out", "x.jsonl");
    expect([exitCode, sent]).toEqual([1, []]);
    expect(stderr).toContain("hint: name another file with --out");
    expect(readFileSync(join(folder, "x.jsonl"), "utf8")).toBe("mine");
  });

  it("leaves no file where nothing was recorded", async () => {
    const { run, folder } = commandLine(() => ({ body: { items: [], asOf: "" } }));
    const { exitCode, stderr } = await run("audit", "export", ...days, "--out", "x.jsonl");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("no file is written")]);
    expect(existsSync(join(folder, "x.jsonl"))).toBe(false);
  });

  it("says on a terminal how many of its days are read", async () => {
    const { run } = commandLine(() => ({ body: { items: [], asOf: "" } }), { typed: "" });
    const { stderr } = await run("audit", "export", ...days);
    expect(stderr).toContain("exporting 2026-11-25, day 2 of 2: 0 events so far");
  });

  it("leaves no file where the gateway refuses", async () => {
    const { run, folder } = commandLine(() => ({ status: 403, body: { message: "Forbidden" } }));
    expect((await run("audit", "export", ...days, "--out", "x.jsonl")).exitCode).toBe(124);
    expect(existsSync(join(folder, "x.jsonl"))).toBe(false);
  });
});
