import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signInCommand } from "../../cli/sign-in.ts";

const config = `
[default]
region = eu-west-1
[profile prod]
sso_session = corp
sso_role_name = Engineer
[profile  old-style ]
sso_start_url=https://corp.example/start
[profile chained]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = prod
[profile "it's odd"]
sso_session = corp
[profile console]
login_session = arn:aws:iam::111122223333:user/x
[profile keys]
aws_access_key_id = AKIAEXAMPLE
[profile round]
source_profile = round
[sso-session corp]
sso_start_url = https://corp.example/start
`;
const expired = "Token is expired. To refresh this SSO session run 'aws sso login' with it.";

describe("a sign-in to AWS that is over", () => {
  let folder: string;
  const command = (profile?: string, why = expired, env: NodeJS.ProcessEnv = {}) =>
    signInCommand({ AWS_CONFIG_FILE: join(folder, "config"), ...env }, profile, why);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-aws-"));
    writeFileSync(join(folder, "config"), config);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["prod", "aws sso login --profile prod"],
    ["old-style", "aws sso login --profile old-style"],
    ["chained", "aws sso login --profile prod"],
    ["it's odd", "aws sso login --profile 'it'\\''s odd'"],
    ["console", "aws login --profile console"],
    ["keys", undefined],
    ["round", undefined],
    ["corp", undefined],
    ["nosuch", undefined],
    [undefined, undefined],
  ])("of the profile %s is mended by: %s", async (profile, expected) => {
    expect(await command(profile)).toBe(expected);
  });

  it("is of AWS_PROFILE where no other is named", async () => {
    expect(await command(undefined, expired, { AWS_PROFILE: "prod" })).toBe(
      "aws sso login --profile prod",
    );
    expect(await command("console", expired, { AWS_PROFILE: "prod" })).toBe(
      "aws login --profile console",
    );
  });

  it("is not what ails somebody whose role is refused, or who has no configuration", async () => {
    expect(await command("prod", "ForbiddenException: No access")).toBeUndefined();
    expect(await command("prod", expired, { AWS_CONFIG_FILE: "/nowhere" })).toBeUndefined();
  });
});
