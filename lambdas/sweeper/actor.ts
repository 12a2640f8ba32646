import type { Actor } from "../../core/event.ts";

/** Who ends what is over, on record: the function itself, under its own role. */
export const SWEEPER: Actor = {
  kind: "gateway",
  function: "sweeper",
  principal: "sallyport-lambda-sweeper",
};
