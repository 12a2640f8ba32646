import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { dynamoRefusalCounts } from "../../adapters/dynamodb-refusal-counts.ts";
import type { CountedRefusal } from "../../core/refusal-counts.ts";
import { NOW } from "../kit/build-request.ts";
import { engineHere, startEngine } from "../kit/engine.ts";
import { looked } from "../kit/looks.ts";

const refusal: CountedRefusal = {
  who: { kind: "person", id: "dev" },
  route: "createRequest",
  code: "rate_limited",
  equal: null,
};

/** How often a count is sent is for the SDK, Node's sockets and our settings together to say: so real ones. */
describe.skipIf(!engineHere)("a counted refusal", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** What stands before the engine: passes everything on, and resets the first connection that counted. */
  async function resettingFirst(
    engine: DynamoDBClient,
  ): Promise<{ url: string; sent(): string[] }> {
    const { hostname, port } = (await engine.config.endpoint?.()) ?? {};
    const sent: string[] = [];
    const server: Server = createServer((incoming, outgoing) => {
      const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
      sent.push(operation);
      const isLost = operation === "UpdateItem" && sent.length === 1;
      const { method, url, headers } = incoming;
      const passedOn = request({ hostname, port, method, path: url, headers }, (answer) => {
        if (isLost) {
          // It has been applied by now, and nobody is told.
          answer.resume().on("end", () => incoming.socket.resetAndDestroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(passedOn);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      sent: () => {
        looked("wire");
        return sent;
      },
    };
  }

  it("T76 is sent once where its answer is lost, and was counted once", async () => {
    const engine = await startEngine();
    const { url, sent } = await resettingFirst(engine.client);
    const client = new DynamoDBClient({
      endpoint: url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    closing.push(
      () => client.destroy(),
      () => engine.client.destroy(),
      () => engine.stop(),
    );
    const counts = dynamoRefusalCounts({ client, tableName: "state" });
    await expect(counts.count(refusal, NOW)).rejects.toMatchObject({ code: "limits_unavailable" });
    expect(sent()).toEqual(["UpdateItem"]);
    expect(await counts.of(NOW)).toEqual([{ ...refusal, times: 1 }]);
    expect(await counts.count(refusal, NOW)).toBe(2);
  });
});
