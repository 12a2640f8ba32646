import type { Json } from "../core/canonical-json.ts";
import type { Principal } from "../core/principal.ts";
import type { SignIn } from "./chain/token-caller.ts";

/** One HTTP call, read: what a route's handler works on. Nothing in it comes from a header or a body unchecked. */
export interface Call {
  parameters: { [name: string]: string };
  query: { [name: string]: string };
  /** The parsed body; undefined when there was none. */
  body: Json | undefined;
  /** SHA-256 of the body's canonical JSON. */
  bodyHash: string;
  idempotencyKey: string | undefined;
  principal: Principal;
  /** How fresh the caller's sign-in is, where their token's issuer limits that. */
  signIn?: SignIn | undefined;
  /** API Gateway's request id. */
  call: string;
  /** Epoch ms by which an answer must have been given. */
  deadline: number;
}

export interface Answer {
  status: number;
  body: unknown;
}

export type Handle<Ports> = (call: Call, ports: Ports) => Promise<Answer>;
