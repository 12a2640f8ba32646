import { cancelSchema } from "../../api/decision-schemas.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import type { RequestsPorts } from "../ports.ts";
import { stopRequest } from "../stop-request.ts";

/** Withdraws one's own request. */
export async function cancelRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const body = parseBody(cancelSchema, call.body);
  checkProse(body);
  return await stopRequest(call, ports, {
    kind: "request.cancelled",
    step: "cancel",
    comment: body.comment,
  });
}
