import type {
  ActivationCard,
  AnyCard,
  CardRule,
  CardTarget,
  ExecCard,
  ExtensionCard,
} from "../core/card.ts";
import { startText } from "../core/start-at.ts";
import { joined, type Shown, shown } from "./shown.ts";

/** One value to a line, so that no value can look like two, or like the name of another. */
type Row = [name: string, value: Shown];

/**
 * A card as an approver reads it, line by line. Every member is shown, and any other value of any member
 * gives another text: whoever recomputes the digest of the same object has approved what is here.
 */
export function cardLines(card: AnyCard): Shown[] {
  const rows = rowsOf(card);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => shown`  ${name.padEnd(width)}  ${value}`);
}

function rowsOf(card: AnyCard): Row[] {
  if (card.kind === "exec") return execRows(card);
  return card.kind === "extend" ? extensionRows(card) : activationRows(card);
}

function extensionRows(card: ExtensionCard): Row[] {
  const { target } = card;
  return [
    ["asks for", shown`more time for what was approved (${card.kind}, card version ${card.v})`],
    ["requester", shown`${card.requester.person}`],
    ["name", quoted(card.requester.name)],
    ["reason", quoted(card.reason)],
    ["ticket", card.ticket === null ? shown`none` : quoted(card.ticket)],
    ["more time", shown`${card.minutes} minutes`],
    ["ends", shown`${card.from}, and with it ${card.until}`],
    ["in all", shown`${card.totalMinutes} minutes`],
    ["command", quoted(card.command)],
    ...numbered("word", card.argv),
    ["shell", card.opensShell ? OPENS_SHELL : NO_SHELL_KNOWN],
    ["runs as", shown`${card.runsAs}`],
    ...targetRows(target),
    ...ruleRows(card.rules),
    ...pinRows(target),
    ["approved", shown`sha256 ${card.approved}`],
    ...textRows(card.rules),
  ];
}

function targetRows(target: CardTarget): Row[] {
  return [
    ["target", shown`${targetKinds[target.kind]}`],
    ["cluster", shown`${target.clusterArn}`],
    ["service", orNull(target.serviceArn, "in none")],
    ["family", shown`${target.family}`],
    ["container", shown`${target.container}`],
    ["task", orNull(target.taskArn, "any that runs when it is opened")],
  ];
}

function pinRows(target: CardTarget): Row[] {
  return [
    ["runtime id", orNull(target.runtimeId, "any")],
    ["revision", orNull(target.pinnedRevision, "any")],
    ["image", orNull(target.pinnedImage, "any")],
  ];
}

function execRows(card: ExecCard): Row[] {
  const { target } = card;
  return [
    // Who, why, what, where, for how long, and who else: a person with a minute reads these.
    ["asks for", shown`a session in a container (${card.kind}, card version ${card.v})`],
    ...(card.breakGlass === true ? [BROKEN] : []),
    ["requester", shown`${card.requester.person}`],
    ["name", quoted(card.requester.name)],
    ["reason", quoted(card.reason)],
    ["ticket", card.ticket === null ? shown`none` : quoted(card.ticket)],
    ["command", quoted(card.command)],
    ...numbered("word", card.argv),
    ["shell", card.opensShell ? OPENS_SHELL : NO_SHELL_KNOWN],
    ["runs as", shown`${card.runsAs}`],
    ...targetRows(target),
    ["duration", shown`${card.durationMinutes} minutes`],
    ...numbered("warning", card.warnings),
    ...ruleRows(card.rules),
    // And what pins it down to the last byte.
    ...pinRows(target),
    ["sessions", shown`${card.sessions}`],
    ["start", startOf(card)],
    ["transcript", shown`${card.transcript}`],
    ...textRows(card.rules),
  ];
}

/** Where the glass was broken no approval is given, whatever an ordinary card says there. */
function startOf({ start, breakGlass }: ExecCard): Shown {
  return breakGlass === true && start === startText(undefined)
    ? shown`at once: no approval is waited for`
    : shown`${start}`;
}

