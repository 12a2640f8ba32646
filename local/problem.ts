/** Why the local gateway cannot start, and what to do about it, in one line for a terminal. */
export function localProblem(what: string, hint: string, cause?: unknown): Error {
  return new Error(`${what}; ${hint}`, cause === undefined ? {} : { cause });
}

/** What to do about a port that is taken, or may not be; any other error as it is. */
export function portProblem(error: unknown): never {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
  const why = code === "EACCES" ? "may not be used" : "is in use";
  throw localProblem(
    `port ${port ?? ""} ${why}`,
    "choose three others with --port N (N, N+1 and N+2 are taken)",
    error,
  );
}
