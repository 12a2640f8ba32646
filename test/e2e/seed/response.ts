import { expect, it } from "vitest";
import type { ObservedGateway } from "../../kit/observed-gateway.ts";
import { arn } from "./arn.ts";

const other = arn(`task/demo/${"0".repeat(32)}`);
/** What ECS answers in place of the truth, and whether the gateway can end what it started. */
export const lies: { [field: string]: { merge: object; ends: boolean }[] } = {
  clusterArn: [{ merge: { clusterArn: arn("cluster/vault") }, ends: true }],
  containerArn: [
    { merge: { containerArn: arn("container/demo/0/0") }, ends: true },
    { merge: { containerArn: null }, ends: true },
  ],
  containerName: [{ merge: { containerName: "envoy" }, ends: true }],
  taskArn: [{ merge: { taskArn: other }, ends: true }],
  "session.sessionId": [
    { merge: { session: { sessionId: "" } }, ends: false },
    { merge: { session: { sessionId: null } }, ends: false },
    { merge: { session: null }, ends: false },
  ],
  "session.streamUrl": [{ merge: { session: { streamUrl: "" } }, ends: true }],
  "session.tokenValue": [{ merge: { session: { tokenValue: "" } }, ends: true }],
};
/** ECS's own word, which is not ours to judge: passed on as it is. */
export const unchanged = ["interactive"];

/** What ECS answers is handed over as it is, or not at all. `fields`: every one there is. */
export function responseIsHandedOver(here: () => ObservedGateway, fields: string[]): void {
  it("are ECS's values and nothing else, uncached, and delivered once", async () => {
    const body = here().atOnce();
    const { result, executed, events } = await here().during(() => here().execute(body));
    const task = here().taskOf("demo", "payments-api");
    const container = task.containers.find(({ name }) => name === "app");
    const call = here().lastExecuteCommand();
    expect([result.status, result.body], JSON.stringify(result.body)).toEqual([
      200,
      {
        clusterArn: arn("cluster/demo"),
        containerArn: container?.arn,
        containerName: "app",
        interactive: true,
        session: {
          sessionId: call?.sessionId,
          streamUrl: expect.stringContaining(here().gateway.emulator.gatewayUrl),
          tokenValue: here().tokens.at(-1),
        },
        taskArn: task.arn,
      },
    ]);
    const names = Object.entries(result.body as object).flatMap(([name, value]) =>
      typeof value === "object" && value !== null
        ? Object.keys(value).map((inner) => `${name}.${inner}`)
        : [name],
    );
    expect(names.toSorted()).toEqual(fields.toSorted());
    expect(result.headers["cache-control"]).toBe("no-store");
    expect([executed, events.map(({ kind }) => kind)]).toEqual([
      1,
      ["request.asked", "exec.intent", "session.opened"],
    ]);

    const again = await here().during(() => here().execute(body));
    expect([again.result.status, again.result.body.code]).toEqual([409, "session_already_opened"]);
    expect(again.result.body.sessionId).toBe(call?.sessionId);
    expect([again.executed, again.asked]).toEqual([0, []]);
    expect(here().tokenLeft()).toEqual([]);
  });

  const cases = Object.entries(lies).flatMap(([field, all]) =>
    all.map((lie) => [JSON.stringify(lie.merge), field, lie] as const),
  );
  it.each(cases)(
    "%s: another %s is no session for the caller",
    async (_, _field, { merge, ends }) => {
      const body = here().atOnce();
      here().gateway.emulator.fault(
        { operation: "ExecuteCommand", times: 1 },
        { kind: "lie", merge: merge as never },
      );
      const { result, executed, ended, events } = await here().during(() => here().execute(body));
      expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
        502,
        "exec_response_mismatch",
      ]);
      expect(result.body.hint).toMatch(/operates the gateway/);
      expect(result.body.session).toBeUndefined();
      expect([executed, ended]).toEqual([1, ends ? 1 : 0]);
      const last = events.at(-1);
      expect([last?.kind, last?.data.withheld]).toEqual(
        ends ? ["session.opened", "response_mismatch"] : ["exec.unknown", undefined],
      );
      const again = await here().during(() => here().execute(body));
      expect(again.result.status).toBeGreaterThanOrEqual(400);
      expect([again.executed, again.asked]).toEqual([0, []]);
      expect(here().tokenLeft()).toEqual([]);
    },
  );

  it("interactive is what ECS says of it", async () => {
    here().gateway.emulator.fault(
      { operation: "ExecuteCommand", times: 1 },
      { kind: "lie", merge: { interactive: false } },
    );
    const { status, body } = await here().execute(here().atOnce());
    expect([status, body.interactive]).toEqual([200, false]);
  });

  it("a token would be found, were it left", async () => {
    expect(here().tokens.length).toBeGreaterThan(0);
    here().answers.push(here().tokens[0] ?? "");
    expect(here().tokenLeft()).toEqual(["answer"]);
    here().answers.pop();
  });
}
