import { revokeSchema } from "../../api/decision-schemas.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import type { DecidePorts } from "../ports.ts";
import { stopRequest } from "../stop-request.ts";

/** Takes a request or its grant back, by whoever the rules allow. */
export async function revokeRequest(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(revokeSchema, call.body);
  checkProse(body);
  return await stopRequest(call, ports, {
    kind: "request.revoked",
    step: "revoke",
    comment: body.comment,
  });
}
