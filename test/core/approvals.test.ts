import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillApprovals, isTemplate, parseApprovals } from "../../core/approvals.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

describe("parseApprovals", () => {
  it.each([
    ["none", []],
    [" none ", []],
    ["sre:1", [{ group: "sre", count: 1 }]],
    [
      "{team}-leads:1, sre:2",
      [
        { group: "{team}-leads", count: 1 },
        { group: "sre", count: 2 },
      ],
    ],
    [
      "lead:1 then sre:1, x:2",
      [
        { group: "lead", count: 1, step: 1 },
        { group: "sre", count: 1, step: 2 },
        { group: "x", count: 2, step: 2 },
      ],
    ],
    [
      "then:1\tthen\tx-then:1",
      [
        { group: "then", count: 1, step: 1 },
        { group: "x-then", count: 1, step: 2 },
      ],
    ],
    ["a-{aws:cloudformation/stack}.b : 3", [{ group: "a-{aws:cloudformation/stack}.b", count: 3 }]],
  ])("reads %j", (text, needs) => {
    expect(parseApprovals(text)).toEqual({ kind: "approvals", needs });
  });

  it.each([
    ["", /empty/],
    ["   ", /empty/],
    ["sre:0", /sre asks for 0/],
    ["sre:21", /sre asks for 21/],
    ["sre", /not `group:count`/],
    ["sre:one", /not `group:count`/],
    ["sre:-1", /not `group:count`/],
    ["sre:1.5", /not `group:count`/],
    ["sre:1,", /not `group:count`/],
    [":1", /not `group:count`/],
    ["sre:1 lead:1", /not `group:count`/],
    ["{te am}:1", /not `group:count`/],
    ["{team:1", /not `group:count`/],
    ["{{team}}:1", /not `group:count`/],
    ["*:1", /not `group:count`/],
    ["sre:1, sre:1", /stands twice/],
    ["none, sre:1", /not `group:count`/],
    ["none:1", /none stands alone/],
    ["then sre:1", /not `group:count`/],
    ["lead:1 then", /not `group:count`/],
    ["lead:1 then then sre:1", /not `group:count`/],
    ["lead:1, then sre:1", /not `group:count`/],
    ["lead:1 THEN sre:1", /not `group:count`/],
    ["lead:1 then lead:1", /stands twice/],
    ["none then sre:1", /not `group:count`/],
  ])("refuses %j", (text, why) => {
    expect(parseApprovals(text)).toEqual({
      kind: "invalid",
      why: expect.stringMatching(why),
    });
  });

  it("knows which groups wait for a resource", () => {
    expect(isTemplate({ group: "{team}-leads", count: 1 })).toBe(true);
    expect(isTemplate({ group: "sre", count: 1 })).toBe(false);
  });
});

describe("fillApprovals", () => {
  const groups = ["payments-leads", "sre", "a", "b"];
  const leads = [
    { group: "{team}-leads", count: 1 },
    { group: "sre", count: 1 },
  ];

  it("fills in the tag and leaves the rest as it is", () => {
    expect(fillApprovals(leads, { team: "payments", other: "x" }, groups)).toEqual({
      kind: "needs",
      needs: [
        { group: "payments-leads", count: 1 },
        { group: "sre", count: 1 },
      ],
    });
  });

  it.each([[{}], [{ team: "" }], [{ Team: "payments" }]])(
    "cannot be filled in from the tags %j",
    (tags: { [key: string]: string }) => {
      expect(fillApprovals(leads, tags, groups)).toEqual({
        kind: "unfillable",
        why: 'the resource has no tag "team"',
      });
    },
  );

  it("does not take what every object has for a tag", () => {
    const needs = [{ group: "{constructor}", count: 1 }];
    expect(fillApprovals(needs, {}, groups).kind).toBe("unfillable");
  });

  it.each(["Payments", "payments ", "payments*", "payments-leads:1, sre", "x", "$&", "pay\nments"])(
    "knows no group made of the tag %j",
    (team) => {
      expect(fillApprovals(leads, { team }, groups)).toEqual({
        kind: "unfillable",
        why: `there is no group ${JSON.stringify(`${team}-leads`)}`,
      });
    },
  );

  it("adds up needs that come out as one group", () => {
    const needs = [
      { group: "{owner}", count: 2 },
      { group: "sre", count: 1 },
    ];
    expect(fillApprovals(needs, { owner: "sre" }, groups)).toEqual({
      kind: "needs",
      needs: [{ group: "sre", count: 3 }],
    });
  });

  it("keeps the steps of an order apart, and adds up within one", () => {
    const needs = [
      { group: "{owner}", count: 1, step: 1 },
      { group: "sre", count: 1, step: 2 },
      { group: "{owner}", count: 2, step: 2 },
    ];
    expect(fillApprovals(needs, { owner: "sre" }, groups)).toEqual({
      kind: "needs",
      needs: [
        { group: "sre", count: 1, step: 1 },
        { group: "sre", count: 3, step: 2 },
      ],
    });
  });

  it(`needs, whatever a tag holds, as many persons as the rule says, of groups there are (seed ${seed})`, () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.constantFrom("a", "b", "a:1, b", "a:0", "none", "{x}", "a,b", "sre", "a\0"),
    );
    fc.assert(
      fc.property(nasty, nasty, (x, y) => {
        const parsed = parseApprovals("{x}:1, {y}:2, sre:1");
        if (parsed.kind === "invalid") throw new Error(parsed.why);
        const filled = fillApprovals(parsed.needs, { x, y }, groups);
        if (filled.kind === "unfillable") return;
        expect(filled.needs.reduce((sum, need) => sum + need.count, 0)).toBe(4);
        for (const need of filled.needs) expect(groups).toContain(need.group);
        expect(new Set(filled.needs.map((n) => n.group)).size).toBe(filled.needs.length);
      }),
      { seed, numRuns: 500 },
    );
  });
});
