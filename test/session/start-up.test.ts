import { expect, test } from "vitest";
import { afterStartUpEvent, type StartUp, type StartUpEvent } from "../../session/start-up.ts";

test.each([
  ["waiting", "output", "ready"],
  ["waiting", "quiet", "presumed"],
  ["waiting", "handshake_requested", "handshaking"],
  ["waiting", "handshake_complete", "ready"],
  ["presumed", "output", "ready"],
  ["presumed", "handshake_requested", "handshaking"],
  ["presumed", "quiet", "presumed"],
  ["handshaking", "output", "handshaking"],
  ["handshaking", "quiet", "handshaking"],
  ["handshaking", "handshake_complete", "ready"],
  ["ready", "output", "ready"],
  ["ready", "quiet", "ready"],
  ["ready", "handshake_requested", "handshaking"],
] satisfies [StartUp, StartUpEvent, StartUp][])("%s, then %s, is %s", (before, event, after) => {
  expect(afterStartUpEvent(before, event)).toBe(after);
});
