import { describe, expect, it } from "vitest";
import type { ApiClient } from "../../cli/api-client.ts";
import { resolveId } from "../../cli/requests.ts";

const a = "1tz5k7texx4pdk9kp3vg8atqnw";
const b = "9pyda4nv54kc04f76txnka3knw";

/** Pages of ids, as a gateway would list them; counts how many were read. */
function api(pages: string[][]): { api: ApiClient; read: () => number } {
  let read = 0;
  const call = async (
    _method: string,
    _path: string,
    options: { query?: { cursor?: unknown } },
  ) => {
    const at = Number(options.query?.cursor ?? 0);
    read += 1;
    return {
      items: (pages[at] ?? []).map((id) => ({ id })),
      ...(at + 1 < pages.length ? { cursor: String(at + 1) } : {}),
    };
  };
  return {
    api: { url: "", loopback: true, call: call as unknown as ApiClient["call"] },
    read: () => read,
  };
}

describe("an id, by its end", () => {
  it("is taken as it is where it is whole, without asking", async () => {
    const { read, ...ctx } = api([]);
    expect(await resolveId(ctx, a.toUpperCase())).toBe(a);
    expect(read()).toBe(0);
  });

  it("is found on any page", async () => {
    expect(await resolveId(api([[b], [a]]), "tqnw")).toBe(a);
  });

  it("is refused where two end so, even on different pages, or none does", async () => {
    await expect(resolveId(api([[a], [b]]), "nw")).rejects.toThrow("2 requests end in nw");
    await expect(resolveId(api([[a]]), "zzz")).rejects.toThrow("no request");
  });

  it("is refused where pages are left unread", async () => {
    const { read, ...ctx } = api(Array.from({ length: 90 }, (_, i) => (i === 0 ? [a] : [])));
    await expect(resolveId(ctx, "tqnw")).rejects.toThrow("too many");
    expect(read()).toBe(50);
  });

  it("is nothing that could be a path", async () => {
    const { read, ...ctx } = api([[a]]);
    await expect(resolveId(ctx, "../x")).rejects.toMatchObject({ exitCode: 2 });
    expect(read()).toBe(0);
  });
});