const BROKEN: Row = ["glass", shown`broken: nobody was asked, and somebody has to review it`];

/** What is known is a list of names, and no such list is complete. */
const NO_SHELL_KNOWN = shown`none known, but a program may start one under another name`;
const OPENS_SHELL = shown`yes: what is typed afterwards is not limited`;

const targetKinds = {
  task: "this one task",
  service: "a task of this service",
  family: "a task of this family that is in no service",
} as const;

function activationRows(card: ActivationCard): Row[] {
  return [
    ["asks for", shown`other rules in force (${card.kind}, card version ${card.v})`],
    ["requester", shown`${card.requester.person}`],
    ["name", quoted(card.requester.name)],
    ["policies", shown`sha256 ${card.policies}`],
    ["schema", shown`sha256 ${card.schema}`],
    ["directory", shown`sha256 ${card.directory}`],
    ...numbered("change", card.changes),
    ["reason", quoted(card.reason)],
    ...ruleRows(card.rules),
    ...textRows(card.rules),
  ];
}

function ruleRows(rules: readonly CardRule[]): Row[] {
  return rules.flatMap((rule, i): Row[] => [
    [`rule ${i + 1}`, shown`${rule.id}`],
    ...rule.needs.map(
      (need): Row => [
        `rule ${i + 1} needs`,
        need.step === undefined
          ? shown`${need.count} of ${need.group}`
          : shown`${need.count} of ${need.group}, at step ${need.step}`,
      ],
    ),
    ...(rule.needs.length === 0
      ? [[`rule ${i + 1} needs`, shown`nobody: it approves by itself`] satisfies Row]
      : []),
    ...(rule.denyAfter === undefined
      ? []
      : [[`rule ${i + 1} denied`, shown`once ${rule.denyAfter} deny`] satisfies Row]),
  ]);
}

function textRows(rules: readonly CardRule[]): Row[] {
  return rules.map((rule, i) => [`rule ${i + 1} text`, shown`sha256 ${rule.textHash}`]);
}

function numbered(name: string, values: readonly string[]): Row[] {
  if (values.length === 0) return [[name, shown`none`]];
  return values.map((value, i) => [`${name} ${i + 1}`, quoted(value)]);
}

/** In quotes, so that spaces at its ends are seen and no text of somebody's looks like one of ours. */
function quoted(text: string): Shown {
  return shown`"${text}"`;
}

function orNull(value: string | null, words: string): Shown {
  return value === null ? shown`${words}` : shown`only ${value}`;
}

/** What a reader could be deceived by in a card's texts, in words; empty where nothing is odd. */
export function oddities(card: AnyCard): Shown[] {
  const texts: [string, string][] =
    card.kind !== "activate"
      ? [
          ["command", card.command],
          ["reason", card.reason],
          ["ticket", card.ticket ?? ""],
          ["name", card.requester.name],
        ]
      : [
          ["reason", card.reason],
          ["name", card.requester.name],
          ["changes", card.changes.join(" ")],
        ];
  return texts.flatMap(([name, text]) => {
    const found = odditiesOf(text, name === "command");
    return found.length === 0 ? [] : [shown`the ${name} ${joined(found, ", ")}`];
  });
}

const LOOKALIKES = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

function odditiesOf(text: string, isCommand: boolean): Shown[] {
  const found: Shown[] = [];
  if (shown`${text}`.shown !== text)
    found.push(shown`holds characters that do not show as themselves`);
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  if (words.some((word) => /\p{Script=Latin}/u.test(word) && LOOKALIKES.test(word))) {
    found.push(shown`mixes alphabets in one word`);
  } else if (isCommand && /[^\p{ASCII}]/u.test(text)) {
    found.push(shown`holds letters beyond ASCII`);
  }
  return found;
}
