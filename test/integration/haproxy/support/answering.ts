import { createServer } from "node:http";
import { createServer as createAgent } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/**
 * `answering.ts`: web servers that answer with what reached them, moved by lines of JSON on standard input, each answered by `done`:
 * `{listen: [{address, port, name}]}`, `{name, health: {status, onlyTo?}}` for what is asked at `/health`, and
 * `{agent: {address, port}, says}` for an agent of HAProxy's.
 */
interface Command {
  readonly listen?: readonly { address: string; port: number; name: string }[];
  readonly name?: string;
  readonly health?: { status: number; onlyTo?: string };
  readonly agent?: { address: string; port: number };
  readonly says?: string;
}

const health = new Map<string, { status: number; onlyTo?: string }>();
let says = "up";

function listen(address: string, port: number, name: string): Promise<void> {
  // Requests that are held; HAProxy's checks, which may come meanwhile, are none.
  let held = 0;
  let most = 0;
  const server = createServer(async ({ url = "/", method, headers, httpVersion }, answer) => {
    if (url.startsWith("/silent")) return;
    if (url.startsWith("/hold")) {
      held++;
      most = Math.max(most, held);
      await delay(300);
      held--;
    }
    if (url === "/health") {
      const { status, onlyTo } = health.get(name) ?? { status: 200 };
      answer.statusCode = onlyTo === undefined || onlyTo === `${method} ${headers.host}` ? status : 500;
    }
    answer.setHeader("content-type", url.endsWith(".png") ? "image/png" : "application/json");
    answer.setHeader("x-powered-by", "answering");
    answer.end(`${JSON.stringify({ server: name, method, url, headers, httpVersion, most })}\n`);
  });
  server.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.pipe(socket);
  });
  return new Promise((resolve) => server.listen(port, address, resolve));
}

const agents = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  const command: Command = JSON.parse(line);
  for (const { address, port, name } of command.listen ?? []) await listen(address, port, name);
  if (command.name !== undefined && command.health) health.set(command.name, command.health);
  says = command.says ?? says;
  if (command.agent && !agents.has(command.agent.address)) {
    const { address, port } = command.agent;
    agents.add(address);
    const agent = createAgent((connection) => connection.on("error", () => {}).end(`${says}\n`));
    await new Promise<void>((resolve) => agent.listen(port, address, resolve));
  }
  console.log("done");
}
process.exit(0);
