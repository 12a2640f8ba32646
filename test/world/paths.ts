import { rulesHere } from "../../local/rules-here.ts";
import { morePaths } from "./more-paths.ts";
import type { Answered, World } from "./world.ts";

const MINUTE = 60_000;

/** One thing that is done through the gateway, to be done again with something broken in it. */
export interface Path {
  name: string;
  /** On a table where no rules were activated yet. */
  bare?: true;
  /** What has to be there before; answers the request it is about. */
  prepare(w: World): Promise<string>;
  /** What the client, the clock or the stream does. The same again is a repeat. */
  act(w: World, id: string): Promise<Answered | undefined>;
}

const nothing = async (): Promise<string> => "";
const asked = async (w: World): Promise<string> => (await w.ask()).body.id;
const approved = async (w: World): Promise<string> => {
  const id = await asked(w);
  await w.approve("lead", id);
  return id;
};
const live = async (w: World): Promise<string> => {
  const id = await approved(w);
  await w.open("dev", id);
  return id;
};
const silent =
  (does: (w: World, id: string) => Promise<unknown>): Path["act"] =>
  async (w, id) => {
    await does(w, id);
    return undefined;
  };

const activate = (w: World, key: string, more: object = {}) => {
  const set = { ...rulesHere(), ...more, reason: "the rules" };
  return w.call("operator", "POST", "/v1/activations", set, { "idempotency-key": key });
};

/** Every path whose operations are broken one by one. A new one is an entry here, and nothing else. */
export const paths: Path[] = [
  { name: "ask", prepare: nothing, act: (w) => w.ask("dev", {}, "key-of-ask") },
  {
    name: "ask, refused by a rule",
    prepare: nothing,
    act: (w) => w.ask("dev", { durationMinutes: 900 }, "key-of-refused"),
  },
  {
    name: "ask in AWS's shape, opened at once",
    prepare: nothing,
    act: (w) =>
      w.call("dev", "POST", "/v1/execute-command", {
        cluster: "demo",
        task: w.aws.fleet.tasks.find(({ service }) => service === "payments-api")?.taskArn,
        container: "app",
        command: "/bin/date",
        interactive: true,
        reason: "a look",
      }),
  },
  {
    name: "activate the first rules",
    bare: true,
    prepare: nothing,
    act: (w) => activate(w, "key-of-the-first"),
  },
  {
    name: "propose new rules",
    prepare: nothing,
    act: (w) => activate(w, "key-of-the-next", { evenIfActive: true }),
  },
  {
    name: "agree to new rules",
    prepare: async (w) =>
      (await activate(w, "key-of-the-next", { evenIfActive: true })).body.request.id,
    act: (w, id) => w.approve("sre", id, "key-of-agreement"),
  },
  { name: "approve", prepare: asked, act: (w, id) => w.approve("lead", id, "key-of-approval") },
  { name: "deny", prepare: asked, act: (w, id) => w.deny("lead", id) },
  { name: "open", prepare: approved, act: (w, id) => w.open("dev", id) },
  {
    name: "open, of a named task",
    prepare: async (w) => {
      const task = w.aws.fleet.tasks.find(({ service }) => service === "reports")?.taskArn;
      const { body } = await w.ask("dev", { target: { cluster: "demo", task } });
      await w.approve("lead", body.id);
      return body.id;
    },
    act: (w, id) => w.open("dev", id),
  },
  { name: "open, refused", prepare: asked, act: (w, id) => w.open("dev", id) },
  { name: "cancel", prepare: live, act: (w, id) => w.cancel("dev", id) },
  { name: "revoke", prepare: live, act: (w, id) => w.revoke("lead", id, "key-of-revoke") },
  {
    name: "end what was revoked, woken by the stream",
    prepare: async (w) => {
      const id = await live(w);
      await w.revoke("lead", id);
      return id;
    },
    act: silent((w, id) => w.wake(id)),
  },
  {
    name: "sweep: a grant is over",
    prepare: async (w) => {
      const id = await live(w);
      w.clock.advance(29 * MINUTE);
      await w.sweep();
      w.clock.advance(2 * MINUTE);
      return id;
    },
    act: silent((w) => w.sweep()),
  },
  {
    name: "sweep: nobody decided",
    prepare: async (w) => {
      const id = await asked(w);
      w.clock.advance(239 * MINUTE);
      await w.sweep();
      w.clock.advance(2 * MINUTE);
      return id;
    },
    act: silent((w) => w.sweep()),
  },
  {
    name: "sweep: an open of unknown outcome",
    prepare: async (w) => {
      const id = await approved(w);
      w.intercept = async (call, next) => {
        const { op } = call;
        if (op !== "execRole.executeCommand") return await next();
        w.journal.push({ what: "fault", at: w.clock.now(), op, mode: "applied" });
        await next();
        return { kind: "unknown", why: "lost" };
      };
      await w.open("dev", id);
      w.intercept = (_, next) => next();
      w.clock.advance(2 * MINUTE);
      return id;
    },
    act: silent((w) => w.sweep()),
  },
  {
    name: "sweep: a session that ended by itself",
    prepare: async (w) => {
      const id = await live(w);
      const [session] = w.aws.running();
      w.aws.exits(session?.sessionId ?? "");
      return id;
    },
    act: silent((w) => w.sweep()),
  },
  {
    name: "list after asking",
    prepare: asked,
    act: async (w, id) => {
      await w.project(id);
      return await w.call("dev", "GET", `/v1/requests?atLeast=${id}:1`);
    },
  },
  {
    name: "read by the right of audit",
    prepare: asked,
    act: (w, id) => w.call("auditor", "GET", `/v1/requests/${id}`),
  },
  ...morePaths,
];
