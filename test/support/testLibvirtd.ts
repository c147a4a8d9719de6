import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";
import { VirshSession } from "../../providers/virsh/virshSession.js";

const nobody = 65534;

/**
 * A libvirtd of a test's own that has libvirt's driver for tests, `test:///default`: domains, pools and volumes without a QEMU. It
 * has network "default", pool "default-pool" and a running domain "test", and keeps what it is told as long as it runs. The
 * process's virsh is one that it understands, until it stops.
 */
export class TestLibvirtd {
  readonly uri: string;
  readonly #keep: VirshSession;

  readonly #path = process.env["PATH"]!;

  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
  ) {
    this.uri = `test+unix:///default?socket=${join(folder, "run/libvirt/libvirt-sock")}`;
    // What the driver holds lives as long as somebody is connected to it.
    this.#keep = new VirshSession(this.uri);
  }

  static async start(): Promise<TestLibvirtd> {
    const folder = await mkdtemp(join(tmpdir(), "berth-libvirtd-"));
    await mkdir(join(folder, "run"));
    await writeFile(join(folder, "libvirtd.conf"), 'auth_unix_rw = "none"\n');
    const env = {
      ...process.env,
      HOME: folder,
      XDG_RUNTIME_DIR: join(folder, "run"),
      XDG_CONFIG_HOME: join(folder, "config"),
      XDG_CACHE_HOME: join(folder, "cache"),
    };
    const command = ["libvirtd", "-f", join(folder, "libvirtd.conf"), "-p", join(folder, "pid")];
    // As root it would be the system's own.
    const isRoot = process.getuid!() === 0;
    if (isRoot) for (const path of [folder, join(folder, "run")]) await chown(path, nobody, nobody);
    const drop = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
    const [program, ...args] = [...(isRoot ? drop : []), ...command];
    const child = spawn(program!, args, { env, stdio: "ignore" });
    await vi.waitUntil(() => existsSync(join(folder, "run/libvirt/libvirt-sock")), {
      timeout: 60_000,
      interval: 50,
    });
    // It refuses one thing that is asked of every domain: to forget firmware variables, of which it has none.
    const bin = join(folder, "bin");
    await mkdir(bin);
    const path = process.env["PATH"]!;
    await writeFile(join(bin, "virsh"), `#!/bin/sh\nsed -u 's/ --nvram$//' | PATH='${path}' virsh "$@"\n`);
    await chmod(join(bin, "virsh"), 0o755);
    const libvirtd = new TestLibvirtd(folder, child);
    process.env["PATH"] = [bin, path].join(delimiter);
    await libvirtd.virsh("uri");
    return libvirtd;
  }

  /** Runs a virsh command on the connection that is kept. */
  async virsh(command: string): Promise<string> {
    const { stdout, stderr } = await this.#keep.run(command, AbortSignal.timeout(60_000));
    if (/^error:/m.test(stderr)) throw new Error(stderr);
    return stdout.trim();
  }

  async stop(): Promise<void> {
    process.env["PATH"] = this.#path;
    await this.#keep.close();
    const ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}
