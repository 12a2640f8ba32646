import { SallyportError } from "./errors.ts";

/** `request_closed`: what was asked is on record as a hash alone, so that nobody can be shown it, and nothing is done. */
export function erased(): SallyportError {
  return new SallyportError("request_closed", "what was asked has been erased from the record", {
    hint: "ask again: `sallyport exec`",
  });
}
