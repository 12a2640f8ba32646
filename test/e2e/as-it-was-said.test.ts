import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quoteWords } from "../../core/command-words.ts";
import { readEvent } from "../../core/event.ts";
import { engineHere } from "../kit/engine.ts";
import { actorOf, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { commandLine, processesWith, until } from "../kit/processes.ts";
import { grownBy } from "../kit/record.ts";
import { approvedSleep, openSleep } from "../kit/sleeping-command.ts";

/** Who asked, and for which command: from the call to the record, the wire and the process. */
describe.skipIf(!engineHere)("what was said", () => {
  let gateway: TestGateway;
  let folder: string;
  beforeAll(async () => {
    gateway = await startTestGateway();
    folder = mkdtempSync(join(tmpdir(), "sallyport-said-"));
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const executed = () =>
    gateway.emulator.calls.filter(({ operation }) => operation === "ExecuteCommand");
  const wish = {
    target: { cluster: "demo", service: "reports", container: "app" },
    command: "/bin/uname -r",
    reason: "which kernel",
  };

  it("T26 by headers that claim another is on record as said by who signed", async () => {
    const claims = {
      "x-amzn-user": "lead",
      "x-forwarded-user": "lead",
      "x-amzn-iam-user-id": "AIDALEAD000000000003",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIALEAD/20261124/us-east-1/execute-api/aws4_request",
    };
    const { result, added } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", "/v1/requests", wish, claims),
    );
    expect(result.status, JSON.stringify(result.body)).toBe(201);
    expect(added.map(readEvent)).toMatchObject([
      { kind: "request.asked", actor: actorOf("dev"), data: { requester: { person: "dev" } } },
    ]);
    // Nor does the person whom they name agree by them.
    const { id, digest } = result.body;
    const agreeing = await grownBy(gateway.events, () =>
      gateway.as("dev")(
        "POST",
        `/v1/requests/${id}/decisions`,
        { decision: "approve", digest },
        claims,
      ),
    );
    expect([agreeing.result.body.code, agreeing.grown]).toEqual([
      "self_approval",
      ["REFUSED:decision.refused"],
    ]);
  });

  it.each(["person", "actor", "requester", "principal"])(
    "T26 in a body's own %s is refused, and leaves nothing",
    async (member) => {
      const { result, grown } = await grownBy(gateway.events, () =>
        gateway.as("dev")("POST", "/v1/requests", { ...wish, [member]: "lead" }),
      );
      expect([result.status, result.body.code, grown]).toEqual([400, "body_invalid", []]);
    },
  );

  it("T55 in quotes, `$()` and line ends arrives as it is, and no shell sees it", async () => {
    const file = join(folder, "touched");
    const odd = [
      `$(touch ${file})`,
      `\`touch ${file}\``,
      `; touch ${file}`,
      `it's "quoted"`,
      "two\nlines",
      "-rf",
      "#no comment",
    ];
    const command = (mark: string) => quoteWords(["/bin/sh", "-c", `sleep ${mark}`, ...odd]);
    const { id, mark } = await approvedSleep(gateway, { command });
    await openSleep(gateway, id);
    expect(executed().at(-1)?.input["command"]).toBe(command(mark));
    const [asked] = (await gateway.events.load(`REQ#${id}`)).map(readEvent);
    expect(asked?.values).toMatchObject({
      command: command(mark),
      argv: ["/bin/sh", "-c", `sleep ${mark}`, ...odd],
    });
    const line = () => processesWith(mark).map(commandLine);
    expect(await until(() => line().some((words) => words.includes(odd.join(" "))), 5_000)).toBe(
      true,
    );
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["a quote that is left open", '/bin/echo "a'],
    ["a NUL", "/bin/echo a\0b"],
    ["half a character", "/bin/echo \uD800"],
    ["nothing but a comment", "# /bin/date"],
  ])("T55 with %s is refused, and reaches neither the record nor ECS", async (_, command) => {
    const before = executed().length;
    const { result, grown } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", "/v1/requests", { ...wish, command }),
    );
    expect([result.status, grown]).toEqual([400, []]);
    expect(executed()).toHaveLength(before);
  });
});
