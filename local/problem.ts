/** Why the local gateway cannot start, and what to do about it, in one line for a terminal. */
export function localProblem(what: string, hint: string, cause?: unknown): Error {
  return new Error(`${what}; ${hint}`, cause === undefined ? {} : { cause });
}
