import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { textsOf } from "./model/sets.ts";
import type { Path } from "./paths.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
const USE = "0a1b2c3d-0000-4000-9000-000000000001";
const reason = "the queue of payments stands";

/** An open shell: its rule takes a lead and sre, and allows an hour. */
async function shell(w: World): Promise<string> {
  const asked = await w.ask("dev", { command: "/bin/sh", durationMinutes: 20, reason });
  const { id } = asked.body;
  await w.approve("lead", id);
  await w.approve("sre", id);
  await w.open("dev", id);
  return id;
}

const sessionOf = (w: World): string => w.aws.sessions.at(-1)?.sessionId ?? "";
const keyed = (key: string) => ({ "idempotency-key": key });
const setLock = (w: World, key = "key-of-lock") =>
  w.call(
    "sre",
    "POST",
    "/v1/locks",
    { subject: { kind: "person", id: "dev" }, reason },
    keyed(key),
  );
const locked = async (w: World): Promise<string> => (await setLock(w)).body.id;
const breakGlass = (w: World) =>
  w.call(
    "sre",
    "POST",
    "/v1/break-glass",
    {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/sh",
      reason,
    },
    keyed("key-of-glass"),
  );
const extend = (w: World, id: string) =>
  w.call(
    "dev",
    "POST",
    `/v1/requests/${id}/extensions`,
    { minutes: 10, reason },
    keyed("key-of-more"),
  );
const agreeToMore = async (w: World, who: "lead" | "sre", id: string) => {
  const { body } = await w.call(who, "GET", `/v1/requests/${id}`);
  const digest = body.extensions?.at(-1)?.digest;
  const decision = { decision: "approve", digest };
  return await w.call(who, "POST", `/v1/requests/${id}/decisions`, decision, keyed(`more-${who}`));
};

/** Paths of what stops, replaces, lengthens, and needs nobody. */
export const morePaths: Path[] = [
  { name: "lock a person who is in a shell", prepare: shell, act: (w) => setLock(w) },
  {
    name: "sweep: somebody was locked",
    prepare: async (w) => {
      const id = await shell(w);
      await w.sweep();
      await setLock(w);
      return id;
    },
    act: async (w) => {
      await w.sweep();
      return undefined;
    },
  },
  {
    name: "unlock, the first",
    prepare: locked,
    act: (w, id) => w.call("sre", "DELETE", `/v1/locks/${id}`),
  },
  {
    name: "unlock, the second",
    prepare: async (w) => {
      const id = await locked(w);
      await w.call("sre", "DELETE", `/v1/locks/${id}`);
      return id;
    },
    act: (w, id) => w.call("lead", "DELETE", `/v1/locks/${id}`),
  },
  {
    name: "terminate",
    prepare: shell,
    act: (w) =>
      w.call("dev", "POST", `/v1/sessions/${sessionOf(w)}/terminate`, {}, keyed("key-of-end")),
  },
  {
    name: "end what was asked to end, woken by the stream",
    prepare: async (w) => {
      const id = await shell(w);
      await w.call("dev", "POST", `/v1/sessions/${sessionOf(w)}/terminate`, {});
      return id;
    },
    act: async (w, id) => {
      await w.wake(id);
      return undefined;
    },
  },
  {
    name: "replace a shell that was lost",
    prepare: shell,
    act: (w, id) =>
      w.call("dev", "POST", `/v1/requests/${id}/sessions`, {
        replace: w.aws.sessions[0]?.sessionId,
      }),
  },
  { name: "break the glass", prepare: async () => "", act: (w) => breakGlass(w) },
  {
    name: "open what was broken open",
    prepare: async (w) => (await breakGlass(w)).body.id,
    act: (w, id) => w.open("sre", id),
  },
  {
    name: "sweep: who broke the glass was locked",
    prepare: async (w) => {
      const { id } = (await breakGlass(w)).body;
      await w.open("sre", id);
      await w.sweep();
      const subject = { kind: "person", id: "sre" };
      await w.call("lead", "POST", "/v1/locks", { subject, reason });
      return id;
    },
    act: async (w) => {
      await w.sweep();
      return undefined;
    },
  },
  {
    name: "review",
    prepare: async (w) => {
      const { id } = (await breakGlass(w)).body;
      await w.revoke("lead", id);
      return id;
    },
    act: (w, id) =>
      w.call(
        "lead",
        "POST",
        `/v1/requests/${id}/review`,
        { verdict: "justified", comment: "it had stopped" },
        keyed("key-of-review"),
      ),
  },
  {
    name: "review of the last resort",
    prepare: async (w) => {
      const at = trailTime(w.clock.now());
      await w.watch(delivery("assume-last-resort", { sessionName: "somebody", at, id: USE }));
      w.clock.advance(46 * MINUTE);
      return USE;
    },
    act: (w, id) =>
      w.call(
        "lead",
        "POST",
        `/v1/last-resort/${id}/review`,
        { verdict: "justified", comment: "the gateway was down" },
        keyed("key-of-review"),
      ),
  },
  { name: "ask for more time", prepare: shell, act: extend },
  {
    name: "agree to more time",
    prepare: async (w) => {
      const id = await shell(w);
      await extend(w, id);
      await agreeToMore(w, "lead", id);
      return id;
    },
    act: (w, id) => agreeToMore(w, "sre", id),
  },
  {
    name: "sweep: the rules changed",
    prepare: async (w) => {
      const id = await shell(w);
      await w.sweep();
      const set = { ...textsOf("frozen", true), reason };
      const { request } = (await w.call("operator", "POST", "/v1/activations", set)).body;
      await w.approve("sre", request.id);
      return id;
    },
    act: async (w) => {
      await w.sweep();
      return undefined;
    },
  },
  {
    name: "sweep: nobody joined",
    prepare: async (w) => {
      const id = await shell(w);
      await w.sweep();
      w.clock.advance(3 * MINUTE);
      return id;
    },
    act: async (w) => {
      await w.sweep();
      return undefined;
    },
  },
];
