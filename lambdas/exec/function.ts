import { type HttpFunction, httpFunction } from "../chain/http-function.ts";
import type { Composed, ExecPorts } from "../ports.ts";
import { executeCommand } from "./execute-command.ts";
import { openSession } from "./open-session.ts";

/** Opens sessions, and asks where that is one call with it: the one function that may assume `sallyport-exec`. */
export function execFunction(ports: Composed<ExecPorts>): HttpFunction {
  return httpFunction("exec", { openSession, executeCommand }, ports);
}
