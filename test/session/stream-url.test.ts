import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkStreamUrl } from "../../session/stream-url.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

const check = (url: string, allowLoopback = false) => checkStreamUrl(url, { allowLoopback }).kind;
const PATH = "/v1/data-channel/ecs-execute-command-1?role=publish_subscribe";

describe("accepted", () => {
  test.each([
    `wss://ssmmessages.us-east-1.amazonaws.com${PATH}`,
    `wss://ssmmessages.us-gov-west-1.amazonaws.com${PATH}`,
    `wss://ssmmessages.ap-southeast-2.amazonaws.com:443${PATH}`,
    `wss://ssmmessages.cn-north-1.amazonaws.com.cn${PATH}`,
    `wss://ssmmessages.eu-central-1.amazonaws.com${PATH}&cell=4%2F2&x=a:b@c`,
  ])("%s", (url) => {
    expect(check(url)).toBe("accepted");
    // What the check takes for the host is what the platform connects to.
    expect(new URL(url).hostname).toMatch(/^ssmmessages\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/);
  });

  test("a loopback address, only where it is allowed", () => {
    for (const url of [`ws://127.0.0.1:7072${PATH}`, `ws://127.0.0.1${PATH}`]) {
      expect(check(url, true)).toBe("accepted");
      expect(check(url, false)).toBe("refused");
    }
  });
});

describe("refused, loopback allowed or not", () => {
  test.each([
    ["nothing", ""],
    ["no TLS", `ws://ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["another scheme", `https://ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["a scheme in capitals", `WSS://ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["another host", `wss://evil.example${PATH}`],
    ["a host that ends like it", `wss://evil-ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["a host that begins like it", `wss://ssmmessages.us-east-1.amazonaws.com.evil.example${PATH}`],
    ["a dot that is none", `wss://ssmmessagesXus-east-1.amazonaws.com${PATH}`],
    ["a host within the region", `wss://ssmmessages.evil.example/us-east-1.amazonaws.com${PATH}`],
    ["another service", `wss://ssm.us-east-1.amazonaws.com${PATH}`],
    ["no region", `wss://ssmmessages.amazonaws.com${PATH}`],
    ["a region that is none", `wss://ssmmessages.evil.amazonaws.com${PATH}`],
    ["China's domain outside China", `wss://ssmmessages.us-east-1.amazonaws.com.cn${PATH}`],
    ["a region of China outside it", `wss://ssmmessages.cn-north-1.amazonaws.com${PATH}`],
    ["userinfo", `wss://user:pass@ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["the host as userinfo", `wss://ssmmessages.us-east-1.amazonaws.com@evil.example${PATH}`],
    [
      "the host and port as userinfo",
      `wss://ssmmessages.us-east-1.amazonaws.com:443@evil.example/`,
    ],
    ["a backslash as the slash", `wss://ssmmessages.us-east-1.amazonaws.com\\@evil.example/`],
    ["backslashes before the host", `wss:\\\\ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["another port", `wss://ssmmessages.us-east-1.amazonaws.com:8443${PATH}`],
    ["an empty port", `wss://ssmmessages.us-east-1.amazonaws.com:${PATH}`],
    ["a trailing dot", `wss://ssmmessages.us-east-1.amazonaws.com.${PATH}`],
    ["no path", "wss://ssmmessages.us-east-1.amazonaws.com"],
    ["a query right after the host", "wss://ssmmessages.us-east-1.amazonaws.com?a=b/"],
    ["a fragment", `wss://ssmmessages.us-east-1.amazonaws.com${PATH}#x`],
    ["a space before", ` wss://ssmmessages.us-east-1.amazonaws.com${PATH}`],
    ["a newline after", `wss://ssmmessages.us-east-1.amazonaws.com${PATH}\n`],
    ["a newline and a second line", `wss://ssmmessages.us-east-1.amazonaws.com/\r\nHost: evil`],
    ["a tab in the host, which some parsers drop", `wss://ssm\tmessages.us-east-1.amazonaws.com/`],
    ["NUL", `wss://ssmmessages.us-east-1.amazonaws.com/\0`],
    ["a letter that is no ASCII", `wss://ssmmessages.us-eaſt-1.amazonaws.com${PATH}`],
    ["a path beyond ASCII", `wss://ssmmessages.us-east-1.amazonaws.com/é`],
    ["capitals in the host", `wss://SSMMESSAGES.us-east-1.amazonaws.com${PATH}`],
    ["an endless query", `wss://ssmmessages.us-east-1.amazonaws.com/?${"a".repeat(5_000)}`],
    ["localhost by name", `ws://localhost:7072${PATH}`],
    ["another loopback address", `ws://127.0.0.2:7072${PATH}`],
    ["a short form of the address", `ws://127.1:7072${PATH}`],
    ["a number as the address", `ws://2130706433:7072${PATH}`],
    ["an address that begins like it", `ws://127.0.0.1.evil.example:7072${PATH}`],
    ["an address as userinfo", `ws://127.0.0.1:7072@evil.example${PATH}`],
    ["IPv6 loopback", `ws://[::1]:7072${PATH}`],
    ["port 0", `ws://127.0.0.1:0${PATH}`],
    ["a port that does not exist", `ws://127.0.0.1:65536${PATH}`],
    ["TLS to loopback", `wss://127.0.0.1:7072${PATH}`],
  ])("%s", (_, url) => {
    expect(check(url, false)).toBe("refused");
    expect(check(url, true)).toBe("refused");
  });
});

test("the reason does not repeat the URL, whose query may be secret", () => {
  const url = `wss://ssmmessages.us-east-1.amazonaws.com/?signature=hunter2#`;
  const result = checkStreamUrl(url, { allowLoopback: false });
  expect(result.kind).toBe("refused");
  expect(JSON.stringify(result)).not.toContain("hunter2");
});

test(`whatever is accepted leads the platform's parser to the message gateway (seed ${seed})`, () => {
  const good = `wss://ssmmessages.us-east-1.amazonaws.com${PATH}`;
  const odd = fc.constantFrom(
    ...Array.from("@:/\\?#%.\t\n \0[]a1é"),
    "evil.example",
    "//",
    "%00",
    "\u3002",
  );
  const spoilt = fc
    .array(fc.tuple(fc.nat(good.length), fc.nat(2), odd), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((url, [at, cut, put]) => url.slice(0, at) + put + url.slice(at + cut), good),
    );
  fc.assert(
    fc.property(spoilt, (url) => {
      if (check(url) === "refused") return;
      const parsed = new URL(url);
      expect(parsed.protocol).toBe("wss:");
      expect(parsed.hostname).toMatch(/^ssmmessages\.[a-z0-9-]+\.amazonaws\.com$/);
      expect([parsed.username, parsed.password, parsed.port, parsed.hash]).toEqual([
        "",
        "",
        "",
        "",
      ]);
    }),
    { seed, numRuns: 3_000 },
  );
});
