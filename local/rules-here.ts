import { readdirSync, readFileSync } from "node:fs";
import type { Texts } from "../lambdas/decide/activation.ts";

const folder = new URL("../policies/", import.meta.url);

/** The rules of this checkout: every `.cedar` file, in the order of their names. */
export function rulesHere(): Texts {
  return {
    policies: readdirSync(folder)
      .filter((name) => name.endsWith(".cedar"))
      .toSorted()
      .map((name) => readFileSync(new URL(name, folder), "utf8"))
      .join("\n"),
    schema: readFileSync(new URL("sallyport.cedarschema", folder), "utf8"),
    directory: readFileSync(new URL("directory.json", folder), "utf8"),
  };
}
