import { AwsError } from "../aws-error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Protocol } from "../json-protocol.ts";
import { answer, queryErrors, xml } from "../sts/query-protocol.ts";

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const VERSION = "2016-11-15";

/** EC2's own kind of AWS Query: lists are numbered without a word for their members, and answers have none. */
export const ec2Protocol: Protocol = {
  parse: parseForm,
  success: (operation, output, requestId) =>
    answer(
      200,
      `<${operation}Response xmlns="${NAMESPACE}"><requestId>${requestId}</requestId>` +
        `${xml(output, "item")}</${operation}Response>`,
      requestId,
    ),
  failure: (error, requestId) =>
    answer(
      error.status,
      `<Response>${xml({
        Errors: { Error: { Code: error.code, Message: error.message } },
        RequestID: requestId,
      })}</Response>`,
      requestId,
    ),
  commonErrors: queryErrors,
};

/** `SubnetId.1=a` → `{SubnetId: ["a"]}`, `Filter.1.Name=n&Filter.1.Value.1=v` → `{Filter: [{Name, Value}]}`. */
function parseForm(body: Uint8Array): JsonObject {
  const form = [...new URLSearchParams(Buffer.from(body).toString("utf8"))];
  if (form.find(([name]) => name === "Version")?.[1] !== VERSION) {
    throw new AwsError("NoSuchVersion", `EC2 is of version ${VERSION} here`);
  }
  const input: { [name: string]: Json } = {};
  const texts: { [name: string]: string[] } = Object.create(null);
  const filters: { Name?: string; Value: string[] }[] = [];
  for (const [name, value] of form) {
    if (name === "Action" || name === "Version") continue;
    const filter = /^Filter\.([1-9]\d?)\.(?:(Name)|Value\.[1-9]\d{0,2})$/.exec(name);
    const list = /^([A-Za-z]{1,64})\.[1-9]\d{0,3}$/.exec(name);
    if (filter !== null) {
      const of = (filters[Number(filter[1]) - 1] ??= { Value: [] });
      if (filter[2] === undefined) of.Value.push(value);
      else of.Name = value;
    } else if (list !== null) {
      (texts[list[1] ?? ""] ??= []).push(value);
    } else if (/^[A-Za-z]{1,64}$/.test(name)) {
      input[name] = value;
    } else {
      throw new AwsError("MalformedQueryString", `The query cannot be read: ${name}`);
    }
  }
  const named = filters.map(({ Name = "", Value }) => ({ Name, Value }));
  return { ...input, ...texts, ...(named.length === 0 ? {} : { Filter: named }) };
}
