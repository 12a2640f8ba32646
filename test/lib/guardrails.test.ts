import { describe, expect, it } from "vitest";
import {
  GUARDRAIL_LIMIT,
  type Guardrail,
  type GuardrailStatement,
  guardrails,
} from "../../core/guardrails.ts";
import { isAllowedUnder } from "../kit/under-guardrails.ts";
import { type Case, cases, configuration, roles, things } from "./guardrail-cases.ts";

/*
 * The guardrail's policies before an evaluator that shares nothing with them: whoever asks is an administrator, in an
 * account under AWS's own policy that allows everything, so that what is refused is refused by the guardrail alone.
 */

async function isLetThrough(policies: Guardrail[], asked: Case): Promise<boolean> {
  const { who, action, what, context = {} } = asked;
  return isAllowedUnder(policies, { roleArn: roles[who], action, resource: things[what], context });
}

/** The cases that come out otherwise than they should. */
async function wrongUnder(policies: Guardrail[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const one of cases) {
    if ((await isLetThrough(policies, one)) !== one.through) {
      wrong.push(`${one.who} ${one.action} ${one.what}${one.through ? "" : " passes"}`);
    }
  }
  return wrong;
}

/** Whether some case comes out otherwise, of those that the break can be about: what a break has to do. */
async function isNoticed(policies: Guardrail[], isAbout: (one: Case) => boolean): Promise<boolean> {
  for (const one of cases.filter(isAbout)) {
    if ((await isLetThrough(policies, one)) !== one.through) return true;
  }
  return false;
}

