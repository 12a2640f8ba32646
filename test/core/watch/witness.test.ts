import { describe, expect, it } from "vitest";
import type { Event } from "../../../core/event.ts";
import { unwitnessedBecause } from "../../../core/watch/witness.ts";

const routes = ["POST /v1/requests/{id}/decisions"];
const event = {
  chain: "REQ#01arz3ndektsv4rrffq69g5fav",
  call: "JKJa=",
  actor: { kind: "person", person: "lead", principal: "111122223333:AIDALEAD" },
} as unknown as Event;
const line = {
  call: "JKJa=",
  route: "POST /v1/requests/{id}/decisions",
  path: "/v1/requests/01arz3ndektsv4rrffq69g5fav/decisions",
  principal: "111122223333:AIDALEAD",
};
const why = (change: Partial<typeof line>, of: Partial<Event> = {}) =>
  unwitnessedBecause({ ...event, ...of } as Event, routes, [{ ...line, ...change }]);

describe("a decision's line in the front door's log", () => {
  it("witnesses it, behind whichever door", () => {
    expect(why({})).toBeUndefined();
    const web = line.path.replace("/v1", "/web/v1");
    expect(why({ route: "POST /web/v1/requests/{id}/decisions", path: web })).toBeUndefined();
    expect(why({ route: "POST /web/okta/v1/requests/{id}/decisions" })).toBeUndefined();
  });

  it.each([
    [{ call: "other=" }, "no_line"],
    [{ route: "GET /v1/requests/{id}/decisions" }, "route"],
    [{ route: "POST /v1/requests/{id}/revoke" }, "route"],
    [{ route: "POST /x/v1/requests/{id}/decisions" }, "route"],
    [{ path: "/v1/requests/01arz3ndektsv4rrffq69g5fa/decisions" }, "route"],
    [{ principal: "111122223333:AIDALEAD:session" }, "caller"],
    [{ principal: "444455556666:AIDALEAD" }, "caller"],
  ])("does not witness it where it says %j", (change, wanted) => {
    expect(why(change)).toBe(wanted);
  });

  it("does not witness it where the call was refused, but for what a refusal leaves on record", () => {
    const refused = { ...line, status: 409 };
    const of = (kind: string) => unwitnessedBecause({ ...event, kind } as Event, routes, [refused]);
    expect(of("decision.approved")).toBe("refused");
    expect(of("decision.refused")).toBeUndefined();
    expect(of("request.recarded")).toBeUndefined();
    for (const status of [200, 503]) {
      const answered = [{ ...line, status }];
      expect(unwitnessedBecause(event, routes, answered), `${status}`).toBeUndefined();
    }
  });

  it("is not to be had of an event that names no call", () => {
    const { call: _none, ...rest } = event as Event & { call: string };
    expect(unwitnessedBecause(rest as Event, routes, [line])).toBe("no_call");
  });
});
