import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiClient } from "../../cli/api-client.ts";
import { collectTexts } from "../../cli/collect-texts.ts";
import { sha256Hex } from "../../core/digest.ts";
import { commandLine } from "./command-line.ts";

const api = (answer: (hash: string) => { status: number; body: unknown }) =>
  apiClient({
    url: new URL("http://127.0.0.1:9"),
    region: "us-east-1",
    credentials: async () => ({ accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" }),
    fetch: async (url) => {
      const { status, body } = answer(new URL(url).searchParams.get("hash") ?? "");
      const type = status === 200 ? "application/json" : "application/problem+json";
      return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
    },
  });
const problem = {
  type: "urn:sallyport:problem:not_on_record",
  title: "The record holds no such thing",
  status: 404,
  detail: "no such text is on record",
  code: "not_on_record",
  retryable: false,
};

describe("texts of an export", () => {
  const [one, two] = ["permit", "forbid"].map(sha256Hex) as [string, string];

  it("are those of their hashes, and what the record has not is named", async () => {
    const found = await collectTexts(
      api((hash) =>
        hash === one
          ? { status: 200, body: { hash, text: "permit" } }
          : { status: 404, body: problem },
      ),
      [one, two],
    );
    expect(found).toEqual({ texts: [{ hash: one, text: "permit" }], missing: [two] });
  });

  it("are not taken where the gateway answers another", async () => {
    const lying = api((hash) => ({ status: 200, body: { hash, text: "another" } }));
    await expect(collectTexts(lying, [one])).rejects.toThrow(`the gateway's text is not ${one}`);
  });
});

describe("an export's text", () => {
  it("that is not its hash's is a line that cannot be read", async () => {
    const { run, folder } = commandLine(() => ({ body: {} }));
    writeFileSync(
      join(folder, "x.jsonl"),
      `${JSON.stringify({ hash: sha256Hex("a"), text: "b" })}\n`,
    );
    const { exitCode, stdout } = await run("audit", "verify", "x.jsonl");
    expect(stdout).toMatch(/^line 1: the text is not [0-9a-f]{64}\n/);
    expect(exitCode).toBe(1);
  });
});
