/**
 * The facts of one request that conditions and policy variables read: key names in lower case, as IAM
 * compares them. A key that is absent is absent: `Null` can see it, a positive operator fails on it.
 */
export type RequestContext = { readonly [key: string]: string | readonly string[] | undefined };

interface KnownKey {
  name: RegExp;
  /** Of several values: IAM gives them a meaning only under ForAllValues or ForAnyValue. */
  multivalued: boolean;
}

const KNOWN: KnownKey[] = [
  { name: /^aws:principaltag\/.+$/, multivalued: false },
  { name: /^aws:requesttag\/.+$/, multivalued: false },
  { name: /^aws:resourcetag\/.+$/, multivalued: false },
  { name: /^ecs:resourcetag\/.+$/, multivalued: false },
  { name: /^ssm:resourcetag\/.+$/, multivalued: false },
  { name: /^aws:tagkeys$/, multivalued: true },
  {
    name: /^aws:(?:currenttime|principalarn|principalaccount|userid|sourceidentity)$/,
    multivalued: false,
  },
  {
    name: /^aws:(?:requestedregion|multifactorauthpresent|viaawsservice|sourcevpce)$/,
    multivalued: false,
  },
  { name: /^sts:(?:rolesessionname|sourceidentity|externalid)$/, multivalued: false },
  { name: /^ecs:(?:cluster|container-name|task|service)$/, multivalued: false },
];

/** What is known of a condition key, or undefined where this evaluator would have to guess. */
export function knownKey(key: string): { multivalued: boolean } | undefined {
  return KNOWN.find((known) => known.name.test(key));
}

/** Tags as context entries: `tagEntries("aws:PrincipalTag", {Team: "x"})` → `aws:principaltag/team`. */
export function tagEntries(
  prefix: string,
  tags: { readonly [key: string]: string },
): { [key: string]: string } {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`.toLowerCase(), value]),
  );
}
