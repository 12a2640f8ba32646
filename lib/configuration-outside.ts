import * as z from "zod";
import { partitionOf } from "./cluster-arn.ts";

/*
 * What a configuration says of what holds outside the gateway: who may change it, what the organization forbids,
 * and who goes into a container while it is down.
 */

/** Longer ones, and more of them, would take more of a service control policy than it has. */
const roleArnPattern = z
  .string()
  .max(120, "longer than 120 characters: a policy has not the room. Give the role a shorter path")
  .regex(
    /^arn:aws[a-z-]*:iam::(?:\d{12}|\*):role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{8,64}\*?$/,
    "not the ARN of a role such as arn:aws:iam::111122223333:role/deploy; `*` may stand for the account, or end a name of eight letters or more",
  )
  .refine(
    (arn) => !arn.includes(":role/sallyport/"),
    "a role of the gateway itself, which would then be able to change it: name one that deploys",
  );

const guardrail = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, "not an account id: 12 digits, in quotes")
    .describe(
      "The organization's management account, or the one it lets manage service control policies.",
    ),
  stage: z
    .enum(["observe", "enforce"])
    .describe(
      "observe: the policies are made and attached to nothing; who execs around the gateway is logged. enforce: they are attached.",
    ),
  targetIds: z
    .array(
      z
        .string()
        .regex(
          /^(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12})$/,
          "not a root (r-…), an organizational unit (ou-…) or an account",
        ),
    )
    .min(1, "name what they are attached to: the accounts with clusters, and the gateway's own")
    .describe("Roots, organizational units or accounts that they are attached to."),
  apiId: z
    .string()
    .regex(
      /^[a-z0-9]{8,32}$/,
      "not the id of an API: it is the output ApiId of the gateway's stack",
    )
    .optional()
    .describe(
      "The output ApiId of the gateway's stack. Without it the policies leave its API alone.",
    ),
});

/** Whoever assumes a role of ours with a second factor. */
export const principalArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:(?:user|role)\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    "not the ARN of one user or role such as arn:aws:iam::111122223333:user/olga",
  )
  .refine(
    (arn) => !arn.includes(":role/aws-reserved/"),
    "a permission set's role, whose sessions never say whether there was a second factor, so that it could not get in: name a user",
  );

const lastResort = z.strictObject({
  principals: z
    .array(principalArn)
    .min(1, "name at least one user or role")
    .max(10, "more than ten can: that is no last resort. Name fewer")
    .describe("Users, or roles assumed with a second factor, that may assume it."),
  mail: z
    .email("not an address to mail to, such as on-call@example.com")
    .optional()
    .describe("Whom each use is mailed to. Default: `alarmMail`."),
});

/** The fields, for the schema of the whole. */
export const outsideFields = {
  deployRoleArns: z
    .array(roleArnPattern)
    .max(4, "more than four do not fit into a policy: end a name by `*`")
    .default([])
    .describe(
      "Roles that deploy the gateway, CloudFormation's own among them. With them, nobody else may change the events table; the guardrail needs them.",
    ),
  recoveryRoleArns: z
    .array(roleArnPattern)
    .max(2, "more than two do not fit into a policy: end a name by `*`")
    .default([])
    .describe("Roles that may restore a table and read what is in it, outside the gateway."),
  guardrail: guardrail
    .optional()
    .describe(
      "Service control policies: nobody execs but through the gateway, and nobody changes it but who deploys it.",
    ),
  lastResort: lastResort
    .optional()
    .describe(
      "A role outside the gateway that may exec while it is down, with a second factor. Each use alarms.",
    ),
};

const outside = z.strictObject(outsideFields);

/** What the fields have to be to each other and to the rest; `issue` is told of what is wrong. */
export function checkOutside(
  configuration: z.output<typeof outside> & { clusters: string[]; alarmMail?: string | undefined },
  issue: (path: (string | number)[], message: string) => void,
): void {
  const { clusters, alarmMail, guardrail: policies, lastResort: last } = configuration;
  const { deployRoleArns, recoveryRoleArns } = configuration;
  const partition = partitionOf(clusters);
  const named: [(string | number)[], string[]][] = [
    [["deployRoleArns"], deployRoleArns],
    [["recoveryRoleArns"], recoveryRoleArns],
    [["lastResort", "principals"], last?.principals ?? []],
  ];
  for (const [path, arns] of named) {
    arns.forEach((arn, i) => {
      if (!arn.startsWith(`arn:${partition}:`)) {
        issue([...path, i], `in another partition than the clusters, which are in ${partition}`);
      }
    });
  }
  if (policies !== undefined && deployRoleArns.length === 0) {
    issue(
      ["deployRoleArns"],
      "is empty, and the guardrail would keep everybody from changing the gateway: name the roles that deploy it",
    );
  }
  if (policies?.stage === "enforce" && policies.apiId === undefined) {
    issue(
      ["guardrail", "apiId"],
      "is missing, and enforcing would leave the API open to be changed: it is the output ApiId of the gateway's stack",
    );
  }
  if (last !== undefined && last.mail === undefined && alarmMail === undefined) {
    issue(
      ["lastResort", "mail"],
      "is missing, and nobody would hear of a use: name an address here, or `alarmMail`",
    );
  }
}
