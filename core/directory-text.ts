import type { Json, JsonObject } from "./canonical-json.ts";
import type { Directory, Person, PrincipalRef, Program } from "./directory.ts";
import type { GroupSource } from "./group-source.ts";
import type { Defect } from "./policy-engine.ts";
import { tokenKey } from "./principal.ts";
import { parseStrictJson } from "./strict-json.ts";

export type ParsedDirectory =
  | { kind: "directory"; directory: Directory }
  | { kind: "defects"; defects: Defect[] };

const ID = /^[A-Za-z0-9_.@-]{2,48}$/;
const GROUP = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/;
const ACCOUNT = /^[0-9]{12}$/;
const USER_ID = /^AIDA[A-Z0-9]{12,28}$/;
const ROLE_ID = /^AROA[A-Z0-9]{12,28}$/;
const SESSION = /^[\w+=,.@-]{2,64}$/;
/** As a token says it: a URL without query or fragment; in clear on this machine alone. */
const ISSUER =
  /^(?:https:\/\/[a-z0-9.-]{1,253}|http:\/\/127\.0\.0\.1)(?::[0-9]{1,5})?(?:\/[\w.~/-]{0,255})?$/;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
const DISPLAY_NAME = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,128}$/u;
const MOST_DEFECTS = 50;

/** Told of each thing that is wrong, by its JSON pointer. */
type Report = (pointer: string, detail: string) => void;

/**
 * Reads a directory, and takes nothing on trust: every member must be known, every name well-formed,
 * every group and owner there, every id one person's or one program's, every principal in one place.
 * Ids and groups that differ only in case are refused, for they would be taken for each other.
 *
 * A person is a user, the subject of an issuer's tokens, or a session of a role, which counts only where the
 * deployment trusts the role to set session names. A bare role may only be a program: many can assume it.
 *
 * In place of a list, `groups` may name who else says it: `"identity-center"` of a person who has a session of a
 * role, or `"token"` of whoever has subjects of one issuer. Then that source says it and no other, wherever they come
 * from.
 */
export function parseDirectory(text: string): ParsedDirectory {
  const defects: Defect[] = [];
  const report: Report = (pointer, detail) => {
    if (defects.length >= MOST_DEFECTS) return;
    defects.push({ where: "directory", detail: pointer === "" ? detail : `${pointer}: ${detail}` });
  };
  const json = parseStrictJson(text);
  if (json.kind === "invalid") {
    for (const { pointer, detail } of json.issues) report(pointer, detail);
    return { kind: "defects", defects };
  }
  const directory = readDirectory(json.value, report);
  return defects.length > 0 ? { kind: "defects", defects } : { kind: "directory", directory };
}

function readDirectory(json: Json, report: Report): Directory {
  const root = members(json, "", ["version", "groups", "persons", "programs"], report);
  if (root["version"] !== 1) report("/version", "the version is 1");
  const groups = names(root["groups"], "/groups", report);
  for (const [i, group] of groups.entries()) {
    if (!GROUP.test(group)) report(`/groups/${i}`, "no name of a group");
    else if (isReserved(group)) report(`/groups/${i}`, "this name means something else");
  }
  const groupSet = new Set(groups);
  const persons = items(root["persons"], "/persons", report).map((item, i): Person => {
    const at = `/persons/${i}`;
    const known = readKnown(item, at, ["id", "name", "groups", "principals"], groupSet, report);
    const { id, name, principals, source } = known;
    if (source === "identity-center" && !principals.some((ref) => "roleId" in ref)) {
      report(`${at}/groups`, "Identity Center knows them by a session of a role, and none is here");
    }
    for (const [p, principal] of principals.entries()) {
      if (!("uniqueId" in principal) || USER_ID.test(principal.uniqueId)) continue;
      const detail = "a role is no person, for many can assume it; name its session";
      if (ROLE_ID.test(principal.uniqueId)) report(`${at}/principals/${p}`, detail);
    }
    const elsewhere = source === undefined ? {} : { groupsFrom: source };
    return { kind: "person", id, name, groups: known.groups, ...elsewhere, principals };
  });
  if (persons.length === 0) report("/persons", "nobody is in it");

  const personIds = new Set(persons.map((person) => person.id));
  const programs = items(root["programs"], "/programs", report).map((item, i): Program => {
    const at = `/programs/${i}`;
    const allowed = ["id", "name", "groups", "owners", "principals"];
    const known = readKnown(item, at, allowed, groupSet, report);
    const owners = names(known.json["owners"], `${at}/owners`, report);
    if (owners.length === 0) report(`${at}/owners`, "a program has at least one owner");
    for (const [o, owner] of owners.entries()) {
      if (!personIds.has(owner)) report(`${at}/owners/${o}`, "no person of this directory");
    }
    const { id, name, principals, source } = known;
    if (source === "identity-center") {
      report(`${at}/groups`, "Identity Center knows no programs; list them, or name the token");
    }
    const elsewhere = source === "token" ? { groupsFrom: source } : {};
    return { kind: "program", id, name, groups: known.groups, ...elsewhere, owners, principals };
  });
  reportRepeats(persons, programs, groups, report);
  return { version: 1, groups, persons, programs };
}

