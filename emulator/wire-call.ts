import type { JsonObject } from "./json.ts";

/** One request that arrived, whatever came of it. Holds nothing that opens anything: no token, no key. */
export interface WireCall {
  service: "ecs" | "ssm" | "sts" | "iam" | "ec2" | "logs" | "ssmmessages" | "unknown";
  operation: string;
  /** As sent; empty where it could not be read. */
  input: JsonObject;
  /** ARN of who signed; empty until the signature is verified. */
  principal: string;
  /** As claimed, verified or not. */
  accessKeyId: string;
  /** The region it is signed for, as claimed; empty where it is signed for none. */
  region: string;
  /** Epoch milliseconds of the arrival. */
  at: number;
  /** HTTP status of the answer; 0 while there is none, and for ever where the connection was cut. */
  status: number;
  errorCode?: string;
  /** The session a call started or names. */
  sessionId?: string;
}

/** The list is a help for tests and the demo: of a server that runs for days it keeps the last. */
const MAX_CALLS = 10_000;

/** Puts a call on the list and forgets the oldest beyond the limit. */
export function recordCall(calls: WireCall[], call: WireCall): WireCall {
  calls.push(call);
  if (calls.length > MAX_CALLS) calls.shift();
  return call;
}
