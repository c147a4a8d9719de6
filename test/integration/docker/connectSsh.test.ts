import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  connectSsh,
  fingerprint,
  type SshConnection,
  type SshTarget,
} from "../../../providers/connection/index.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";

let server: SshServer;
const open: SshConnection[] = [];

beforeAll(async () => {
  server = await startSshServer();
});
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});
afterAll(() => server?.stop());

function target(changes: Partial<SshTarget> = {}): SshTarget {
  const { port, privateKey, hostKey } = server;
  return { host: "127.0.0.1", port, user: "root", privateKey, hostKeys: [hostKey], ...changes };
}

function connection(changes: Partial<SshTarget> = {}): SshConnection {
  const made = connectSsh(target(changes));
  open.push(made);
  return made;
}

const signal = () => AbortSignal.timeout(20_000);

function otherKey(type: string): string {
  const folder = mkdtempSync(join(tmpdir(), "berth-key-"));
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", join(folder, "key")]);
  const text = readFileSync(join(folder, "key.pub"), "utf8");
  rmSync(folder, { recursive: true });
  return text;
}

describe("connectSsh", () => {
  it("runs commands and tells their output, errors and exit code", async () => {
    const result = await connection().exec("cat; echo no >&2; exit 3", { signal: signal(), stdin: "yes" });
    expect(result).toEqual({ code: 3, stdout: "yes", stderr: "no\n" });
  });

  it("tells a command ended by a signal as a shell does", async () => {
    expect(await connection().exec("kill -TERM $$", { signal: signal() })).toMatchObject({ code: 143 });
  });

  it("carries 40 commands at once over one connection, in spite of sshd's limit of ten sessions", async () => {
    const before = server.connections();
    const handles = [connection(), connection()];
    const runs = Array.from({ length: 40 }, (_, n) =>
      handles[n % 2]?.exec(`sleep 0.05; echo ${n}`, { signal: signal() }),
    );
    const outputs = (await Promise.all(runs)).map((result) => result?.stdout.trim());
    expect(outputs).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    expect(server.connections() - before).toBe(1);
  });

  it("refuses a machine with another host key and says which was expected and which offered", async () => {
    const pinned = otherKey("ed25519");
    const blob = (key: string) => Buffer.from(key.split(" ")[1] as string, "base64");
    const attempt = connection({ hostKeys: [pinned] }).exec("true", { signal: signal() });
    await expect(attempt).rejects.toMatchObject({ kind: "host-key" });
    await expect(attempt).rejects.toThrow(
      `root@127.0.0.1:${server.port}: the machine's host key is not the pinned one. ` +
        `Expected ${fingerprint(blob(pinned))} (ssh-ed25519), offered ${fingerprint(blob(server.hostKey))} (ssh-ed25519).`,
    );
  });

  it("refuses a machine that has no host key of the pinned type", async () => {
    const attempt = connection({ hostKeys: [otherKey("ecdsa")] }).exec("true", { signal: signal() });
    await expect(attempt).rejects.toMatchObject({ kind: "host-key" });
    await expect(attempt).rejects.toThrow("no host key of the pinned key's type");
  });

  it("refuses to connect where no host key is pinned", async () => {
    const before = server.connections();
    const attempt = connection({ hostKeys: [] }).exec("true", { signal: signal() });
    await expect(attempt).rejects.toMatchObject({ kind: "host-key" });
    expect(server.connections()).toBe(before);
  });

  it("tells a refused log-in from a machine that can't be reached", async () => {
    const stranger = connection({ user: "daemon" }).exec("true", { signal: signal() });
    const { port: _, ...rest } = target();
    const nobody = connectSsh({ ...rest, port: 1 });
    open.push(nobody);
    await expect(stranger).rejects.toMatchObject({ kind: "authentication" });
    await expect(nobody.exec("true", { signal: signal() })).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("gives up on a machine that takes the connection and stays silent", async () => {
    server.mute(true);
    try {
      const attempt = connection({ readyTimeoutMs: 300 }).exec("true", { signal: signal() });
      await expect(attempt).rejects.toMatchObject({ kind: "unreachable" });
      await expect(attempt).rejects.toThrow("no SSH answer within 0.3 s");
    } finally {
      server.mute(false);
    }
  });

  it("tells a command that its connection broke, and connects anew for the next", async () => {
    const ssh = connection();
    await ssh.exec("true", { signal: signal() });
    const running = ssh.exec("echo started; exec sleep 60", { signal: signal() });
    const stream = await ssh.exec("true", { signal: signal() });
    expect(stream.code).toBe(0);
    server.cut();
    await expect(running).rejects.toMatchObject({ kind: "closed" });
    await expect(ssh.exec("echo again", { signal: signal() })).resolves.toMatchObject({ stdout: "again\n" });
  });

  it("lets go of a command whose call was aborted, its session included", async () => {
    const ssh = connection();
    const abort = new AbortController();
    const commands = Array.from({ length: 8 }, () => ssh.exec("read -t 5 word", { signal: abort.signal }));
    const waiting = ssh.exec("echo next", { signal: signal() });
    abort.abort(new Error("cancelled"));
    const results = await Promise.allSettled(commands);
    expect(results.map((result) => result.status === "rejected" && result.reason.message)).toEqual(
      commands.map(() => "cancelled"),
    );
    await expect(waiting).resolves.toMatchObject({ stdout: "next\n" });
  });

  it("refuses calls on a closed handle, and leaves other handles' connection alone", async () => {
    const [first, second] = [connection(), connection()];
    await first.exec("true", { signal: signal() });
    const before = server.connections();
    first.close();
    await expect(first.exec("true", { signal: signal() })).rejects.toMatchObject({ kind: "closed" });
    await expect(second.exec("true", { signal: signal() })).resolves.toMatchObject({ code: 0 });
    expect(server.connections()).toBe(before);
  });
});