/** What persons and programs have in common. */
function readKnown(
  json: Json,
  at: string,
  allowed: string[],
  groups: ReadonlySet<string>,
  report: Report,
): {
  json: JsonObject;
  id: string;
  name: string;
  groups: string[];
  source: Exclude<GroupSource, "directory"> | undefined;
  principals: PrincipalRef[];
} {
  const object = members(json, at, allowed, report);
  const id = typeof object["id"] === "string" ? object["id"] : "";
  if (!ID.test(id)) report(`${at}/id`, "an id is 2 to 48 of A-Z, a-z, 0-9 and _ . @ -");
  else if (isReserved(id)) report(`${at}/id`, "this id means something else");
  const name = typeof object["name"] === "string" ? object["name"] : "";
  if (!DISPLAY_NAME.test(name) || name.trim() !== name) {
    report(`${at}/name`, "a name is 1 to 128 visible characters");
  }
  const source = readSource(object["groups"], `${at}/groups`, report);
  const theirs =
    typeof object["groups"] === "string" ? [] : names(object["groups"], `${at}/groups`, report);
  for (const [i, group] of theirs.entries()) {
    if (!groups.has(group)) report(`${at}/groups/${i}`, "no group of this directory");
  }
  const principals = items(object["principals"], `${at}/principals`, report).map((item, i) =>
    readPrincipal(item, `${at}/principals/${i}`, report),
  );
  const issuers = new Set(principals.flatMap((ref) => ("issuer" in ref ? [ref.issuer] : [])));
  if (source === "token" && issuers.size !== 1) {
    const detail =
      issuers.size === 0
        ? "a token is to say it, and no issuer and subject are here"
        : "a token is to say it, and more than one issuer is here: each would say another";
    report(`${at}/groups`, detail);
  }
  return { json: object, id, name, groups: theirs, source, principals };
}

function readSource(
  groups: Json | undefined,
  at: string,
  report: Report,
): Exclude<GroupSource, "directory"> | undefined {
  if (typeof groups !== "string") return undefined;
  if (groups === "identity-center" || groups === "token") return groups;
  report(at, 'a list, or one of "identity-center" and "token", is wanted here');
  return undefined;
}

function readPrincipal(json: Json, at: string, report: Report): PrincipalRef {
  const allowed = ["account", "uniqueId", "roleId", "session", "issuer", "subject"];
  const object = members(json, at, allowed, report, "any");
  const text = (name: string, pattern: RegExp, what: string): string => {
    const value = object[name];
    if (typeof value === "string" && pattern.test(value)) return value;
    report(`${at}/${name}`, what);
    return "";
  };
  const has = Object.keys(object).toSorted().join(" ");
  if (has === "account uniqueId") {
    const account = text("account", ACCOUNT, "an account id is 12 digits");
    const id = /^A(?:IDA|ROA)[A-Z0-9]{12,28}$/;
    return { account, uniqueId: text("uniqueId", id, "the id of a user or role: AIDA… or AROA…") };
  }
  if (has === "account roleId session") {
    const account = text("account", ACCOUNT, "an account id is 12 digits");
    const roleId = text("roleId", ROLE_ID, "the id of a role: AROA…");
    return { account, roleId, session: text("session", SESSION, "no session name that STS takes") };
  }
  if (has === "issuer subject") {
    const issuer = text("issuer", ISSUER, "an issuer is a URL such as https://login.example.com");
    return { issuer, subject: text("subject", SUBJECT, "a subject is 1 to 255 visible letters") };
  }
  report(
    at,
    "a principal is account and uniqueId, or account, roleId and session, or issuer and subject",
  );
  return { account: "", uniqueId: "" };
}

