import { createServer, type Server } from "node:http";
import { createServer as createAgent } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/**
 * `upstreams.ts`: web servers on loopback, moved by lines on standard input, each answered by `done`: `start PORT`; `kill PORT`,
 * which cuts what is under way, as the end of a container does; `sick PORT`, which answers 500 from then on; `agent PORT`, an agent of
 * HAProxy's that says that all is well. They answer after a moment, and `/slow` after a longer one.
 */
const answerMs: Readonly<Record<string, number>> = { "/": 20, "/slow": 500 };
const servers = new Map<number, Server>();
const sick = new Set<number>();

function serve(port: number): Server {
  return createServer(async ({ url = "/" }, answer) => {
    await delay(answerMs[url] ?? 0);
    if (sick.has(port)) answer.statusCode = 500;
    answer.end(`${port}\n`);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what, word] = line.split(" ");
  const port = Number(word);
  if (what === "start" && !servers.has(port)) {
    const server = serve(port);
    servers.set(port, server);
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  } else if (what === "kill") {
    servers.get(port)?.close();
    servers.get(port)?.closeAllConnections();
    servers.delete(port);
  } else if (what === "agent") {
    const agent = createAgent((connection) => connection.on("error", () => {}).end("up\n"));
    await new Promise<void>((resolve) => agent.listen(port, "127.0.0.1", resolve));
  } else if (what === "sick") {
    sick.add(port);
  }
  console.log("done");
}
process.exit(0);
