import type { Actor } from "./event.ts";
import type { Question } from "./policy-engine.ts";

/** Whoever calls, once the directory knows them. Made by `identify` alone, from what was verified. */
export interface Caller {
  kind: "person" | "program";
  id: string;
  name: string;
  groups: string[];
  /** `<account>:<unique id>[:<session>]` */
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
