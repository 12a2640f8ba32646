import fc from "fast-check";
import type { ActivationCard, ExecCard, ExtensionCard } from "../../core/card.ts";
import { anyCharacter } from "../kit/any-character.ts";

/** Anything a text can be, what deceives and lone surrogates included. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: anyCharacter }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom("\u001b", "\u009b", "\u202e", "\u200b", "\u{e0041}", "\ud800", "\n", "\r"),
        fc.constantFrom("\\u{202e}", "\\", '"', "none", "any", " ", "\u0301"),
        fc.string({ minLength: 1, maxLength: 3 }),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join("")),
);

const need = fc.record(
  { group: anyText, count: fc.nat(9), step: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: ["group", "count"] },
);
const rule = fc.record(
  {
    id: anyText,
    textHash: anyText,
    needs: fc.array(need, { maxLength: 2 }),
    denyAfter: fc.integer({ min: 2, max: 20 }),
  },
  { requiredKeys: ["id", "textHash", "needs"] },
);
const requester = fc.record({ person: anyText, name: anyText });
const nullable = fc.option(anyText, { nil: null });

const ordinaryCards: fc.Arbitrary<ExecCard> = fc.record({
  v: fc.constant(1 as const),
  kind: fc.constant("exec" as const),
  requester,
  command: anyText,
  argv: fc.array(anyText, { maxLength: 3 }),
  opensShell: fc.boolean(),
  runsAs: fc.constant("root" as const),
  target: fc.record({
    kind: fc.constantFrom("task" as const, "service" as const, "family" as const),
    clusterArn: anyText,
    serviceArn: nullable,
    family: anyText,
    container: anyText,
    taskArn: nullable,
    runtimeId: nullable,
    pinnedRevision: nullable,
    pinnedImage: nullable,
  }),
  durationMinutes: fc.nat(1_440),
  sessions: fc.nat(9),
  start: fc.oneof(
    fc.constant("when the last approval is given" as const),
    anyText.map((some) => `not before ${some}` as const),
  ),
  reason: anyText,
  ticket: nullable,
  rules: fc.array(rule, { maxLength: 2 }),
  warnings: fc.array(anyText, { maxLength: 2 }),
  transcript: fc.constantFrom("expected" as const, "none" as const),
});

export const execCards: fc.Arbitrary<ExecCard> = fc
  .tuple(ordinaryCards, fc.boolean())
  .map(([ordinary, broken]) => (broken ? { ...ordinary, breakGlass: true } : ordinary));

export const activationCards: fc.Arbitrary<ActivationCard> = fc.record({
  v: fc.constant(1 as const),
  kind: fc.constant("activate" as const),
  requester,
  policies: anyText,
  schema: anyText,
  directory: anyText,
  changes: fc.array(anyText, { maxLength: 3 }),
  reason: anyText,
  rules: fc.array(rule, { maxLength: 2 }),
});

export const extensionCards: fc.Arbitrary<ExtensionCard> = execCards.chain(
  ({ requester: by, command, argv, opensShell, runsAs, target, ticket, rules }) =>
    fc.record({
      v: fc.constant(1 as const),
      kind: fc.constant("extend" as const),
      requester: fc.constant(by),
      command: fc.constant(command),
      argv: fc.constant(argv),
      opensShell: fc.constant(opensShell),
      runsAs: fc.constant(runsAs),
      target: fc.constant(target),
      approved: anyText,
      minutes: fc.nat(1_440),
      from: anyText,
      until: anyText,
      totalMinutes: fc.nat(1_440),
      reason: anyText,
      ticket: fc.constant(ticket),
      rules: fc.constant(rules),
    }),
);

export const card: ExecCard = {
  v: 1,
  kind: "exec",
  requester: { person: "dev", name: "Dana" },
  command: "/bin/sh",
  argv: ["/bin/sh"],
  opensShell: true,
  runsAs: "root",
  target: {
    kind: "service",
    clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/demo",
    serviceArn: "arn:aws:ecs:us-east-1:111122223333:service/demo/payments-api",
    family: "payments-api",
    container: "app",
    taskArn: null,
    runtimeId: null,
    pinnedRevision: null,
    pinnedImage: null,
  },
  durationMinutes: 30,
  sessions: 1,
  start: "when the last approval is given",
  reason: "a stuck queue",
  ticket: null,
  rules: [{ id: "team-shell", textHash: "ab", needs: [{ group: "sre", count: 1 }] }],
  warnings: [],
  transcript: "none",
};
