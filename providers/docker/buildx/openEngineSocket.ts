import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/engine.js";

/** How a program beside this one reaches the engine. */
export interface EngineSocket {
  /** Docker's own variables. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** Users of one socket in this process, by its path. */
const open = new Map<string, { users: number; close: () => void }>();

/**
 * The engine's own socket where it is on this machine; else one of this machine that leads to it over this plugin's connection,
 * with its pinned host key and its certificates. Its place is the same each time, as builders remember it; only this user can use it.
 */
export async function openEngineSocket(engine: Engine, signal: AbortSignal): Promise<EngineSocket> {
  const { host } = engine.target;
  if (host.startsWith("unix://")) return { env: { DOCKER_HOST: host }, close() {} };
  const folder = join(tmpdir(), `pulumi-docker-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = join(folder, `${createHash("sha256").update(host).digest("hex").slice(0, 16)}.sock`);
  const known = open.get(path);
  if (known) known.users++;
  else open.set(path, { users: 1, close: await listen(path, engine, signal) });
  let closed = false;
  return {
    env: { DOCKER_HOST: `unix://${path}` },
    close() {
      const entry = open.get(path);
      if (closed || !entry) return;
      closed = true;
      if (--entry.users > 0) return;
      open.delete(path);
      entry.close();
      removeIfEmpty(folder);
    },
  };
}

async function listen(path: string, engine: Engine, signal: AbortSignal): Promise<() => void> {
  // Of a run that was killed.
  rmSync(path, { force: true });
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => {}).on("close", () => clients.delete(client));
    engine.dial(signal).then(
      (stream) => {
        stream.on("error", () => client.destroy()).on("close", () => client.destroy());
        client.on("close", () => stream.destroy());
        client.pipe(stream).pipe(client);
      },
      () => client.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  return () => {
    server.close();
    for (const client of clients) client.destroy();
    rmSync(path, { force: true });
  };
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another socket is in it.
  }
}
