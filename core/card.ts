import type { Json } from "./canonical-json.ts";
import { digestOf } from "./digest.ts";
import type { Need } from "./policy-engine.ts";
import type { CardStart } from "./start-at.ts";

/** A rule as an approver meets it: by its name, by the hash of its text, and what it asks. */
export interface CardRule {
  id: string;
  textHash: string;
  needs: Need[];
  /** How many different persons must deny; missing where one is enough. */
  denyAfter?: number;
}

/**
 * What an approver is shown, and nothing else: the approval is of this text. It holds no request id and
 * no time of creation, so that the same wish twice gives the same card, and not who has agreed so far.
 * Every member is shown by our clients, which recompute the digest from what they showed.
 */
export interface ExecCard {
  v: 1;
  kind: "exec";
  /** The glass was broken: nobody has agreed beforehand, and somebody has to review it. */
  breakGlass?: true;
  requester: { person: string; name: string };
  /** Sent to ECS as it is, byte for byte. */
  command: string;
  /** The same as the container's agent will split it. */
  argv: string[];
  opensShell: boolean;
  runsAs: "root";
  target: CardTarget;
  durationMinutes: number;
  sessions: number;
  start: CardStart;
  reason: string;
  ticket: string | null;
  rules: CardRule[];
  /** Preflight warnings, in words. */
  warnings: string[];
  transcript: "expected" | "none";
}

/** What is asked for is what is approved: a task and its runtime, or a service or family at any task of it. */
export interface CardTarget {
  kind: "task" | "service" | "family";
  clusterArn: string;
  /** ARN of the service; null where the task is in none. */
  serviceArn: string | null;
  family: string;
  container: string;
  /** For a task alone. */
  taskArn: string | null;
  runtimeId: string | null;
  /** Set by `@pin`: only a task of this revision, or a container of this image, may be opened. */
  pinnedRevision: string | null;
  pinnedImage: string | null;
}

/** The card of an activation: the rules and the directory that would come into force. */
export interface ActivationCard {
  v: 1;
  kind: "activate";
  requester: { person: string; name: string };
  /** SHA-256 of each text, and how it differs from the one in force, rule by rule and person by person. */
  policies: string;
  schema: string;
  directory: string;
  changes: string[];
  reason: string;
  rules: CardRule[];
}

/** More time for what was approved. The card names it again, and both ends: nothing else changes by it. */
export interface ExtensionCard {
  v: 1;
  kind: "extend";
  requester: { person: string; name: string };
  command: string;
  argv: string[];
  opensShell: boolean;
  runsAs: "root";
  target: CardTarget;
  /** Digest of the card under which it was approved. */
  approved: string;
  minutes: number;
  /** When the grant ends without it, and with it. */
  from: string;
  until: string;
  /** From the beginning of the grant to its new end. */
  totalMinutes: number;
  reason: string;
  ticket: string | null;
  rules: CardRule[];
}

/** What a request is approved by. */
export type Card = ExecCard | ActivationCard;

/** Whatever can be approved or denied. */
export type AnyCard = Card | ExtensionCard;

/** SHA-256 of the card's canonical JSON, in hex: what an approval names. */
export function cardDigest(card: AnyCard): string {
  return digestOf(card as unknown as Json);
}

/**
 * Names of the top-level members in which two cards differ, for telling an approver what changed since
 * the card they looked at. Empty when the digests are equal.
 */
export function changedFields(before: Card, after: Card): string[] {
  const left = before as unknown as { [name: string]: Json };
  const right = after as unknown as { [name: string]: Json };
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((name) => digestOf([left[name] ?? null]) !== digestOf([right[name] ?? null]))
    .toSorted();
}
