import { beforeEach, describe } from "vitest";
import { contractRates, limitsContract, refusalCountsContract } from "../kit/counts-contract.ts";
import { eventStoreContract } from "../kit/event-store-contract.ts";
import { marksContract, viewsContract } from "../kit/lists-contract.ts";
import { memoryLimits, memoryRefusalCounts } from "./memory-counts.ts";
import { memoryEvents } from "./memory-events.ts";
import { memoryMarks, memoryViews } from "./memory-lists.ts";
import { emptyTables } from "./tables.ts";

describe("the tables in memory", () => {
  let tables = emptyTables();
  beforeEach(() => {
    tables = emptyTables();
  });
  eventStoreContract(() => memoryEvents(tables, "arn"));
  viewsContract(() => memoryViews(tables));
  marksContract(() => memoryMarks(tables));
  limitsContract(() => memoryLimits(tables, contractRates));
  refusalCountsContract(() => memoryRefusalCounts(tables));
});
