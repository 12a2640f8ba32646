import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { EventStore } from "../../core/event-store.ts";
import { decideFunction } from "../../lambdas/decide/function.ts";
import type {
  DecidePorts,
  ExecPorts,
  ProjectorPorts,
  RequestsPorts,
  SweeperPorts,
} from "../../lambdas/ports.ts";

/*
 * Every change of state goes through `commit`, which loads, judges and appends. The type checker reads this
 * file: each line that it is to refuse says so, and fails where it does not.
 */

type Given = DecidePorts | ExecPorts | RequestsPorts | SweeperPorts | ProjectorPorts;

describe("the one way in", () => {
  it("is not gone round: what a handler is given of the record has no append", () => {
    const around = (ports: Given, decide: DecidePorts) => [
      // @ts-expect-error -- a handler appends nothing itself
      ports.events.append([], []),
      // @ts-expect-error -- nor hands on a right that it does not have
      ports.events satisfies EventStore,
      // @ts-expect-error -- nor is a function put together without that right, which commit needs
      decideFunction(decide),
    ];
    expect(around).toBeTypeOf("function");
    expectTypeOf<Given["events"]>().not.toHaveProperty("append");
  });

  it("is one: no other module of the functions takes the right, or uses it", () => {
    const folder = fileURLToPath(new URL("../../lambdas", import.meta.url));
    const takers = globSync("**/*.ts", { cwd: folder }).filter((name) =>
      /\bas EventStore\b|\.append\(/.test(readFileSync(`${folder}/${name}`, "utf8")),
    );
    // The one that stands before the record lets nothing through until the call is admitted.
    expect(takers.toSorted()).toEqual(["chain/admit.ts", "commit.ts"]);
  });
});
