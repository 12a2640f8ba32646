const REGION = "[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}";
const SERVICE = new RegExp(
  `^wss://ssmmessages\\.(${REGION})\\.amazonaws\\.com(\\.cn)?(?::443)?/(.*)$`,
);
const LOOPBACK = /^ws:\/\/127\.0\.0\.1(?::([1-9][0-9]{0,4}))?\/(.*)$/;
/** RFC 3986 path and query. No `#`, `\`, space, control or non-ASCII character. */
const PATH_AND_QUERY = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/;
const LONGEST_URL = 4096;

export type StreamUrlCheck = { kind: "accepted" } | { kind: "refused"; reason: string };

/**
 * Whether a session's token may be sent to this URL: only to Session Manager's message gateway of some
 * region, over TLS, or, where `allowLoopback` says so, in clear to 127.0.0.1. The URL stays opaque beyond
 * its host. A host is matched as a whole from the first character to the slash, so that nothing two
 * parsers could read differently (userinfo, `\`, an odd spelling of the address, another port) passes.
 * The reason does not repeat the URL, whose query may be secret.
 */
export function checkStreamUrl(url: string, options: { allowLoopback: boolean }): StreamUrlCheck {
  if (url.length > LONGEST_URL) return refused("it is too long");
  const service = SERVICE.exec(url);
  if (service !== null) {
    const [, region = "", china, rest = ""] = service;
    if (region.startsWith("cn-") !== (china !== undefined)) {
      return refused("its region and its domain do not belong together");
    }
    return checkRest(rest);
  }
  const loopback = LOOPBACK.exec(url);
  if (loopback !== null) {
    if (!options.allowLoopback) {
      return refused("it leads to this machine, which only a local gateway may do");
    }
    if (Number(loopback[1] ?? 80) > 65_535) return refused("its port does not exist");
    return checkRest(loopback[2] ?? "");
  }
  return refused("it does not lead to the AWS message gateway");
}

function checkRest(rest: string): StreamUrlCheck {
  if (!PATH_AND_QUERY.test(rest)) return refused("it has a character that no path or query has");
  return { kind: "accepted" };
}

function refused(reason: string): StreamUrlCheck {
  return { kind: "refused", reason };
}
