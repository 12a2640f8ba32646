import type { Asker, IamRequest } from "./requests.ts";

export interface Forbidden {
  what: string;
  asker: Asker;
  request: IamRequest;
  /** In place of the VPC endpoint that the functions come through. */
  from?: "elsewhere";
  /** When it is asked, in place of a time at which the sessions are still of use. */
  at?: number;
}

export type Question = Omit<Forbidden, "asker">;

export const functionsHere = [
  "requests",
  "decide",
  "exec",
  "projector",
  "sweeper",
  "watcher",
] as const;
export type FunctionName = (typeof functionsHere)[number];
