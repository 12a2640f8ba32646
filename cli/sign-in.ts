import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { forShell } from "./typed-again.ts";

type Section = Map<string, string>;

/** Profiles that lend each other credentials are followed no further than this. */
const MOST_PROFILES = 8;

/** How AWS's providers speak of a sign-in that is over, or never was. */
const NOT_SIGNED_IN =
  /aws (?:sso )?login|token (?:is|has) expired|session (?:is|has) expired|not found or invalid|failed to load token|reauthenticate/i;

/**
 * The command that signs a person in to AWS again, where a sign-in is what their profile takes and what the
 * providers missed: of the profile itself, or of the one it borrows credentials from, for `aws sso login`
 * does not look there. Undefined where nothing of the kind is configured. Reads AWS's configuration file.
 */
export async function signInCommand(
  env: NodeJS.ProcessEnv,
  named: string | undefined,
  why: string,
): Promise<string | undefined> {
  if (!NOT_SIGNED_IN.test(why)) return undefined;
  const path = env["AWS_CONFIG_FILE"] ?? join(env["HOME"] ?? homedir(), ".aws", "config");
  const sections = sectionsOf(await readFile(path, "utf8").catch(() => ""));
  let profile = named ?? env["AWS_PROFILE"] ?? "default";
  for (let i = 0; i < MOST_PROFILES; i++) {
    const section = sections.get(profile);
    if (section?.has("sso_session") === true || section?.has("sso_start_url") === true) {
      return `aws sso login --profile ${forShell(profile)}`;
    }
    if (section?.has("login_session") === true) return `aws login --profile ${forShell(profile)}`;
    const source = section?.get("source_profile");
    if (source === undefined) return undefined;
    profile = source;
  }
  return undefined;
}

/** The profiles of a configuration file, by name. Nested settings are none that we look for. */
function sectionsOf(text: string): Map<string, Section> {
  const sections = new Map<string, Section>();
  let current: Section | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(?:profile\s+)?["']?(.*?)["']?\s*\]/.exec(line)?.[1];
    if (heading !== undefined) {
      current = /^sso-session\s|^services\s/.test(heading) ? undefined : new Map();
      if (current !== undefined) sections.set(heading, current);
      continue;
    }
    const [, name, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) current?.set(name, value);
  }
  return sections;
}
