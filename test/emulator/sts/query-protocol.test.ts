import { describe, expect, it } from "vitest";
import { AwsError } from "../../../emulator/aws-error.ts";
import { actionOf, queryProtocol } from "../../../emulator/sts/query-protocol.ts";

const body = (text: string): Uint8Array => Buffer.from(text);
const parsed = (text: string) => queryProtocol.parse(body(`Version=2011-06-15&${text}`));

describe("actionOf", () => {
  it.each<[string, string | undefined]>([
    ["Action=AssumeRole&Version=2011-06-15", "AssumeRole"],
    ["Version=2011-06-15", undefined],
    ["Action=AssumeRole&Action=GetCallerIdentity", undefined],
    ["action=AssumeRole", undefined],
    ["", undefined],
  ])("of %j is %j", (text, action) => {
    expect(actionOf(body(text))).toBe(action);
  });
});

describe("a form", () => {
  it("is read into members and lists, in the order of their numbers", () => {
    expect(
      parsed(
        "Action=AssumeRole&RoleArn=a%3Ab&Policy=%7B+%7D&Tags.member.2.Key=b&Tags.member.2.Value=" +
          "&Tags.member.10.Key=c&Tags.member.10.Value=3&Tags.member.1.Value=1&Tags.member.1.Key=a",
      ),
    ).toEqual({
      RoleArn: "a:b",
      Policy: "{ }",
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "" },
        { Key: "c", Value: "3" },
      ],
    });
  });

  it.each([
    "RoleArn=a&RoleArn=b",
    "Tags.member.1.Key=a&Tags.member.1.Key=b",
    "Tags.1.Key=a",
    "Tags.member.0.Key=a",
    "Tags.member.01.Key=a",
    "Tags.member.1",
    "Tags.member.1.Key.More=a",
    "Tags.member.99999.Key=a",
    "Tags=a&Tags.member.1.Key=b",
  ])("%s is refused as malformed", (text) => {
    expect(() => parsed(text)).toThrow(
      expect.objectContaining({ name: "AwsError", code: "MalformedQueryString" }),
    );
  });

  it.each(["Version=2011-06-14", "Action=AssumeRole", ""])("%j is of no version", (text) => {
    expect(() => queryProtocol.parse(body(text))).toThrow(
      expect.objectContaining({ code: "InvalidAction" }),
    );
  });

  it("gives an object no member it inherits", () => {
    const input = parsed("__proto__=x&constructor=y");
    expect(Object.entries(input)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });
});

describe("an answer", () => {
  it("is XML in which texts stay texts", () => {
    const answer = queryProtocol.success(
      "GetCallerIdentity",
      { Arn: `<a&"b'>\r\n`, List: ["x", { Y: 1 }], Odd: "a\u0000b\ud800" },
      "id-1",
    );
    expect(answer.status).toBe(200);
    expect(answer.headers["x-amzn-requestid"]).toBe("id-1");
    expect(answer.body).toBe(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
        "<GetCallerIdentityResult><Arn>&#60;a&#38;&#34;b&#39;&#62;&#13;\n</Arn>" +
        "<List><member>x</member><member><Y>1</Y></member></List><Odd>a\ufffdb\ufffd</Odd>" +
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>id-1</RequestId>" +
        "</ResponseMetadata></GetCallerIdentityResponse>",
    );
  });

  it.each([
    [new AwsError("AccessDenied", "User: <x>", 403), 403, "Sender", "User: &#60;x&#62;"],
    [new AwsError("InternalFailure", "no", 500), 500, "Receiver", "no"],
  ])("of an error names whose fault it is", (error, status, type, message) => {
    const answer = queryProtocol.failure(error, "id-2");
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(
      `<Error><Type>${type}</Type><Code>${error.code}</Code><Message>${message}</Message></Error>`,
    );
  });
});
