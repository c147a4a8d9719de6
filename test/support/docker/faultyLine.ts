import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { waitUntil } from "./waitUntil.js";

/** What becomes of a connection: nothing gets there, or all gets there and no answer comes back. */
export type Fault = "refused" | "answer lost";

/** A line to an engine that can be cut at a chosen connection; the plugin opens one for each request. */
export interface FaultyLine {
  /** `unix://…`. */
  readonly host: string;
  /** Connections taken since the last `mend`. */
  taken(): number;
  /** Cuts the connection of this number, from 1, or all from it on. */
  cut(at: number, fault: Fault, fromThenOn: boolean): void;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultyLine(engineSocket: string): Promise<FaultyLine> {
  const path = `${engineSocket}.line`;
  let count = 0;
  let broken: (at: number) => Fault | undefined = () => undefined;
  const upstreams = new Set<Socket>();
  const server = createServer((client) => {
    const fault = broken(++count);
    client.on("error", () => {});
    if (fault === "refused") return client.destroy();
    const engine = connect(engineSocket);
    upstreams.add(engine);
    engine.on("error", () => client.destroy()).on("close", () => upstreams.delete(engine));
    client.pipe(engine);
    if (fault === undefined) {
      client.on("close", () => engine.destroy());
      engine.pipe(client);
      engine.on("close", () => client.destroy());
      return;
    }
    // The engine has done what it was asked to when its answer comes.
    engine.once("data", () => client.destroy());
    engine.on("close", () => client.destroy()).resume();
  });
  server.listen(path);
  await once(server, "listening");
  return {
    host: `unix://${path}`,
    taken: () => count,
    cut(at, fault, fromThenOn) {
      count = 0;
      broken = (number) => (number === at || (fromThenOn && number > at) ? fault : undefined);
    },
    async mend() {
      // What was sent and not answered is still being done.
      await waitUntil("requests on the way to end", 10_000, () => upstreams.size === 0);
      count = 0;
      broken = () => undefined;
    },
    async close() {
      server.close();
      for (const engine of upstreams) engine.destroy();
      rmSync(path, { force: true });
    },
  };
}
