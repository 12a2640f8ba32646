import { describe, expect, it } from "vitest";
import type { RequestView } from "../../api/response-schemas.ts";
import { whyCut } from "../../cli/why-cut.ts";
import { lockView } from "./lock-of-anybody.ts";

type Session = RequestView["sessions"][number];
const session: Session = {
  attempt: 1,
  state: "opened",
  sessionId: "s",
  taskArn: "",
  container: "app",
  at: "2026-01-01T12:00:00.000Z",
};
const ended = (cause: NonNullable<Session["end"]>["cause"]): Session => ({
  ...session,
  state: "ended",
  end: { at: session.at, cause, strength: "ssm-status" },
});
const EXPIRES = 1_000;
const lock = lockView({
  id: "01lock",
  subject: { kind: "service", id: "payments-api" },
  reason: "a leak",
});
const requester = { person: "dev", name: "Dana" };
const why = (
  one: Session,
  status: RequestView["status"] = "approved",
  now = 0,
  outcome?: RequestView["outcome"],
) => whyCut({ requester, status, sessions: [one], ...(outcome && { outcome }) }, "s", EXPIRES, now);

describe("why a session was cut", () => {
  it.each([
    ["its command exited", why(ended("by_itself"), "closed", EXPIRES)],
    ["nothing on record says so", why(session)],
    [
      "its command exited, whatever is locked since",
      whyCut({ requester, status: "closed", sessions: [ended("by_itself")] }, "s", EXPIRES, 0, [
        lock,
      ]),
    ],
    ["it is another's end", why({ ...ended("expired"), sessionId: "other" })],
  ])("is nothing where %s", (_, cut) => {
    expect(cut).toBeUndefined();
  });

  it.each([
    ["its end is on record", why(ended("expired"), "closed"), "its time was over"],
    [
      "its time is over and its end not on record yet",
      why(session, "approved", EXPIRES),
      "its time was over",
    ],
    ["it was revoked", why(session, "revoked"), "it was revoked"],
    [
      "it was revoked with a word",
      why(session, "revoked", 0, { code: "revoked", detail: "not on Fridays", at: session.at }),
      "it was revoked: not on Fridays",
    ],
    ["its request was withdrawn", why(session, "cancelled"), "its request was withdrawn"],
    ["somebody asked", why(ended("asked")), "somebody asked for its end"],
    [
      "its service was locked",
      whyCut({ requester, status: "closed", sessions: [ended("locked")] }, "s", EXPIRES, 0, [lock]),
      "service payments-api was locked: a leak",
    ],
    ["it was locked, and is not any more", why(ended("locked")), "it was locked"],
    [
      "it is locked, and its end is not on record yet",
      whyCut({ requester, status: "approved", sessions: [session] }, "s", EXPIRES, 0, [lock]),
      "service payments-api was locked: a leak",
    ],
    [
      "the right was lost",
      why(ended("right_lost")),
      "the rules or the directory no longer let you be in it",
    ],
  ])("is said where %s", (_, cut, text) => {
    expect(cut?.why).toBe(text);
  });

  it("names the very lock that cut it, and none that stands besides or has been unlocked", () => {
    const other = { ...lock, id: "02lock", reason: "another" };
    const end = { at: session.at, cause: "locked" as const, strength: "ssm-status" as const };
    const by = (id: string) => {
      const sessions = [{ ...session, end: { ...end, lock: id } }];
      return whyCut({ requester, status: "closed", sessions }, "s", EXPIRES, 0, [other, lock]);
    };
    expect(by("01lock")).toEqual({ why: "service payments-api was locked: a leak", lock });
    expect(by("gone")).toEqual({ why: "it was locked" });
  });

  it("is no lock on whoever agreed to it: what is open goes on under one", () => {
    const on = (id: string) => [{ ...lock, subject: { kind: "person" as const, id } }];
    const open = { requester, status: "approved" as const, sessions: [session] };
    expect(whyCut(open, "s", EXPIRES, 0, on("lead"))).toBeUndefined();
    expect(whyCut(open, "s", EXPIRES, 0, on("dev"))?.why).toBe("person dev was locked: a leak");
  });
});
