import type fc from "fast-check";
import type { World } from "../world.ts";
import type { Model, ModelRequest } from "./model.ts";
import { expectAgreement } from "./record.ts";

export type Command = fc.AsyncCommand<Model, World>;

/** A step: what it does to the gateway and to the model, after which both have to agree. */
export function step(name: string, act: (model: Model, w: World) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, w) {
      await act(model, w);
      await expectAgreement(model, w);
    },
    toString: () => name,
  };
}

/** The n-th of those there are; a step about a request does nothing while there is none. */
export function pick(model: Model, n: number): ModelRequest | undefined {
  return model.requests.length === 0 ? undefined : model.requests[n % model.requests.length];
}
