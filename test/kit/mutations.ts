/**
 * Seeded chance (mulberry32, Tommy Ettinger's public-domain generator): the same seed gives the same calls
 * on every machine.
 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** As long as a command may be, and what an expression that backtracks takes longest over. */
const longCommands: readonly string[] = [
  "a".repeat(8_000),
  " ".repeat(8_000),
  "-".repeat(8_000),
  ":".repeat(8_000),
  `'secret_access_key${" ".repeat(8_000)}`,
];

/** What parsers, tables, terminals and prototypes have stumbled over. */
const nasty: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1440,
  2 ** 53,
  "",
  " ",
  "\0",
  "\ud800",
  "\u202e",
  "\u200b",
  "\u001b[2J",
  "'",
  '"',
  "\\",
  "# only a comment",
  "{{ssm:x}}",
  "__proto__",
  "constructor",
  "me",
  "../..",
  "%00",
  "REQ#1",
  "arn:aws:ecs:us-east-1:111122223333:cluster/demo",
  "arn:aws:ecs:::::",
  "demo",
  "payments-api",
  "app",
  "é".repeat(700),
  "x".repeat(9_000),
  ...longCommands,
  "2026-11-24T00:00:00Z",
  "9999-12-31",
  "0".repeat(64),
  [],
  {},
  [[]],
  { __proto__: null },
  { toString: 1 },
  { target: {} },
  ["a", "b"],
];

const tokens: readonly string[] = [
  '{"a":1,"a":2}',
  '{"__proto__":{}}',
  "1e309",
  "-0",
  "NaN",
  "[".repeat(40),
  '"\\ud800"',
  '"\\u0000"',
  "\ufeff",
  "{}{}",
  ",",
  "}",
  "'",
  "//",
  "\u0000",
  "nul",
  "1e-400",
  "9007199254740993",
];

export interface Drawn {
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: string;
  headers: { [name: string]: string };
}

interface Seeded {
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
}

/** One call made of a good one by a few changes to its path, query, headers and body. */
export function mutated(good: Seeded, random: () => number): Drawn {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chance = (p: number): boolean => random() < p;
  const text = (): string => {
    const drawn = pick(nasty);
    return encodeURIComponent(
      typeof drawn === "string" ? drawn.toWellFormed() : JSON.stringify(drawn),
    );
  };

  let path = good.path;
  if (chance(0.15)) {
    const parts = path.split("/");
    parts[Math.floor(random() * parts.length)] = chance(0.5) ? text() : "";
    path = parts.join("/");
  }
  if (chance(0.3)) {
    const names = [
      "day",
      "cursor",
      "status",
      "requester",
      "atLeast",
      "from",
      "to",
      "service",
      "after",
      "__proto__",
      "x",
    ];
    const query = Array.from(
      { length: 1 + Math.floor(random() * 3) },
      () => `${pick(names)}=${text()}`,
    );
    path += `${path.includes("?") ? "&" : "?"}${query.join("&")}`;
    if (chance(0.1)) path += "&%=%zz&&=&a=%ff";
  }
  const headers: { [name: string]: string } = {};
  if (chance(0.1))
    headers["content-type"] = pick([
      "text/plain",
      "",
      "application/json; charset=utf-16",
      "APPLICATION/JSON",
    ]);
  if (chance(0.2))
    headers["idempotency-key"] = pick(["k1", "k2", "", "a b", "\u00e9", "x".repeat(200), "k3"]);
  if (good.method === "GET") return { method: "GET", path, headers };

  let value: unknown = structuredClone(good.body ?? {});
  for (let n = Math.floor(random() * 4); n > 0; n--) value = changed(value, random, pick);
  if (Object.hasOwn(Object(good.body ?? {}), "command") && chance(0.1)) {
    value = { ...Object(value), command: pick(longCommands) };
  }
  let body = chance(0.02)
    ? JSON.stringify({ ...Object(value), pad: "x".repeat(70_000) })
    : JSON.stringify(value);
  for (let n = chance(0.3) ? 1 + Math.floor(random() * 3) : 0; n > 0; n--) {
    const at = Math.floor(random() * (body.length + 1));
    body = chance(0.5)
      ? `${body.slice(0, at)}${pick(tokens)}${body.slice(at)}`
      : `${body.slice(0, at)}${body.slice(at + 1 + Math.floor(random() * 8))}`;
  }
  return { method: good.method, path, body, headers };
}

/** A copy with one member, at any depth, replaced, removed or added. */
function changed(
  value: unknown,
  random: () => number,
  pick: <T>(from: readonly T[]) => T,
): unknown {
  if (value === null || typeof value !== "object" || random() < 0.05) return pick(nasty);
  if (Array.isArray(value)) return random() < 0.5 ? [...value, pick(nasty)] : pick(nasty);
  const members = Object.entries(value);
  const at = Math.floor(random() * (members.length + 1));
  const [name, inner] = members[at] ?? [
    pick(["x", "status", "approvedBy", "target", "constructor"]),
    {},
  ];
  const next: [string, unknown][] = members.filter(([other]) => other !== name);
  if (random() < 0.8) {
    next.push([name, random() < 0.5 ? changed(inner, random, pick) : pick(nasty)]);
  }
  return Object.fromEntries(next);
}
