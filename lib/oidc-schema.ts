import * as z from "zod";

/*
 * Whose tokens a deployment takes, beside signatures of AWS's credentials.
 */

/** Each has as many routes as the table, of the 300 that API Gateway gives an API. */
export const MOST_ISSUERS = 4;

const visible = (most: number) => new RegExp(`^[\\x21-\\x7e]{1,${most}}$`);

const issuer = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^(?!v\d+$)[a-z][a-z0-9-]{0,19}$/,
        "not a name for an issuer: up to 20 of a-z, 0-9 and `-`, and no version such as v1",
      )
      .describe("What it is called here: part of the path of all but the first, /web/<name>/v1."),
    issuer: z
      .string()
      .max(255)
      .regex(
        /^https:\/\/[a-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:\/[\w.~/-]*)?$/,
        "not an issuer: an https URL without query, letter by letter as `iss` of its tokens has it",
      )
      .describe(
        "`iss` of its tokens, letter by letter. Its keys are found by OpenID Connect Discovery.",
      ),
    audience: z
      .string()
      .regex(visible(255), "not an audience: what `aud` of its tokens for this gateway is")
      .describe("What `aud` of its tokens for this gateway is: of this gateway alone."),
    kind: z
      .enum(["people", "programs"])
      .describe(
        "Whom its tokens are about. A token of people is never a program's, and the other way round.",
      ),
    groupsClaim: z
      .string()
      .regex(visible(128), "not the name of a claim such as groups")
      .optional()
      .describe(
        "The claim that lists groups, for those whose groups the directory leaves to the token.",
      ),
    tokenType: z
      .string()
      .regex(visible(64), "not a token's type such as at+jwt")
      .optional()
      .describe(
        "`typ` in the header, such as at+jwt: tells access tokens from ID tokens where the issuer writes it.",
      ),
    tokenUse: z
      .string()
      .regex(visible(64), "not a use such as access")
      .optional()
      .describe("The claim `token_use`, such as access: the same for issuers that write that."),
    scope: z
      .string()
      .regex(visible(128), "not one scope such as sallyport")
      .optional()
      .describe("A scope that the token has to have. API Gateway looks at it too."),
    maxAuthAgeMinutes: z
      .int()
      .min(1)
      .max(1_440)
      .optional()
      .describe(
        "How long ago a person may have signed in (`auth_time`) to approve, open, extend, unlock or break the glass. Default: any time.",
      ),
  })
  .refine(({ kind, maxAuthAgeMinutes }) => kind === "people" || maxAuthAgeMinutes === undefined, {
    path: ["maxAuthAgeMinutes"],
    message: "programs do not sign in: leave it out, or say that the issuer is of people",
  });

export const oidc = z
  .array(issuer)
  .max(
    MOST_ISSUERS,
    `name ${MOST_ISSUERS} issuers at most: each takes as many routes of the API as there are`,
  )
  .superRefine((issuers, context) => {
    for (const field of ["name", "issuer"] as const) {
      issuers.forEach((one, i) => {
        if (issuers.findIndex((other) => other[field] === one[field]) === i) return;
        context.addIssue({
          code: "custom",
          path: [i, field],
          message: `${JSON.stringify(one[field])} stands there twice: each issuer has one door`,
        });
      });
    }
  })
  .default([])
  .describe(
    "Issuers whose tokens are taken: of the first at /web/v1, of each further one at /web/<name>/v1.",
  );

export const identityCenter = z
  .strictObject({
    identityStoreId: z
      .string()
      .regex(
        /^d-[0-9a-f]{10}$/,
        "not an identity store such as d-1234567890: `aws sso-admin list-instances` prints it",
      )
      .describe("Such as d-1234567890."),
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "not a region such as us-east-1")
      .describe("The one Identity Center is in."),
    account: z
      .string()
      .regex(/^\d{12}$/, "not an account id: 12 digits, in quotes")
      .optional()
      .describe("The one it is of, as its ARN has it. Default: that of home."),
  })
  .describe(
    "IAM Identity Center, for people whose groups the directory leaves to it. The gateway's account has to be its own or its delegated administrator.",
  );
