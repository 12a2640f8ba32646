import * as z from "zod";
import type { ErrorCode } from "../core/errors.ts";
import * as decide from "./decision-schemas.ts";
import * as used from "./last-resort-schemas.ts";
import { problems, problemType } from "./problems.ts";
import * as query from "./query-schemas.ts";
import * as record from "./record-schemas.ts";
import * as ask from "./request-schemas.ts";
import * as answer from "./response-schemas.ts";
import { type RouteName, routes } from "./routes.ts";
import * as session from "./session-schemas.ts";

interface Shape {
  query?: z.core.$ZodType;
  body?: z.core.$ZodType;
  status: number;
  answer?: z.core.$ZodType;
  /** Answered with 202 while it waits for decisions, or for what is being done. */
  waiting?: z.core.$ZodType;
}

/** Their repeats are known without a key, by the grant's one use and by what was asked; or change nothing. */
const withoutKey: readonly RouteName[] = ["openSession", "executeCommand", "preflightRequest"];

/** What goes in and out of each route. A route without a row does not compile. */
const shapes: { [name in RouteName]: Shape } = {
  createRequest: { body: ask.createRequestSchema, status: 201, answer: answer.requestSchema },
  listRequests: { query: query.listRequestsQuery, status: 200, answer: answer.requestListSchema },
  getRequest: { query: query.getRequestQuery, status: 200, answer: answer.requestSchema },
  getRequestEvents: { status: 200, answer: record.storedEventListSchema },
  cancelRequest: { body: decide.cancelSchema, status: 200, answer: answer.requestSchema },
  decideRequest: { body: decide.decisionSchema, status: 200, answer: answer.requestSchema },
  extendRequest: { body: decide.extensionSchema, status: 201, answer: answer.requestSchema },
  revokeRequest: { body: decide.revokeSchema, status: 200, answer: answer.requestSchema },
  listLocks: { query: query.listLocksQuery, status: 200, answer: answer.lockListSchema },
  createLock: { body: decide.createLockSchema, status: 201, answer: answer.lockSchema },
  releaseLock: {
    body: decide.releaseLockSchema,
    status: 200,
    answer: answer.lockSchema,
    waiting: answer.lockSchema,
  },
  createActivation: {
    body: decide.activationSchema,
    status: 200,
    answer: answer.activationAnswerSchema,
  },
  breakGlass: { body: decide.breakGlassSchema, status: 201, answer: answer.requestSchema },
  reviewRequest: { body: decide.reviewSchema, status: 200, answer: answer.requestSchema },
  listLastResort: {
    query: query.listLastResortQuery,
    status: 200,
    answer: used.lastResortListSchema,
  },
  getLastResort: { status: 200, answer: used.lastResortSchema },
  reviewLastResort: { body: decide.reviewSchema, status: 200, answer: used.lastResortSchema },
  openSession: { body: ask.openSessionSchema, status: 201, answer: session.openedSessionSchema },
  listSessions: { query: query.listSessionsQuery, status: 200, answer: session.sessionListSchema },
  getSession: { status: 200, answer: session.sessionViewSchema },
  terminateSession: {
    body: decide.terminateSchema,
    status: 200,
    answer: session.terminatedSchema,
    waiting: session.terminatedSchema,
  },
  executeCommand: {
    body: ask.executeCommandSchema,
    status: 200,
    answer: session.executeCommandAnswerSchema,
    waiting: answer.requestSchema,
  },
  listTargets: { query: query.listTargetsQuery, status: 200, answer: answer.targetListSchema },
  listServices: { query: query.listServicesQuery, status: 200, answer: answer.serviceListSchema },
  preflightRequest: { body: ask.createRequestSchema, status: 200, answer: answer.preflightSchema },
  listEvents: { query: query.listEventsQuery, status: 200, answer: record.storedEventListSchema },
  getActivation: {
    query: query.getActivationQuery,
    status: 200,
    answer: record.storedEventListSchema,
  },
  getText: { query: query.getTextQuery, status: 200, answer: record.storedTextSchema },
  whoami: { status: 200, answer: answer.whoamiSchema },
  health: { status: 200, answer: answer.healthSchema },
  openapi: { status: 200 },
};

const jsonSchema = (schema: z.core.$ZodType): object =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

const jsonResponse = (description: string, schema: z.core.$ZodType | undefined): object => ({
  description,
  content: { "application/json": { schema: schema === undefined ? {} : jsonSchema(schema) } },
});

/** The API as an OpenAPI 3.1 document, made from the route table and the schemas that are checked at run time. */
export function openApiDocument(version: string): object {
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const route of routes) {
    const shape = shapes[route.name];
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
      name: match[1] ?? "",
      in: "path",
      required: true,
      schema: { type: "string" },
    }));
    const query = shape.query === undefined ? {} : jsonSchema(shape.query);
    const inQuery = Object.entries(
      (query as { properties?: { [name: string]: object } }).properties ?? {},
    ).map(([name, schema]) => ({ name, in: "query", schema }));
    const idempotency =
      route.method === "POST" && !withoutKey.includes(route.name)
        ? [{ name: "Idempotency-Key", in: "header", schema: { type: "string", maxLength: 128 } }]
        : [];
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = {
      operationId: route.name,
      summary: route.summary,
      parameters: [...inPath, ...inQuery, ...idempotency],
      ...(shape.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { "application/json": { schema: jsonSchema(shape.body) } },
            },
          }),
      responses: {
        [shape.status]: jsonResponse("done", shape.answer),
        ...(shape.waiting === undefined
          ? {}
          : { 202: jsonResponse("it waits for somebody else", shape.waiting) }),
        default: {
          description: "a problem",
          content: {
            "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
          },
        },
      },
    };
    paths[route.path] = methods;
  }
  const codes = Object.keys(problems) as ErrorCode[];
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport",
      version,
      description: "Audited, approved exec into containers on Amazon ECS",
    },
    security: [{ sigv4: [] }, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "A token of an issuer that the deployment takes: the same paths behind /web, or /web/NAME for each further issuer",
        },
        sigv4: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          description: "AWS Signature Version 4, service execute-api",
        },
      },
      schemas: {
        Problem: {
          type: "object",
          required: ["type", "title", "status", "detail", "code"],
          properties: {
            type: { type: "string", enum: codes.map(problemType) },
            title: { type: "string" },
            status: { type: "integer" },
            detail: { type: "string" },
            code: { type: "string", enum: codes },
            retryable: { type: "boolean" },
            hint: { type: "string" },
          },
        },
      },
    },
  };
}
