import type { Command } from "commander";
import { type RequestView, requestSchema, whoamiSchema } from "../../api/response-schemas.ts";
import { nextOf } from "../../core/quorum.ts";
import { cardCheck } from "../card-check.ts";
import { cardLines, oddities } from "../card-view.ts";
import type { Context } from "../context.ts";
import { type Decidable, decidable } from "../decidable.ts";
import { decisionLine } from "../decision-line.ts";
import { parseMinutes } from "../durations.ts";
import { exitCodes } from "../exit-codes.ts";
import { extensionLines } from "../extension-view.ts";
import { Failure, usage } from "../failure.ts";
import { denialLines, lacksLines, lacksText, rulesAfter } from "../lacks-view.ts";
import { askLine, isAttended } from "../prompt.ts";
import { readable } from "../readable.ts";
import { outcomeText } from "../request-view.ts";
import { getRequest, requestPath, resolveId } from "../requests.ts";
import { joined, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { typedAgain } from "../typed-again.ts";

interface ApproveOptions {
  comment?: string;
  max?: string;
  digest?: string;
  yes?: true;
}

/** Agreement to the card that was shown, and to nothing else. */
export function approve(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--comment <text>")
    .option("--max <duration>", "for no longer than this, such as 15m")
    .option("--digest <hex>", "of the card you read: needed without a terminal")
    .option("--yes", "on a terminal: do not ask")
    .action((text: string, options: ApproveOptions) => {
      const maxMinutes = options.max === undefined ? undefined : parseMinutes(options.max, "--max");
      return start.withGateway(async (ctx) => {
        const request = await getRequest(ctx, await resolveId(ctx, text));
        const waits = decidable(request);
        if (waits === undefined) throw nothingLeft(request);
        readable("--comment", options.comment);
        const { digest, isOdd } = showCard(ctx, waits);
        const isAgreed = await agreed(ctx, waits, { digest, isOdd }, options);
        if (!isAgreed) {
          const refuse = typedAgain(ctx.settings, "deny", request.id, "--comment", "WHY");
          ctx.output.info(shown`nothing was decided; to refuse it: ${refuse}`);
          return undefined;
        }
        const { comment } = options;
        await decide(ctx, request.id, { decision: "approve", digest, comment, maxMinutes });
        return undefined;
      });
    });
}

/** A person's no. */
export function deny(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--comment <text>")
    .action((text: string, { comment }: { comment?: string }) =>
      start.withGateway(async (ctx) => {
        readable("--comment", comment);
        const request = await getRequest(ctx, await resolveId(ctx, text));
        // Nothing opens by a denial: the digest the gateway names will do, whatever it is of.
        const { digest } = decidable(request) ?? request;
        if (digest === undefined) throw new Failure(`request ${request.id} has no card any more`);
        await decide(ctx, request.id, { decision: "deny", digest, comment });
        return undefined;
      }),
    );
}

/** Who decided what meanwhile, and when. */
function nothingLeft(request: RequestView): Failure {
  const said = request.decisions.filter(({ counts }) => counts).map(decisionLine);
  return new Failure(
    shown`request ${request.id} is ${request.status}${outcomeText(request)}: there is nothing to approve`,
    said.length === 0 ? {} : { hint: joined(said, "; ").shown },
  );
}

/**
 * Prints the whole card and answers the digest of the very object that was printed, and whether something
 * in it may not be what it looks like. Throws Failure where there is none, or the gateway names another.
 */
function showCard(
  { output, settings }: Context,
  request: Decidable,
): { digest: string; isOdd: boolean } {
  const check = cardCheck(request);
  if (request.card === undefined || check === undefined) {
    throw new Failure(`request ${request.id} has no card any more: there is nothing to agree to`);
  }
  // With --json standard output holds the answer alone.
  const exhibit = output.json ? output.info : output.print;
  for (const line of cardLines(request.card)) exhibit(line);
  exhibit(shown`  digest ${check.digest}`);
  if (request.card.kind === "activate") {
    const words = ["show", request.id, "--texts", "DIR"] as const;
    output.info(shown`all it would change, to compare: ${typedAgain(settings, ...words)}`);
  }
  const odd = oddities(request.card);
  for (const line of odd) exhibit(shown`look closely: ${line}`);
  if (!check.matches) {
    throw new Failure(
      `the gateway names the digest ${request.digest ?? "(none)"}, which is not that of this card: nothing was approved`,
      {
        hint: "this command and the gateway may be of different versions; do not approve by other means",
      },
    );
  }
  return { digest: check.digest, isOdd: odd.length > 0 };
}

/**
 * Prints how far the request is, and what this approval would make of it. Throws Failure, as the gateway would,
 * where this person's approval cannot count: nobody should read a card to the end and then be told.
 */
async function showStanding({ api, output }: Context, request: Decidable): Promise<void> {
  const me = await api.call("GET", "/v1/whoami", { schema: whoamiSchema });
  if (me.id !== undefined && me.id === request.requester.person) {
    throw new Failure("you asked for this yourself, and nobody decides on what they ask for", {
      exitCode: exitCodes.refused,
      hint: `\`sallyport cancel ${request.id}\` takes it back`,
    });
  }
  const counting = request.decisions.filter(({ counts }) => counts);
  if (counting.some(({ person }) => person === me.id)) {
    throw new Failure("you have decided on this card already", {
      hint: `\`sallyport show ${request.id}\` says who can still decide`,
    });
  }
  const tell = output.json ? output.info : output.print;
  if (request.decisions.length === 0) tell("nobody has decided yet");
  for (const decision of request.decisions) tell(decisionLine(decision));
  if (request.lapsesAt !== undefined) tell(shown`it lapses at ${request.lapsesAt}`);
  const isMine = ({ persons }: { persons: string[] }): boolean => persons.includes(me.id ?? "");
  const isTurn = request.rules.some((rule) => nextOf(rule.lacks).some(isMine));
  if (!isTurn && request.rules.some((rule) => rule.lacks.some(isMine))) {
    throw new Failure(shown`others have to agree before you can: ${lacksText(request, true)}`, {
      hint: "approve once they have",
    });
  }
  const isLast = request.rules.some(
    ({ lacks: [lack, ...others] }) => others.length === 0 && lack?.count === 1 && isMine(lack),
  );
  const lacks = lacksText(request, true);
  if (isLast) tell("your approval is the last one it needs");
  else if (request.rules.some((rule) => rule.lacks.some(isMine))) {
    const then = lacksText({ rules: rulesAfter(request.rules, me.id ?? "") }, true);
    tell(shown`your approval is not the last one; after yours it lacks ${then}`);
  } else tell(shown`you are not among those who can give what it lacks: ${lacks}`);
}

/**
 * Whether the person agrees. A card that may deceive takes more than a key that is pressed by habit: some of
 * its digest, typed.
 */
async function agreed(
  ctx: Context,
  request: Decidable,
  { digest, isOdd }: { digest: string; isOdd: boolean },
  options: ApproveOptions,
): Promise<boolean> {
  const { io, output, settings } = ctx;
  if (options.digest !== undefined) {
    if (options.digest === digest) return true;
    throw usage(
      `--digest ${options.digest} is not that of the card: nothing was approved`,
      "read the card again; it may have changed",
    );
  }
  const attended = isAttended(io) && (output.json || io.stdout.isTTY === true);
  if (!attended) {
    throw usage(
      "without a terminal an approval names the card it is of: nothing was approved",
      `read it with: ${typedAgain(settings, "show", request.id)}; then approve with --digest HEX`,
    );
  }
  await showStanding(ctx, request);
  if (isOdd) {
    if (options.yes === true) {
      throw usage(
        "--yes does not do for a card with something to look closely at: nothing was approved",
        "without --yes you are asked for some of its digest; or give it whole with --digest",
      );
    }
    const typed = await askLine(
      io,
      "Approve exactly this, odd as it is? Type the last 6 characters of the digest:",
    );
    if (typed === digest.slice(-6)) return true;
    if (/^(?:no?)?$/i.test(typed)) return false;
    throw new Failure("that is not how the digest ends: nothing was approved");
  }
  if (options.yes === true) return true;
  const answer = await askLine(io, "Approve exactly this? [y/N]");
  return /^y(?:es)?$/i.test(answer);
}

async function decide(
  { api, output }: Context,
  id: string,
  body: {
    decision: "approve" | "deny";
    digest: string;
    comment: string | undefined;
    maxMinutes?: number | undefined;
  },
): Promise<void> {
  const after = await api.call("POST", requestPath(id, "/decisions"), {
    body,
    schema: requestSchema,
  });
  if (output.json) {
    output.value(after);
    return;
  }
  const said = body.decision === "approve" ? "approved" : "denied";
  const extended = after.extensions?.find(({ digest }) => digest === body.digest);
  if (extended !== undefined) {
    output.print(shown`you ${said} more time for ${after.id}`);
    for (const line of extensionLines({ extensions: [extended] })) output.print(line);
    if (extended.status !== "pending") return;
    for (const line of [...denialLines(extended), ...lacksLines(extended)]) output.print(line);
    return;
  }
  output.print(shown`you ${said} ${after.id}: it is ${after.status}${outcomeText(after)}`);
  if (after.status !== "pending") return;
  for (const line of [...denialLines(after), ...lacksLines(after)]) output.print(line);
}
