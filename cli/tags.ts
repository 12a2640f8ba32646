import { usage } from "./failure.ts";

/** Takes an option that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Tags as `key=value`. Throws Failure with exit status 2. */
export function tagsOf(texts: readonly string[]): { [key: string]: string } {
  const tags: { [key: string]: string } = {};
  for (const one of texts) {
    const at = one.indexOf("=");
    if (at < 1) throw usage("--tag takes key=value");
    tags[one.slice(0, at)] = one.slice(at + 1);
  }
  return tags;
}
