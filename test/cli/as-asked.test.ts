import { describe, expect, it } from "vitest";
import { approvedCard, requireAsAsked } from "../../cli/as-asked.ts";
import { type Card, cardDigest, type ExecCard } from "../../core/card.ts";
import { card } from "./cards.ts";

const id = "1tz5k7texx4pdk9kp3vg8atqnw";
const arn = "arn:aws:ecs:us-east-1:111122223333";
const task = "0123456789abcdef0123456789abcdef";
const of = (any: Card, digest = cardDigest(any)) => ({ id, card: any, digest });
const at = (target: Partial<ExecCard["target"]>): ExecCard => ({
  ...card,
  target: { ...card.target, ...target },
});
const wish = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/sh",
};
const activation: Card = {
  v: 1,
  kind: "activate",
  requester: card.requester,
  policies: "",
  schema: "",
  directory: "",
  changes: [],
  reason: "",
  rules: [],
};

describe("a request that was asked for", () => {
  it.each([
    ["by names", card, wish.target],
    ["without its container", card, { cluster: "demo", service: "payments-api" }],
    [
      "by ARNs",
      card,
      { cluster: `${arn}:cluster/demo`, service: `${arn}:service/demo/payments-api` },
    ],
    [
      "in the cluster that is meant by none",
      at({ clusterArn: `${arn}:cluster/default` }),
      { service: "payments-api" },
    ],
    [
      "by its task",
      at({ kind: "task", taskArn: `${arn}:task/demo/${task}` }),
      { cluster: "demo", task },
    ],
  ])("is taken where it is the one: %s", (_, any, target) => {
    expect(() => requireAsAsked(of(any), { ...wish, target })).not.toThrow();
  });

  it.each([
    ["command", { ...card, command: "/bin/rm -rf /" }, wish.target],
    ["kind of request", activation, wish.target],
    ["target", at({ clusterArn: `${arn}:cluster/prod` }), wish.target],
    ["target", at({ serviceArn: `${arn}:service/demo/ledger` }), wish.target],
    ["target", at({ container: "envoy" }), wish.target],
    ["target", at({ kind: "task" }), wish.target],
    ["target", card, { service: "payments-api" }],
    ["target", card, { cluster: "demo", task }],
    [
      "target",
      at({ kind: "task", taskArn: `${arn}:task/demo/f${task.slice(1)}` }),
      { cluster: "demo", task },
    ],
  ])("is refused with another %s on its card", (what, any, target) => {
    expect(() => requireAsAsked(of(any), { ...wish, target })).toThrow(`another ${what} on the`);
  });

  it("is refused without a card, and with a digest that is not its card's", () => {
    expect(() => requireAsAsked({ id }, wish)).toThrow("shows no card");
    expect(() => requireAsAsked(of(card, "0".repeat(64)), wish)).toThrow("not this card's");
  });
});

describe("a request that was approved", () => {
  it("is opened by its card, whatever rules are on it by now", () => {
    const recarded = { ...card, rules: [], warnings: ["w"] };
    expect(approvedCard(of(card), of(recarded))).toEqual(recarded);
    expect(approvedCard({ id }, of(card))).toEqual(card);
  });

  it.each([
    ["another command", of({ ...card, command: "/bin/rm -rf /" })],
    ["another target", of(at({ container: "envoy" }))],
    ["not this card's", of(card, cardDigest(at({ container: "envoy" })))],
    ["no card of a session", { id }],
    ["no card of a session", of(activation)],
    ["for another", { ...of(card), id: `2${id.slice(1)}` }],
  ])("is not opened with %s", (what, approved) => {
    expect(() => approvedCard(of(card), approved)).toThrow(what);
  });
});
