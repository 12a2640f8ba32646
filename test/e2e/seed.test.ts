import { readFileSync } from "node:fs";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { Reference } from "../../tools/check-seed.ts";
import { engineHere } from "../kit/engine.ts";
import { type ObservedGateway, startObservedGateway } from "../kit/observed-gateway.ts";
import { wholeRecord } from "../kit/record.ts";
import { commonCases, errorCases, errorsReachTheCaller } from "./seed/errors.ts";
import { requestFields } from "./seed/request.ts";
import { lies, responseIsHandedOver, unchanged } from "./seed/response.ts";

/** Every name of the ExecuteCommand reference: tools/check-seed.ts holds it to AWS's text. */
const reference: Reference = JSON.parse(
  readFileSync(new URL("../fixtures/execute-command-reference.json", import.meta.url), "utf8"),
);

describe.skipIf(!engineHere)("the ExecuteCommand reference, through the gateway", () => {
  let observed: ObservedGateway | undefined;
  const here = (): ObservedGateway => {
    if (observed === undefined) throw new Error("not started");
    return observed;
  };
  const fields = requestFields(here);
  beforeAll(async () => {
    observed = await startObservedGateway();
  });
  afterEach(async () => {
    here().gateway.emulator.clearFaults();
    here().assumesFor = undefined;
    await here().gateway.endAll();
  });
  afterAll(async () => {
    await observed?.gateway.close();
  });

  it("has a case for each name, and none for another", () => {
    const sorted = (names: string[]) => names.toSorted();
    expect(sorted(Object.keys(fields))).toEqual(sorted(reference.request));
    expect(sorted([...Object.keys(lies), ...unchanged])).toEqual(sorted(reference.response));
    expect(sorted(Object.keys(errorCases))).toEqual(sorted(Object.keys(reference.errors)));
    expect(sorted(Object.keys(commonCases))).toEqual(sorted(Object.keys(reference.commonErrors)));
  });

  describe("errors", () => {
    errorsReachTheCaller(here, { ...reference.errors, ...reference.commonErrors });
  });

  describe("response fields", () => {
    responseIsHandedOver(here, reference.response);
  });

  describe("request fields", () => {
    describe.each(reference.request)("%s", (name) => fields[name]?.());

    it("are all there are, but for what a request needs besides", async () => {
      await here().refused(
        { ...here().waits(), service: "reports" },
        { status: 400, code: "body_invalid" },
      );
      const { reason: _, ...body } = here().waits();
      const wanted = { status: 400, code: "body_invalid", pointer: "/reason" };
      expect((await here().refused(body, wanted)).issues).toHaveLength(1);
    });
  });

  it("leaves a record that verifies, holds what was written and nothing else, and no token in any table", async () => {
    const stored = await wholeRecord(here().gateway.events);
    expect(verifyChains(stored).problems).toEqual([]);
    const leaves = (events: StoredEvent[]) => events.map(({ leaf }) => leaf).toSorted();
    expect(leaves(stored)).toEqual(leaves(here().written));
    for (const TableName of ["events", "views"]) {
      let from: Record<string, never> | undefined;
      do {
        const page = await here().gateway.dynamodb.send(
          new ScanCommand({
            TableName,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        const text = JSON.stringify(page.Items ?? []);
        expect(here().tokens.filter((token) => text.includes(token))).toEqual([]);
        from = page.LastEvaluatedKey as typeof from;
      } while (from !== undefined);
    }
  });
});
