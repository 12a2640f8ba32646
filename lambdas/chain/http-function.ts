import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { problems } from "../../api/problems.ts";
import type { FunctionName, Route, RouteName } from "../../api/routes.ts";
import { SallyportError } from "../../core/errors.ts";
import type { Handle } from "../call.ts";
import type { CommonPorts } from "../ports.ts";
import { recordRefusal } from "../refusals.ts";
import { admittedTo } from "./admit.ts";
import { requireFreshSignIn } from "./fresh-sign-in.ts";
import { whyNotOurs } from "./our-event.ts";
import { foreignAnswer, jsonAnswer, problemAnswer } from "./problem-details.ts";
import { type HttpEvent, readCall } from "./read-call.ts";

export type HttpFunction = (
  event: HttpEvent,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Kept free before the function is cut off, to append an outcome and to answer. */
const MARGIN_MS = 3_000;

/**
 * One Lambda function behind the API: reads the call, counts it, hands it to its route's handler, answers. Every
 * failure becomes a problem document, and is logged with its causes when it is not the caller's. An event that is none
 * of the deployment's own API is answered with nothing but 403, and why is in the log.
 */
export function httpFunction<Ports extends CommonPorts>(
  self: FunctionName,
  handlers: { [name in RouteName]?: Handle<Ports> },
  ports: Ports,
): HttpFunction {
  const serve = async (event: HttpEvent, context: Pick<Context, "getRemainingTimeInMillis">) => {
    const deadline = ports.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    const { route, call } = await readCall(event, self, ports, deadline);
    const handle = handlers[route.name];
    if (handle === undefined) throw new SallyportError("route_not_found", "there is no such route");
    const handleFresh: Handle<Ports> = async (...args) => {
      requireFreshSignIn(route, call, ports.clock.now());
      return await handle(...args);
    };
    const answer = await admittedTo(handleFresh, call, ports, route).catch(
      async (error: unknown) => {
        await recordRefusal(ports, self, route, call, error);
        throw error;
      },
    );
    return { route, response: jsonAnswer(answer.status, answer.body) };
  };

  type Served = { route?: Route; response: APIGatewayProxyStructuredResultV2 };
  const began = new WeakMap<object, number>();

  // The error mapper is registered first, so that its onError runs last and sees every error.
  const chain = middy<HttpEvent, Served, Error, Context>()
    .use({
      onError: function problemDetails(request) {
        const call = request.event?.requestContext?.requestId ?? "";
        const { error } = request;
        const code = error instanceof SallyportError ? error.code : "internal";
        const { status } = problems[code];
        if (status >= 500)
          ports.log.error("call failed", { function: self, call, code, status }, error);
        request.response = { response: problemAnswer(error, call) };
      },
    })
    .use({
      before: function start(request) {
        began.set(request.event, ports.clock.now());
      },
    })
    .handler(serve);

  return async (event, context) => {
    const foreign = whyNotOurs(event, ports.deployment.api);
    if (foreign !== undefined) {
      ports.log.error(
        "not invoked by our API",
        { function: self, status: 403 },
        new Error(foreign),
      );
      return foreignAnswer();
    }
    const served: Served = await chain(event, context as Context);
    ports.log.info("call", {
      function: self,
      call: event?.requestContext?.requestId ?? "",
      status: served.response.statusCode ?? 0,
      ...(served.route === undefined ? {} : { route: served.route.name }),
      durationMs: ports.clock.now() - (began.get(event) ?? ports.clock.now()),
    });
    return served.response;
  };
}
