import type { Actor } from "../../core/event.ts";

/** Who compares what AWS saw with the record, on record: the function itself, under its own role. */
export const WATCHER: Actor = {
  kind: "gateway",
  function: "watcher",
  principal: "sallyport-lambda-watcher",
};
