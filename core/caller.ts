import type { EpochMillis } from "./clock.ts";
import type { Actor } from "./event.ts";
import type { GroupSource } from "./group-source.ts";
import type { Judged } from "./kinds/judged.ts";
import type { Question } from "./policy-engine.ts";

/** Whoever calls, once the directory knows them. Made by `identify` alone, from what was verified. */
export interface Caller {
  kind: "person" | "program";
  id: string;
  name: string;
  groups: string[];
  /** Who says so, where it is not the directory. */
  groupsFrom?: Exclude<GroupSource, "directory">;
  /** As `principalText` has it. */
  principal: string;
}

export function actorOf(caller: Caller): Actor {
  return caller.kind === "person"
    ? { kind: "person", person: caller.id, principal: caller.principal }
    : { kind: "program", program: caller.id, principal: caller.principal };
}

export function principalOfCaller(caller: Caller): Question["principal"] {
  return { kind: caller.kind, id: caller.id, groups: caller.groups };
}

/** What a decision by a caller goes by besides the record and the set. */
export function judgedBy({ groups, groupsFrom }: Caller, at: EpochMillis): Judged {
  return { at, groups, ...(groupsFrom === undefined ? {} : { groupsFrom }) };
}
