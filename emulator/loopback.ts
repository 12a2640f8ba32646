import type { IncomingMessage, Server } from "node:http";

/**
 * Why a request must not be answered, or undefined. Loopback is no protection from a browser: a page
 * can post to 127.0.0.1, and by rebinding a name of its own make it the same origin. So the Host must
 * be ours, once and exactly; an Origin, which only browsers send, must be absent, or be ours where
 * `sameOrigin` lets it (a WebSocket of a page we served).
 */
export function whyNotLocal(
  request: IncomingMessage,
  port: number,
  options: { sameOrigin: boolean },
): string | undefined {
  const all = (name: string): string[] => request.headersDistinct[name] ?? [];
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = all("host");
  if (host.length !== 1 || !hosts.includes(host[0] ?? "")) return "Host is not this server";
  // A request line may hold a whole URL; the host in it would then be the one that counts.
  if (!(request.url ?? "").startsWith("/")) return "request target is not a path";
  const origins = all("origin");
  const allowed = options.sameOrigin ? hosts.map((name) => `http://${name}`) : [];
  if (origins.some((origin) => !allowed.includes(origin))) return "Origin is not allowed";
  return undefined;
}

/** Binds to 127.0.0.1, never to anything else; resolves to the port it got. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was bound");
  return address.port;
}
