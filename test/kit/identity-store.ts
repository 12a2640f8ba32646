import { createServer } from "node:http";
import { listenOnLoopback } from "../../emulator/loopback.ts";

/** IAM Identity Center as far as it is asked: it knows every user name, and everybody is in one group. */
export async function startIdentityStore(
  group: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const answers: { [operation: string]: object } = {
    GetUserId: { UserId: "u-1", IdentityStoreId: "d-1234567890" },
    ListGroupMembershipsForMember: { GroupMemberships: [{ GroupId: "g-1" }] },
    DescribeGroup: { GroupId: "g-1", DisplayName: group },
  };
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).replace("AWSIdentityStore.", "");
      const answer = answers[operation];
      response.writeHead(answer === undefined ? 400 : 200, {
        "content-type": "application/x-amz-json-1.1",
      });
      response.end(JSON.stringify(answer ?? { __type: "ValidationException" }));
    });
  });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
