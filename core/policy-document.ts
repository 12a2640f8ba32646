/** An IAM policy document as plain JSON: what CloudFormation, STS and an evaluator are all given alike. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: PolicyStatement[];
}

export interface PolicyStatement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  /** Only in trust and resource policies. */
  Principal?: "*" | { AWS: string[] };
  Action: string[];
  /** Absent only in trust policies. */
  Resource?: string[];
  Condition?: { [operator: string]: { [key: string]: string | string[] } };
}

export function policyDocument(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

/**
 * A text as IAM will match it: itself and nothing else. IAM reads `*`, `?` and `${…}` inside resources and
 * condition values; a name that came from outside must not be able to stand for other names.
 */
export function literally(text: string): string {
  return text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}
