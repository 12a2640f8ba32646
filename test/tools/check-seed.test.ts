import { describe, expect, it } from "vitest";
import { checkSeed, type Reference, readReference } from "../../tools/check-seed.ts";

/** A reference of another action in the form of the real one, which is not part of this repository. */
const text = `
RunThing - Amazon Elastic Something

RunThing

Runs it.

Request Syntax

{ "speed": "string", "force": boolean }

Request Parameters

For information about the parameters that are common to all actions, see Common Parameters.

speed

How fast it goes.

Type: String

Required: No

force

Whether it must.

Type: Boolean

Required: Yes

Response Syntax

{ "thingArn": "string", "report": { "id": "string", "count": number } }

Response Elements

report

What came of it.

Type: Report object

thingArn

The thing.

Type: String

Errors

For information about the errors that are common to all actions, see Common Errors.

NoSuchThingException

There is none.

HTTP Status Code: 400

ServerException

It failed. The following list includes additional causes:

  • The weather

HTTP Status Code: 500

See Also

For more information:
`;

const fixture: Reference = {
  action: "RunThing",
  request: ["force", "speed"],
  required: ["force"],
  response: ["report.count", "report.id", "thingArn"],
  errors: { NoSuchThingException: 400, ServerException: 500 },
  commonErrors: { ValidationError: 400 },
};

describe("readReference", () => {
  it("reads every name of the text, with statuses and what is required", () => {
    const { commonErrors: _, ...parts } = fixture;
    expect(readReference(text)).toEqual({ ...parts, refersToCommonErrors: true });
  });

  it.each([
    ["a section is missing", text.replace("See Also", "Also"), "no section"],
    [
      "a parameter is in the syntax alone",
      text.replace("speed\n\nHow", "Speed\n\nHow"),
      "the request has force, speed in its syntax and force in words",
    ],
    [
      "an element is in words alone",
      text.replace('"thingArn": "string", ', ""),
      "the response has report in its syntax and report, thingArn in words",
    ],
    ["an error has no status", text.replace("HTTP Status Code: 400", ""), "no status after"],
    ["it begins with no action", text.replace("RunThing - ", "About "), "action's name"],
  ])("does not take the text for understood where %s", (_, broken, why) => {
    expect(() => readReference(broken)).toThrow(why);
  });
});

describe("checkSeed", () => {
  it("finds nothing where text and fixture name the same", () => {
    expect(checkSeed(text, fixture)).toEqual([]);
  });

  it.each([
    ["request", "request field speed is not in the fixture", { request: ["force"] }],
    ["request", "request field pace is not in the text", { request: ["force", "speed", "pace"] }],
    ["required", "required field speed is not in the text", { required: ["force", "speed"] }],
    [
      "response",
      "response field report.id is not in the fixture",
      { response: ["report.count", "thingArn"] },
    ],
    [
      "errors",
      "error ServerException (500) is not in the fixture",
      { errors: { NoSuchThingException: 400 } },
    ],
    ["action", "action RunThing is not in the fixture", { action: "StopThing" }],
  ] satisfies [string, string, Partial<Reference>][])(
    "names what differs in %s: %s",
    (_, problem, change) => {
      expect(checkSeed(text, { ...fixture, ...change })).toContain(problem);
    },
  );

  it("names an error whose status differs, a name that stands twice, and common errors nobody refers to", () => {
    expect(
      checkSeed(text, { ...fixture, errors: { ...fixture.errors, ServerException: 400 } }),
    ).toEqual([
      "error ServerException (500) is not in the fixture",
      "error ServerException (400) is not in the text",
    ]);
    expect(checkSeed(text, { ...fixture, required: ["force", "force"] })).toEqual([
      "required field: a name stands twice",
    ]);
    expect(checkSeed(text, { ...fixture, commonErrors: {} })).toHaveLength(1);
  });
});
