import { startAccount } from "./emulator-account.ts";

/** An emulator in a process of its own, which a test can kill. Sends its parent where it answers. */
const { url, fleet } = await startAccount();
process.send?.({ url, fleet: { clusters: fleet.clusters } });
