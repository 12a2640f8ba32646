import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { ExecPorts } from "../ports.ts";
import { openSession } from "./open-session.ts";

/** Opens sessions, and nothing else: the one function that may assume `sallyport-exec`. */
export function execFunction(ports: ExecPorts): HttpFunction {
  return httpFunction("exec", { openSession }, ports);
}