function keyOf(ref: PrincipalRef): string {
  if ("issuer" in ref) return tokenKey(ref.issuer, ref.subject);
  const { account } = ref;
  return "uniqueId" in ref
    ? `${account}:${ref.uniqueId}`
    : `${account}:${ref.roleId}:${ref.session}`;
}

function reportRepeats(
  persons: Person[],
  programs: Program[],
  groups: string[],
  report: Report,
): void {
  const once = (seen: Map<string, string>, key: string, pointer: string, what: string): void => {
    const before = seen.get(key);
    if (before === undefined) seen.set(key, pointer);
    else report(pointer, `${what} stands at ${before} already`);
  };
  const groupNames = new Map<string, string>();
  for (const [i, group] of groups.entries()) {
    once(groupNames, group.toLowerCase(), `/groups/${i}`, "this group");
  }
  // By two of the roles they may take on, one user would be two persons, and approve their own request.
  const users = new Map<string, string>();
  for (const [i, { groupsFrom, principals }] of persons.entries()) {
    if (groupsFrom !== "identity-center") continue;
    const sessions = principals.flatMap((ref) =>
      "roleId" in ref ? [ref.session.toLowerCase()] : [],
    );
    for (const user of new Set(sessions)) once(users, user, `/persons/${i}`, "this user");
  }
  const ids = new Map<string, string>();
  const refs = new Map<string, string>();
  const all = [
    ...persons.map((known, i) => ({ known, at: `/persons/${i}` })),
    ...programs.map((known, i) => ({ known, at: `/programs/${i}` })),
  ];
  for (const { known, at } of all) {
    once(ids, known.id.toLowerCase(), `${at}/id`, "this id");
    for (const [i, ref] of known.principals.entries()) {
      once(refs, keyOf(ref), `${at}/principals/${i}`, "this principal");
    }
  }
  for (const { known, at } of all) {
    for (const [i, ref] of known.principals.entries()) {
      const bare = "roleId" in ref ? refs.get(`${ref.account}:${ref.roleId}`) : undefined;
      if (bare === undefined) continue;
      report(`${at}/principals/${i}`, `the role itself is somebody else, at ${bare}`);
    }
  }
}

/** `none` is no group in `@approvals`; the others every JavaScript object answers to. */
function isReserved(name: string): boolean {
  return name === "none" || name in Object.prototype;
}

function members(
  json: Json | undefined,
  at: string,
  allowed: string[],
  report: Report,
  present: "all" | "any" = "all",
): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    report(at, "an object is wanted here");
    return {};
  }
  for (const name of Object.keys(json)) {
    if (!allowed.includes(name)) report(at, `${JSON.stringify(name)} is no member of this`);
  }
  for (const name of present === "all" ? allowed : []) {
    if (!Object.hasOwn(json, name)) report(at, `${name} is missing`);
  }
  return json;
}

function items(json: Json | undefined, at: string, report: Report): Json[] {
  if (Array.isArray(json)) return json;
  if (json !== undefined) report(at, "a list is wanted here");
  return [];
}

function names(json: Json | undefined, at: string, report: Report): string[] {
  const list = items(json, at, report).map((item, i) => {
    if (typeof item === "string") return item;
    report(`${at}/${i}`, "a text is wanted here");
    return "";
  });
  const seen = new Set<string>();
  for (const [i, name] of list.entries()) {
    if (name !== "" && seen.has(name)) report(`${at}/${i}`, "it stands here twice");
    seen.add(name);
  }
  return list;
}
