import type { FunctionName, Question } from "./forbidden-question.ts";
import type { IamRequest } from "./requests.ts";

const account = "111122223333";
export const ROLES = `arn:aws:iam::${account}:role/sallyport/`;
export const target = (name: "read" | "exec" | "end"): string => `${ROLES}sallyport-${name}`;
/** A role of the account with every right there is, which nobody may assume. */
export const ADMINISTRATOR = `arn:aws:iam::${account}:role/administrator`;
/** A role of the account that trusts whoever the account lets assume it. */
export const DEPLOYER = `arn:aws:iam::${account}:role/deployer`;

const sessionOf: { [F in FunctionName]: { [role in "read" | "exec" | "end"]?: string } } = {
  requests: { read: "sallyport-requests" },
  decide: { read: "sallyport-decide" },
  exec: {
    read: "sallyport-exec",
    exec: "req-01arz3ndektsv4rrffq69g5fav.1",
    end: "end-ecs-execute-command-1",
  },
  projector: {},
  sweeper: { read: "sallyport-sweeper", end: "end-sweeper" },
  watcher: { end: "end-watcher" },
};
export const tags = { cluster: "demo", task: "0123456789abcdef0123456789abcdef", container: "app" };

export const assuming = (
  role: string,
  session: string,
  more: { tags?: { [key: string]: string }; sourceIdentity?: string } = {},
  action = "AssumeRole",
): IamRequest => {
  const tagged =
    more.tags === undefined
      ? {}
      : {
          ...Object.fromEntries(
            Object.entries(more.tags).map(([name, value]) => [`aws:RequestTag/${name}`, value]),
          ),
          "aws:TagKeys": Object.keys(more.tags),
        };
  const named =
    more.sourceIdentity === undefined ? {} : { "sts:SourceIdentity": more.sourceIdentity };
  const context = {
    AssumeRole: { "sts:RoleSessionName": session, ...tagged, ...named },
    TagSession: tagged,
    SetSourceIdentity: named,
  }[action];
  return { action: `sts:${action}`, resource: role, context: context ?? {} };
};

/** Roles that are not a function's, and its own in another way than it assumes them. */
export function assumes(name: FunctionName): Question[] {
  const own = sessionOf[name];
  const right = { tags, sourceIdentity: "dev" };
  const foreign = (
    [
      ["read", "end-1"],
      ["exec", "req-1.1"],
      ["end", "end-1"],
      ["end", "end-watcher"],
    ] as const
  )
    .filter(([role]) => own[role] === undefined)
    .map(([role, session]) => ({
      what: `assumes sallyport-${role} as ${session}`,
      request: assuming(target(role), session, right),
    }));
  const anybodys = [DEPLOYER, ADMINISTRATOR, `${ROLES}sallyport-lambda-exec`].flatMap((role) =>
    ["AssumeRole", "TagSession", "SetSourceIdentity"].map((action) => ({
      what: `${action} on ${role}`,
      request: assuming(role, "req-1.1", right, action),
    })),
  );
  const elsewhere = (["read", "exec", "end"] as const).flatMap((role) => {
    const session = own[role];
    return session === undefined
      ? []
      : [
          {
            what: `assumes sallyport-${role} from outside the VPC`,
            request: assuming(target(role), session, role === "exec" ? right : {}),
            from: "elsewhere" as const,
          },
        ];
  });
  const named =
    own.end === undefined
      ? []
      : [
          {
            what: "assumes sallyport-end under another name",
            request: assuming(target("end"), "x"),
          },
        ];
  const toEnd =
    name === "watcher"
      ? ["end-task-1", "end-ecs-execute-command-1"].map((session) => ({
          what: `assumes sallyport-end as ${session}, which may end something`,
          request: assuming(target("end"), session),
        }))
      : [];
  if (name !== "exec") return [...foreign, ...anybodys, ...elsewhere, ...named, ...toEnd];

  const exec = target("exec");
  const session = own.exec ?? "";
  const wrongTags = [
    ...Object.keys(tags).map((left) => ({
      what: `without the tag ${left}`,
      tags: Object.fromEntries(Object.entries(tags).filter(([name]) => name !== left)),
    })),
    { what: "with a tag more", tags: { ...tags, admin: "true" } },
  ];
  return [
    ...foreign,
    ...anybodys,
    ...elsewhere,
    ...named,
    {
      what: "assumes sallyport-end to stop a task",
      request: assuming(target("end"), "end-task-1"),
    },
    { what: "assumes sallyport-exec under another name", request: assuming(exec, "x", right) },
    { what: "assumes sallyport-exec for nobody", request: assuming(exec, session, { tags }) },
    {
      what: "assumes sallyport-exec without tags",
      request: assuming(exec, session, { sourceIdentity: "dev" }),
    },
    ...wrongTags.flatMap(({ what, tags: wrong }) =>
      ["AssumeRole", "TagSession"].map((action) => ({
        what: `${action} of sallyport-exec ${what}`,
        request: assuming(exec, session, { tags: wrong, sourceIdentity: "dev" }, action),
      })),
    ),
    {
      what: "sets no source identity",
      request: assuming(exec, session, {}, "SetSourceIdentity"),
    },
  ];
}
