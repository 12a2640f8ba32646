import { describe, expect, it } from "vitest";
import { routes } from "../../../api/routes.ts";
import { type EventKind, eventKinds } from "../../../core/event-kinds.ts";
import { routesOf } from "../../../lambdas/watcher/routes-of.ts";

const kinds = Object.keys(eventKinds) as EventKind[];
const decide = routes
  .filter((route) => route.function === "decide")
  .map(({ method, path }) => `${method} ${path}`);

describe("the routes by which a decision comes about", () => {
  const isDecided = (kind: EventKind): boolean =>
    ["decided", "broke", "configured"].includes(eventKinds[kind].family);

  it.each(kinds.filter(isDecided))("of %s are some of decide's own", (kind) => {
    const found = routesOf(kind) ?? [];
    expect(found).not.toEqual([]);
    for (const route of found) expect(decide).toContain(route);
  });

  it.each(kinds.filter((kind) => !isDecided(kind)))("of %s are none: nobody decides it", (kind) => {
    expect(routesOf(kind)).toBeUndefined();
  });

  it("leave none of decide's writing routes out", () => {
    const named = kinds.filter((kind) => kind !== "decision.refused").flatMap(routesOf);
    for (const route of decide.filter((one) => !one.startsWith("GET"))) {
      expect(named).toContain(route);
    }
  });
});
