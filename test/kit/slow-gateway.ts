/**
 * The local gateway with a slow record: that a session was opened takes its time to be stored, and is announced on
 * standard error. Takes the words of `sallyport local`, and prints the same line.
 */
import { parseArgs } from "node:util";
import { startLocalGateway } from "../../local/gateway.ts";

/** So long that a moment of chance falls into it. */
const SLOW_MS = 250;

const { values } = parseArgs({
  options: { port: { type: "string" }, state: { type: "string" }, json: { type: "boolean" } },
});
const { api, pid } = await startLocalGateway({
  port: Number(values.port ?? 0),
  stateDir: values.state ?? "",
  wrap: {
    exec: (ports) => ({
      ...ports,
      events: {
        ...ports.events,
        async append(events, fences) {
          if (events.some((event) => event.leaf.includes('"session.opened"'))) {
            process.stderr.write("about to store that a session was opened\n");
            await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
          }
          return await ports.events.append(events, fences);
        },
      },
    }),
  },
});
process.stdout.write(`${JSON.stringify({ api, pid })}\n`);
