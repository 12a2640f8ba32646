import { digestOf } from "./digest.ts";

/** The hash of a set: what a decision records of the rules it was made under. */
export function configurationHash(texts: {
  policies: string;
  schema: string;
  directory: string;
  engine: string;
}): string {
  return digestOf({ ...texts });
}
