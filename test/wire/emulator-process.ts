import { startAccount } from "./emulator-account.ts";

/** An emulator in a process of its own, which a test can kill. Sends its parent where it answers. */
const emulator = await startAccount();
process.send?.({
  url: emulator.url,
  task: emulator.fleet.clusters[0]?.tasks.find(({ service }) => service === "web")?.arn,
});
