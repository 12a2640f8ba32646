import type { Command } from "commander";
import type { Start } from "./start.ts";

/** Adds what follows a command's name to it, and what it does. */
type Define = (command: Command, start: Start) => void;

/** A command as the list of all of them shows it. Its module is loaded when it is named. */
interface ListedCommand {
  name: string;
  /** As they are shown in the list; the module says them for itself. */
  words: string;
  description: string;
  load(): Promise<Define>;
}

/** In the order of a day's work. */
export const commandList: readonly ListedCommand[] = [
  {
    name: "exec",
    words: "[target]",
    description: "run a command in a container: ask, wait for approval, and connect",
    load: async () => (await import("./commands/exec.ts")).exec,
  },
  {
    name: "attach",
    words: "<id>",
    description: "open a request of yours that is approved, or wait until it is",
    load: async () => (await import("./commands/attach.ts")).attach,
  },
  {
    name: "request",
    words: "[target]",
    description: "ask to run a command in a container, and do not wait",
    load: async () => (await import("./commands/request.ts")).request,
  },
  {
    name: "extend",
    words: "<id>",
    description: "ask for more time under a grant of yours, while it lasts",
    load: async () => (await import("./commands/extend.ts")).extend,
  },
  {
    name: "ls",
    words: "",
    description: "list the requests you may see, newest first",
    load: async () => (await import("./commands/ls.ts")).ls,
  },
  {
    name: "show",
    words: "<id>",
    description: "one request: its card, its decisions, its sessions",
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "sessions",
    words: "",
    description: "list the sessions you may see, those of the newest requests first",
    load: async () => (await import("./commands/sessions.ts")).sessions,
  },
  {
    name: "terminate",
    words: "<id>",
    description: "end a session, your own or one that the rules let you end",
    load: async () => (await import("./commands/terminate.ts")).terminate,
  },
  {
    name: "approve",
    words: "<id>",
    description: "read a card and agree to what it says",
    load: async () => (await import("./commands/decide.ts")).approve,
  },
  {
    name: "deny",
    words: "<id>",
    description: "refuse a request",
    load: async () => (await import("./commands/decide.ts")).deny,
  },
  {
    name: "cancel",
    words: "<id>",
    description: "withdraw your own request",
    load: async () => (await import("./commands/withdraw.ts")).cancel,
  },
  {
    name: "revoke",
    words: "<id>",
    description: "take a request or its grant back: no session opens after this",
    load: async () => (await import("./commands/withdraw.ts")).revoke,
  },
  {
    name: "break-glass",
    words: "[target]",
    description: "in an emergency: run a command now, ask nobody, and owe a review",
    load: async () => (await import("./commands/break-glass.ts")).breakGlass,
  },
  {
    name: "reviews",
    words: "",
    description: "list broken glass and uses of the last resort that nobody has reviewed",
    load: async () => (await import("./commands/reviews.ts")).reviews,
  },
  {
    name: "review",
    words: "[id]",
    description: "say whether broken glass, or a use of the last resort, was justified",
    load: async () => (await import("./commands/reviews.ts")).review,
  },
  {
    name: "lock",
    words: "<kind> <name>",
    description: "stop a person, group, task, service or cluster at once",
    load: async () => (await import("./commands/lock.ts")).lock,
  },
  {
    name: "unlock",
    words: "<id>",
    description: "end a lock; it takes two persons",
    load: async () => (await import("./commands/lock.ts")).unlock,
  },
  {
    name: "locks",
    words: "",
    description: "what is locked, by whom and why",
    load: async () => (await import("./commands/lock.ts")).locks,
  },
  {
    name: "targets",
    words: "",
    description: "running tasks you may ask for, and whether ECS Exec works there",
    load: async () => (await import("./commands/targets.ts")).targets,
  },
  {
    name: "doctor",
    words: "[target]",
    description: "check whether ECS Exec would work there, or with --all anywhere, and ask nobody",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "whoami",
    words: "",
    description: "who the gateway takes you for",
    load: async () => (await import("./commands/whoami.ts")).whoami,
  },
  {
    name: "policy",
    words: "",
    description: "check rules, try them, and put them in force",
    load: async () => (await import("./commands/policy.ts")).policy,
  },
  {
    name: "audit",
    words: "",
    description: "take the record away, and verify it",
    load: async () => (await import("./commands/audit.ts")).audit,
  },
  {
    name: "restore",
    words: "",
    description: "open a table that was restored from a backup; what was granted before is void",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "views",
    words: "",
    description: "make the lists anew from the record, when they are lost",
    load: async () => (await import("./commands/views.ts")).views,
  },
  {
    name: "guardrail",
    words: "",
    description: "read who went into containers around the gateway",
    load: async () => (await import("./commands/guardrail.ts")).guardrail,
  },
  {
    name: "local",
    words: "",
    description: "run the gateway on this machine, without any cloud",
    load: async () => (await import("./commands/local.ts")).local,
  },
  {
    name: "configure",
    words: "<url>",
    description: "keep which gateway to use, with --profile and --region where they are given",
    load: async () => (await import("./commands/configure.ts")).configure,
  },
];
