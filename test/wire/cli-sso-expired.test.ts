import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli, transcript, transcriptsOf } from "../kit/transcript.ts";

/** Somebody who has signed in to AWS, and whose token has lapsed since. */
describe("an SSO token that has expired", () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "sallyport-sso-"));
    const cache = join(home, ".aws", "sso", "cache");
    mkdirSync(cache, { recursive: true });
    writeFileSync(
      join(home, ".aws", "config"),
      [
        "[profile prod]",
        "sso_session = corp",
        "sso_account_id = 111122223333",
        "sso_role_name = engineer",
        "region = us-east-1",
        "[sso-session corp]",
        "sso_start_url = https://corp.awsapps.com/start",
        "sso_region = us-east-1",
        "[profile legacy]",
        "sso_start_url = https://corp.awsapps.com/start",
        "sso_region = us-east-1",
        "sso_account_id = 111122223333",
        "sso_role_name = engineer",
        "region = us-east-1",
        "",
      ].join("\n"),
    );
    const startUrl = "https://corp.awsapps.com/start";
    // AWS's command line names the file by the session, or by the URL of a profile that has none.
    for (const named of ["corp", startUrl]) {
      writeFileSync(
        join(cache, `${createHash("sha1").update(named).digest("hex")}.json`),
        JSON.stringify({
          startUrl,
          region: "us-east-1",
          accessToken: "an-old-token",
          expiresAt: "2026-01-01T00:00:00Z",
        }),
      );
    }
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each([
    ["prod", "sso-token-expired", "Cannot refresh"],
    ["legacy", "sso-token-expired-legacy", "has expired"],
  ])("of the profile %s is renewed by the command that is told", async (profile, name, why) => {
    const ran = await runCli(["--url", "http://127.0.0.1:9", "--profile", profile, "targets"], {
      PATH: process.env["PATH"],
      HOME: home,
    });
    const said = transcript(`sallyport --profile ${profile} targets`, ran);
    await expect(said).toMatchFileSnapshot(join(transcriptsOf("hints"), `${name}.txt`));
    expect(ran.code).toBe(124);
    expect(said).toContain(why);
    expect(said).toContain(`hint: aws sso login --profile ${profile}`);
    expect(said).not.toContain("an-old-token");
  });
});
