import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";
import { startServer } from "../../../../providers/kit/server.js";
import { boxProvider } from "./boxProvider.js";
import { Client } from "./client.js";
import { type FakeEngine, startFakeEngine } from "./fakeEngine.js";
import { secret } from "./wire.js";

export const token = "token-of-the-provider";

/** A test with a box provider, configured, and an engine beside it. */
export const test = base.extend<{ folder: string; engine: FakeEngine; client: Client }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "berth-kit-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  engine: async ({}, use) => {
    const engine = await startFakeEngine();
    await use(engine);
    engine.stop();
  },
  client: async ({ folder, engine }, use) => {
    const server = await startServer(boxProvider, { engineAddress: engine.address, graceMs: 100 });
    const client = new Client(server.port);
    await client.configure({ folder, token: secret(token) });
    await use(client);
    client.close();
    await server.stop("was stopped", 1000);
  },
});
