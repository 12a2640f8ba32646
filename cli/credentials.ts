import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { signInCommand } from "./sign-in.ts";

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** Where the caller's credentials come from: AWS's standard chain, or one profile of one file alone. */
export type CredentialSource =
  | { kind: "chain"; profile?: string | undefined }
  | { kind: "file"; path: string; profile: string };

/**
 * Finds the caller's AWS credentials. The providers are loaded when they are first needed, so that help
 * and usage errors do not wait for them. Throws Failure with exit status 124; where the person has to sign
 * in first, its hint is the command that does.
 */
export async function findCredentials(source: CredentialSource): Promise<AwsCredentials> {
  const { fromIni, fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
  const provider =
    source.kind === "file"
      ? // Both files the same, so that nothing of the person's own configuration is mixed in.
        fromIni({
          profile: source.profile,
          filepath: source.path,
          configFilepath: source.path,
          ignoreCache: true,
        })
      : fromNodeProviderChain(source.profile === undefined ? {} : { profile: source.profile });
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await provider();
    return { accessKeyId, secretAccessKey, sessionToken };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (source.kind === "file") {
      throw new Failure(`${source.path} has no profile ${source.profile}`, {
        exitCode: exitCodes.unreachable,
        hint: "the local gateway's profiles are dev, dev2, lead, sre, auditor, stranger, bot and operator",
        cause: error,
      });
    }
    throw new Failure(`no AWS credentials: ${why}`, {
      exitCode: exitCodes.unreachable,
      hint:
        (await signInCommand(process.env, source.profile, why)) ??
        "sign in to AWS, or name another profile with --profile; where the gateway takes tokens, --token-file or a SALLYPORT_TOKEN that is not empty stands in place of them",
      cause: error,
    });
  }
}
