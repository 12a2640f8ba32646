import { describe, expect, it } from "vitest";
import type { LockView } from "../../../api/response-schemas.ts";
import { commandLine, UNSEEN } from "../command-line.ts";
import { lockView } from "../lock-of-anybody.ts";

const lock = lockView();
const answering = (more: Partial<LockView> = {}, items: LockView[] = [lock]) =>
  commandLine(({ method }) => ({
    body: method === "GET" ? { items, asOf: "" } : { ...lock, ...more },
  }));

describe("lock", () => {
  it("locks at once, and says who can end it and how", async () => {
    const { run, sent } = answering();
    const words = ["person", "dev", "--reason", "a stolen laptop", "--for", "2h"];
    const { exitCode, stdout, stderr } = await run("lock", ...words);
    expect(exitCode).toBe(0);
    expect(sent).toEqual([
      {
        method: "POST",
        path: "/v1/locks",
        body: {
          subject: { kind: "person", id: "dev" },
          reason: "a stolen laptop",
          durationMinutes: 120,
        },
      },
    ]);
    expect(stdout).toContain(`locked as ${lock.id}: person dev: a stolen laptop`);
    expect(stdout).toContain("two of these unlock it: lead, sre");
    expect(stderr).toContain(`unlock ${lock.id}`);
  });

  it("warns of one on nothing, and says how to take it back", async () => {
    const { run } = answering({ warning: "ECS has no service paymnts-api in demo" });
    const { exitCode, stdout } = await run("lock", "service", "demo/paymnts-api", "--reason", "x");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/stops nothing now: ECS has no service paymnts-api in demo; .*unlock /);
  });

  it("is set even where two persons cannot end it, and names what can", async () => {
    const { run } = answering({ mayUnlock: ["lead"] });
    const { exitCode, stdout } = await run("lock", "group", "sre", "--reason", "x");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("only lead may unlock it, and it takes two: another may once");
    expect(stdout).toContain("`policy activate` puts rules or a directory in force");
    const { run: runShort } = answering({ mayUnlock: [], expiresAt: "NOON" });
    const ends = await runShort("lock", "group", "sre", "--reason", "x", "--for", "1h");
    expect(ends.stdout).toContain("nobody may unlock it: it ends at NOON, and another may once");
  });

  it("names whoever else may unlock it, by another word than the directory's", async () => {
    const groups = ["sre", "leads"];
    const also = { alsoMayUnlock: { groups, by: ["identity-center" as const] } };
    const { run } = answering({ mayUnlock: ["lead"], ...also });
    const { stdout } = await run("lock", "group", "bots", "--reason", "x");
    expect(stdout).toContain(
      "two of these unlock it: lead, whoever IAM Identity Center says is in sre or leads\n",
    );
    const release = { person: "lead", at: "NOW" };
    const asked = await answering({ release, mayUnlock: ["lead"], ...also }).run("unlock", lock.id);
    expect(asked.stdout).toContain("one of these ends it: whoever IAM Identity Center says");
  });

  it.each([
    [["lock", "persons", "dev", "--reason", "x"], "nothing of that kind is locked: persons"],
    [["lock", "person", "dev"], "--reason"],
    [["lock", "person", "dev", "--reason", " "], "--reason is empty"],
    [["lock", "person", "dev", "--reason", "x", "--for", "90s"], "whole minutes"],
  ])("sends nothing for %j", async (argv, said) => {
    const { run, sent } = answering();
    const { exitCode, stderr } = await run(...argv);
    expect([exitCode, sent]).toEqual([2, []]);
    expect(stderr).toContain(said);
  });
});

describe("unlock", () => {
  it("says that it takes a second person, and which", async () => {
    const release = { person: "lead", at: lock.at };
    const { run, sent } = answering({ release });
    const { exitCode, stdout } = await run("unlock", "8atqnw", "--reason", "it was found");
    expect(exitCode).toBe(0);
    expect(sent.at(-1)).toEqual({
      method: "DELETE",
      path: `/v1/locks/${lock.id}`,
      body: { comment: "it was found" },
    });
    expect(stdout).toContain("still stands");
    expect(stdout).toContain("lead has asked to unlock it; one of these ends it: sre");
  });

  it("where nobody else may says so, and the way out", async () => {
    const release = { person: "lead", at: lock.at };
    const alone = await answering({ release, mayUnlock: ["lead"] }).run("unlock", lock.id);
    expect(alone.stdout).toContain(
      "lead has asked to unlock it, and nobody else may: another may once",
    );
    expect(alone.stdout).toContain("`policy activate`");
    expect(alone.stdout).not.toContain("one of these ends it");
    const gone = await answering({ release, mayUnlock: ["sam", "sre"] }).run("unlock", lock.id);
    expect(gone.stdout).toContain("two of these unlock it: sam, sre");
  });

  it("says when it is done", async () => {
    const { stdout } = await answering({ stands: false }).run("unlock", lock.id);
    expect(stdout).toContain("unlocked: person dev: a stolen laptop");
  });

  it("takes no end that is of none or of several", async () => {
    const { run, sent } = answering({}, [lock, { ...lock, id: `0${lock.id.slice(1)}` }]);
    expect((await run("unlock", "8atqnw")).stderr).toContain("several locks end in 8atqnw");
    expect((await run("unlock", "zzz")).stderr).toContain("no lock that you may see ends in zzz");
    expect(sent.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });
});

describe("locks", () => {
  it("lists what stands, with nothing of a reason that a terminal would act on", async () => {
    const reason = "a\u001b[2Jb\u202ec";
    const { stdout } = await answering({}, [{ ...lock, reason }]).run("locks");
    expect(stdout).toContain(lock.id);
    expect(stdout).not.toMatch(UNSEEN);
  });

  it("are JSON as they came", async () => {
    const { stdout } = await answering().run("locks", "--json");
    expect(JSON.parse(stdout)).toEqual({ items: [lock], asOf: "" });
  });
});

describe("a command that a lock stops", () => {
  const refused = (mayUnlock: string[]) =>
    commandLine(() => ({
      status: 423,
      contentType: "application/problem+json",
      body: {
        type: "urn:sallyport:problem:locked",
        title: "Locked",
        status: 423,
        detail: "person dev is locked",
        code: "locked",
        retryable: false,
        hint: `two persons of these unlock it, each with \`sallyport unlock ${lock.id}\`: lead, sre`,
        mayUnlock,
      },
    })).run("locks");

  it("hints at what others type as themselves, and not as the one who may not", async () => {
    const { stderr } = await refused(["lead", "sre"]);
    expect(stderr).toMatch(/`sallyport --as NAME --state \S+ unlock \w{26}`: lead, sre/);
    expect(stderr).not.toContain("--as dev");
  });

  it("hints at what this person types where they are among those who may", async () => {
    expect((await refused(["dev", "lead"])).stderr).toMatch(/`sallyport --as dev --state \S+ unl/);
  });
});
