import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerEngine as handler } from "../../../providers/berth/dockerEngine.js";
import type { EngineInputs, EngineState } from "../../../providers/berth/engine/types.js";
import { sshKey } from "../../../providers/berth/sshKey.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

const state: EngineState = {
  version: "1",
  machineId: "m",
  engineId: "e",
  running: true,
  enabled: true,
  access: true,
  yields: true,
  handsOver: true,
};

/** What a guest does needs a guest: the end-to-end tests see to that. Here is what the way to it can do. */
describe("a Docker engine on a machine", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  });
  afterAll(() => server.stop());

  const inputs = (connection: object = {}, rest: object = {}): EngineInputs => ({
    connection: {
      host: "127.0.0.1",
      port: server.port,
      user: "root",
      privateKey: server.privateKey,
      hostKey: server.hostKey,
      ...connection,
    },
    machine: "uuid",
    daemon: {},
    certificates: {},
    package: "docker.io",
    bootTimeout: "10m",
    ...rest,
  });
  const create = (given: EngineInputs) => handler.create(given, testCall());

  it("that answers with another host key is refused at once, with both fingerprints", async () => {
    const other = (await sshKey.create({}, testCall())).state;
    const began = Date.now();
    await expect(create(inputs({ hostKey: other.publicKey }))).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1.*Expected ${escaped(other.fingerprint)} .*offered SHA256:`),
    );
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it("that never answers is given up at its limit, with its console's last words", async () => {
    const consoleLog = join(server.folder, "console.log");
    writeFileSync(consoleLog, `${"early\n".repeat(30)}Kernel panic - not syncing: no init found\n`);
    const call = testCall();
    // A port that nobody listens on.
    const given = inputs({ port: 1 }, { bootTimeout: "2s", consoleLog });
    await expect(handler.create(given, call)).rejects.toThrow(
      new RegExp(
        "^machine 127\\.0\\.0\\.1 answers at its address and did not let us in over SSH within 2s\\. Last try: .*ECONNREFUSED.*\n" +
          "Its console ends with:\n(  \\| early\n){19}  \\| Kernel panic - not syncing: no init found\n" +
          'Check that sshd starts in it\\. .*newSeed: replace.*raise "bootTimeout"; the next update goes on waiting\\.$',
      ),
    );
    expect(call.told.slice(0, 2)).toEqual([
      "status waiting for machine 127.0.0.1 to answer at its address",
      "status waiting for SSH on machine 127.0.0.1",
    ]);
    expect(call.told.at(-1)).toMatch(
      /^status waiting for SSH on machine 127\.0\.0\.1, \S+ of 2s \(.*ECONNREFUSED/,
    );
  });

  it("that takes connections and says nothing is given up too", async () => {
    server.mute(true);
    try {
      await expect(create(inputs({}, { bootTimeout: "1s" }))).rejects.toThrow(
        "did not let us in over SSH within 1s",
      );
    } finally {
      server.mute(false);
      server.cut();
    }
  });

  it("that refuses our key says so, without showing it", async () => {
    const { privateKey } = (await sshKey.create({}, testCall())).state;
    const call = testCall();
    const error = await handler.create(inputs({ privateKey }, { bootTimeout: "2s" }), call).catch((it) => it);
    expect(error.message).toMatch(
      /^machine 127\.0\.0\.1 refused our key for .*Check that its user data creates this user/s,
    );
    const secret = privateKey.split("\n")[2] ?? "";
    expect([error.message, ...call.told].join("\n")).not.toContain(secret);
  });

  it("stops waiting when the call ends", async () => {
    const reason = new Error("create was cancelled");
    const controller = new AbortController();
    const call = { ...testCall(controller.signal), status: () => controller.abort(reason) };
    await expect(handler.create(inputs({ port: 1 }), call)).rejects.toBe(reason);
  });

  it("with another machine-id is another machine: this engine is gone", async () => {
    expect(
      await handler.read?.("another", { ...state, machineId: "another" }, inputs(), testCall()),
    ).toBeUndefined();
  });

  it("that a refresh cannot reach is an error and not gone", async () => {
    await expect(handler.read?.("m", state, inputs({ port: 1 }), testCall())).rejects.toThrow(
      /^machine 127\.0\.0\.1 cannot be reached, so what runs on it is not known: .*ECONNREFUSED.* refresh again/,
    );
  });

  it("needs not be there to be deleted", async () => {
    await expect(handler.delete("m", state, testCall())).resolves.toBeUndefined();
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
