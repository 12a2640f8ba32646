import type { LockView } from "../../api/response-schemas.ts";

/** A lock that stands, as the gateway shows it. */
export function lockView(change: Partial<LockView> = {}): LockView {
  return {
    id: "1tz5k7texx4pdk9kp3vg8atqnw",
    subject: { kind: "person", id: "dev" },
    reason: "a stolen laptop",
    by: "sre",
    at: "2026-01-01T00:00:00.000Z",
    stands: true,
    mayUnlock: ["lead", "sre"],
    ...change,
  };
}
