import { execTagKeys, execTags } from "../exec-tags.ts";
import { functionRoleName, ROLE_PATH, STOPS_TASK } from "../roles.ts";
import { type Guarded, isByRole, isOurAccount, LAST_RESORT, ours } from "./guarded.ts";
import type { History } from "./history.ts";
import { type Asked, claimOf, type SeenCall } from "./seen-call.ts";
import { differing, foreign, type Verdict } from "./verdict.ts";

type AskedRole = Asked & { name: "AssumeRole" };

/** Which functions may assume a role of a target account. */
const assumers = {
  "sallyport-read": ["requests", "decide", "exec", "sweeper"],
  "sallyport-exec": ["exec"],
  "sallyport-end": ["exec", "sweeper", "watcher"],
} as const;

/**
 * Compares an AssumeRole with who may make it and, of `sallyport-exec`, with the request it names. The role is
 * assumed before the intent is on record, and where somebody else was first there is none: so what it is compared
 * with is the request, and ExecuteCommand with the intent. A role of ours that nothing of ours assumes is told of,
 * whoever did.
 */
export function compareAssume(
  guarded: Guarded,
  call: SeenCall & { asked: AskedRole },
  history: History,
): Verdict {
  const { asked, caller, error, place } = call;
  const [, account = "", path, name = ""] =
    /^arn:[^:]+:iam::([0-9]{12}):role(\/.*\/|\/)([^/]+)$/.exec(asked.roleArn ?? "") ?? [];
  if (path !== ROLE_PATH) return { kind: "none" };
  // Whoever has an account can make roles of these names in it, and take them up as often as they like.
  if (!isOurAccount(guarded, account)) return foreign(error, false);
  if (name === LAST_RESORT) return error === null ? { kind: "last_resort" } : foreign(error, true);
  const service = serviceOf(name);
  if (service !== undefined) {
    return caller.service === service ? { kind: "none" } : foreign(error, true);
  }
  if (!Object.hasOwn(assumers, name)) return foreign(error, true);
  const may = assumers[name as keyof typeof assumers].map((one) =>
    ours(guarded, guarded.home, functionRoleName(one)),
  );
  if (!isByRole(guarded, place, caller, may)) return foreign(error, true);
  // One of ours that AWS refused has got nothing, and its function has told why.
  if (error !== null) return { kind: "none" };
  if (name === "sallyport-exec") return compareExecRole(asked, history);
  if (name !== "sallyport-end") return { kind: "none" };
  const mayStop = isByRole(guarded, place, caller, [
    ours(guarded, guarded.home, functionRoleName("sweeper")),
  ]);
  const named = asked.sessionName ?? "";
  const isNamed = named.startsWith("end-") && (mayStop || !named.startsWith(STOPS_TASK));
  return isNamed ? { kind: "none" } : foreign(error, true);
}

/** The service of AWS that alone assumes a role; undefined for one that functions of ours assume. */
function serviceOf(name: string): string | undefined {
  if (name.startsWith("sallyport-lambda-")) return "lambda.amazonaws.com";
  return name.startsWith("sallyport-forward-") ? "events.amazonaws.com" : undefined;
}

function compareExecRole(asked: AskedRole, history: History): Verdict {
  const claim = claimOf(asked.sessionName);
  const found =
    claim === undefined || history.kind === "absent"
      ? differing(claim, ["request"])
      : history.kind === "spoilt"
        ? differing(claim, ["record"])
        : compareRequest(asked, claim, history);
  return found ?? { kind: "none" };
}

function compareRequest(
  asked: AskedRole,
  claim: { request: string; attempt: number },
  { state, wasGranted }: History & { kind: "request" },
): Verdict | undefined {
  const { exec } = state;
  if (exec === undefined) return differing(claim, ["request"]);
  const { clusterArn, taskArn, container } = exec.target;
  const wanted = execTags({ clusterArn, taskArn: taskArn ?? "", container });
  // IAM lets nobody assume it without all three. Where CloudTrail does not tell them there is nothing to compare.
  const differs = (key: (typeof execTagKeys)[number]): boolean =>
    Object.hasOwn(asked.tags, key) && asked.tags[key] !== wanted[key];
  return differing(claim, [
    !wasGranted && "right",
    claim.attempt > state.attempts.length + 1 && "intent",
    asked.sourceIdentity !== state.requester.person && "person",
    differs("cluster") && "cluster",
    // Of a service or family, whichever was free.
    taskArn !== null && differs("task") && "task",
    differs("container") && "container",
  ]);
}