/** A pattern of IAM's, for choosing cases alone. */
function covers(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

type Breaking = (statement: GuardrailStatement) => GuardrailStatement | undefined;

/** The policies with one statement changed, or taken away. */
function broken(policy: string, sid: string, breaking: Breaking): Guardrail[] {
  return guardrails(configuration).map((one) =>
    one.name !== policy
      ? one
      : {
          ...one,
          content: {
            ...one.content,
            Statement: one.content.Statement.flatMap((statement) =>
              statement.Sid === sid ? (breaking(statement) ?? []) : [statement],
            ),
          },
        },
  );
}

const written = guardrails(configuration).flatMap(({ name, content }) =>
  content.Statement.map((statement) => ({ policy: name, sid: statement.Sid, statement })),
);
const without = (list: string[], gone: string): string[] => list.filter((one) => one !== gone);

describe("guardrails", () => {
  it("T79 nobody goes into a container but by the gateway's role or the last resort, nobody changes the gateway but who deploys it, and nothing else is touched", async () => {
    expect(cases.filter(({ through }) => !through).length).toBeGreaterThan(100);
    expect(cases.filter(({ through }) => through).length).toBeGreaterThan(100);
    expect(await wrongUnder(guardrails(configuration))).toEqual([]);
  });

  it.each(written)("misses $policy $sid when it is gone", async ({ policy, sid, statement }) => {
    const isAbout = ({ action, what, through }: Case): boolean =>
      !through &&
      (statement.Action ?? ["*"]).some((pattern) => covers(pattern, action)) &&
      statement.Resource.some((pattern) => covers(pattern, things[what]));
    expect(
      await isNoticed(
        broken(policy, sid, () => undefined),
        isAbout,
      ),
    ).toBe(true);
  });

  it.each(
    written.flatMap(({ policy, sid, statement }) =>
      statement.Resource.length === 1
        ? []
        : statement.Resource.map((resource) => ({ policy, sid, resource })),
    ),
  )("misses $resource when $sid no longer names it", async ({ policy, sid, resource }) => {
    const fewer: Breaking = (one) => ({ ...one, Resource: without(one.Resource, resource) });
    expect(
      await isNoticed(broken(policy, sid, fewer), ({ what }) => covers(resource, things[what])),
    ).toBe(true);
  });

  it.each(
    written.flatMap(({ policy, sid, statement }) =>
      (statement.Action ?? [])
        .filter((_, __, all) => all.length > 1)
        .map((action) => ({ policy, sid, action })),
    ),
  )("misses $action when $sid no longer denies it", async ({ policy, sid, action }) => {
    const fewer: Breaking = (one) => ({ ...one, Action: without(one.Action ?? [], action) });
    expect(await isNoticed(broken(policy, sid, fewer), (one) => covers(action, one.action))).toBe(
      true,
    );
  });

  it.each(
    written.flatMap(({ policy, sid, statement }) =>
      (statement.NotAction ?? []).map((action) => ({ policy, sid, action })),
    ),
  )("misses $action when $sid denies it too", async ({ policy, sid, action }) => {
    const more: Breaking = (one) => ({ ...one, NotAction: without(one.NotAction ?? [], action) });
    expect(await isNoticed(broken(policy, sid, more), (one) => covers(action, one.action))).toBe(
      true,
    );
  });

  it.each(
    written.flatMap(({ policy, sid, statement }) =>
      (statement.Condition?.["ArnNotLike"]?.["aws:PrincipalArn"] ?? []).map((exempt) => ({
        policy,
        sid,
        exempt,
      })),
    ),
  )("misses $exempt when $sid does not leave it alone", async ({ policy, sid, exempt }) => {
    const fewer: Breaking = (one) => ({
      ...one,
      Condition: {
        ...one.Condition,
        ArnNotLike: {
          "aws:PrincipalArn": without(
            one.Condition?.["ArnNotLike"]?.["aws:PrincipalArn"] ?? [],
            exempt,
          ),
        },
      },
    });
    expect(
      await isNoticed(broken(policy, sid, fewer), ({ who }) => covers(exempt, roles[who])),
    ).toBe(true);
  });

  it.each(
    written.flatMap(({ policy, sid, statement }) =>
      Object.keys(statement.Condition ?? {})
        .filter((operator) => operator !== "ArnNotLike")
        .map((operator) => ({ policy, sid, operator })),
    ),
  )("misses the condition $operator of $sid", async ({ policy, sid, operator }) => {
    const wider: Breaking = ({ Condition, ...one }) => {
      const { [operator]: _, ...others } = Condition ?? {};
      return { ...one, Condition: others };
    };
    const [{ statement } = { statement: undefined }] = written.filter((one) => one.sid === sid);
    expect(
      await isNoticed(
        broken(policy, sid, wider),
        ({ action, through }) =>
          through && (statement?.Action ?? []).some((pattern) => covers(pattern, action)),
      ),
    ).toBe(true);
  });

  it("fit into a policy of 5,120 characters each, and with AWS's own into the five a target takes, with the longest configuration", () => {
    const longest = (name: string, i: number): string =>
      `arn:aws-us-gov:iam::*:role/${name.padEnd(120 - "arn:aws-us-gov:iam::*:role/*".length - 1, "x")}${i}*`;
    const policies = guardrails({
      partition: "aws-us-gov",
      deployRoleArns: [0, 1, 2, 3].map((i) => longest("deploy", i)),
      recoveryRoleArns: [0, 1].map((i) => longest("recovery", i)),
      apiId: "a".repeat(32),
      restoredEventsTable: "t".repeat(255),
      domainName: `${"d".repeat(63)}.${"e".repeat(63)}.${"f".repeat(63)}.${"g".repeat(58)}.com`,
    });
    expect(policies.length).toBeLessThanOrEqual(4);
    const lengths = policies.map(({ content }) => JSON.stringify(content).length);
    for (const length of lengths) expect(length).toBeLessThanOrEqual(GUARDRAIL_LIMIT);
    expect(Math.max(...lengths)).toBeGreaterThan(4_000);
  });

  it("leave the API alone whose id they are not told", () => {
    const text = JSON.stringify(
      guardrails({ ...configuration, apiId: undefined, domainName: undefined }),
    );
    expect(text).not.toContain("apigateway:*::");
  });
});
