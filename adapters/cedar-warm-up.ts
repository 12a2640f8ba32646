import type { Configuration, PolicyEngine, Question } from "../core/policy-engine.ts";

/**
 * Has the engine read and judge a small set of rules. Its WebAssembly is compiled function by function, each at its
 * first call: without this, whoever asks first of a new process waits for that, some tenths of a second. Lambda gives
 * a starting process more of a processor than one that answers.
 *
 * Throws Error when the engine does not judge these as they are written: a process with such an engine must not begin.
 */
export function warmUp(policy: PolicyEngine): void {
  const judged = [asked("app"), asked("vault")].map((question) => {
    const mayAsk = policy.mayAskThere(configuration, question.principal, question.resource);
    return `${policy.judge(configuration, question).kind} ${mayAsk}`;
  });
  const [allowed, forbidden] = ["permit true", "deny false"];
  if (judged[0] === allowed && judged[1] === forbidden) return;
  throw new Error(`the policy engine judges wrongly: ${judged.join(", ")}`);
}

function asked(name: string): Question & { resource: { kind: "service" } } {
  const clusterArn = "arn:aws:ecs:us-east-1:000000000000:cluster/warm";
  return {
    principal: { kind: "person", id: "warm", groups: ["a", "b"] },
    action: "exec",
    resource: {
      kind: "service",
      id: `arn:aws:ecs:us-east-1:000000000000:service/warm/${name}`,
      name,
      clusterArn,
      clusterName: "warm",
      account: "000000000000",
      region: "us-east-1",
      tags: { team: "a" },
    },
    facts: {
      argc: 2,
      a: { "0": "/bin/ls", "1": "-l" },
      line: '["/bin/ls","-l"]',
      argv0: "/bin/ls",
      shell: false,
      has_ticket: true,
    },
  };
}

/** Of what rules are made of, each a little: sets, tags, groups, patterns, words by position. */
const configuration: Configuration = {
  seq: 0,
  hash: "warm-up",
  directory: { version: 1, groups: ["a", "b"], persons: [], programs: [] },
  schema: `namespace Sallyport {
  entity Group;
  entity Person in [Group] { groups: Set<String>, program: Bool };
  entity Account;
  entity Cluster in [Account];
  entity Service, Family in [Cluster] {
    name: String, cluster: String, clusterArn: String, account: String, region: String,
  } tags String;
  entity Gateway;
  type Command = {
    line: String, argc: Long, argv0: String, shell: Bool, has_ticket: Bool, a: { "0"?: String, "1"?: String },
  };
  action exec appliesTo { principal: [Person], resource: [Service, Family], context: Command };
  action approve, revoke, read, audit appliesTo {
    principal: [Person], resource: [Service, Family, Gateway], context: {},
  };
  action terminate, stopTask appliesTo { principal: [Person], resource: [Service, Family], context: {} };
  action activate, lock appliesTo { principal: [Person], resource: [Gateway], context: {} };
}`,
  policies: `
@id("exact")
@approvals("none")
@max_duration("30m")
permit (
  principal in Sallyport::Group::"a",
  action == Sallyport::Action::"exec",
  resource
)
when { ["[\\"/bin/ls\\",\\"-l\\"]", "[\\"/bin/date\\"]"].contains(context.line) };

@id("of-the-team")
@approvals("{team}:1, b:1")
@max_duration("1h")
@max_sessions("1")
@request_ttl("4h")
permit (
  principal,
  action == Sallyport::Action::"exec",
  resource in Sallyport::Account::"000000000000"
)
when {
  resource.hasTag("team") && principal.groups.contains(resource.getTag("team")) &&
  !principal.program && context.argc <= 3 && context.argv0 like "/bin/*" &&
  (context.a has "1" && context.a["1"] != "-x" || context.shell)
}
unless { principal.groups.containsAll(["c", "d"]) };

@id("closed")
forbid (
  principal,
  action in [Sallyport::Action::"exec", Sallyport::Action::"approve"],
  resource is Sallyport::Service
)
when { resource.name == "vault" }
unless { principal.groups.containsAny(["c", "d"]) };

@id("emergency")
@break_glass
@approvals("none")
@max_duration("30m")
@max_per_day("3")
@review_within("24h")
permit (
  principal in Sallyport::Group::"b",
  action == Sallyport::Action::"exec",
  resource == Sallyport::Service::"arn:aws:ecs:us-east-1:000000000000:service/warm/app"
);
`,
};
