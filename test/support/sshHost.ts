import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { vi } from "vitest";
import { forward, type Lab } from "../../lab/index.js";
import { labInit } from "../../lab/labProcesses.js";

const run = promisify(execFile);
const inside = "127.0.0.1:2222";

/** A real sshd in a lab, with what reaches it: the way to a hypervisor on another machine. */
export interface SshHost {
  /** Where it answers: outside of the lab, or where it was told to listen in it. */
  readonly address: string;
  readonly keyFile: string;
  /** Holds its host key. */
  readonly knownHosts: string;
  /** A file of known hosts that holds another key for it, or none. */
  readonly otherHosts: (key: "another" | "none") => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** @param listen address and port in the lab, for whoever is in its network. Default: reached from outside of the lab */
export async function startSshHost(lab: Lab, listen?: string): Promise<SshHost> {
  const folder = await mkdtemp(join(tmpdir(), "berth-sshd-"));
  const key = async (name: string) => {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    return (await readFile(join(folder, `${name}.pub`), "utf8")).split(" ").slice(0, 2).join(" ");
  };
  const [host, user, other] = [await key("host"), await key("user"), await key("other")];
  await writeFile(join(folder, "authorized"), `${user}\n`);
  const config = {
    ListenAddress: listen ?? inside,
    HostKey: join(folder, "host"),
    AuthorizedKeysFile: join(folder, "authorized"),
    PidFile: "none",
    PermitRootLogin: "prohibit-password",
    PasswordAuthentication: "no",
    StrictModes: "no",
    UsePAM: "no",
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} ${value}`);
  await writeFile(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  // Where the programs of a machine of its own have it.
  await mkdir(join(lab.runDir, "run/libvirt"), { recursive: true });
  await symlink(`${lab.runDir}/libvirt/libvirt-sock`, join(lab.runDir, "run/libvirt/libvirt-sock"));
  await mkdir(join(lab.runDir, "run/sshd"), { recursive: true });
  await chmod(join(lab.runDir, "run/sshd"), 0o755);
  const enter = ["--target", String(labInit(lab)!.pid), "--pid", "--net", "--mount", "--wd=/"];
  const child = spawn(
    "nsenter",
    [...enter, "--", "/usr/sbin/sshd", "-D", "-e", "-f", join(folder, "sshd_config")],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const stop = async () => {
    // sshd itself ends with the lab that it is in.
    child.kill();
    child.stderr.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await vi.waitUntil(() => said.includes("Server listening on"), { timeout: 30_000, interval: 100 });
  } catch (error) {
    await stop();
    throw new Error(`sshd does not answer: ${said}`, { cause: error });
  }
  const address = listen ?? (await forward({ lab, listen: inside, target: inside }));
  const [name, port] = address.split(":") as [string, string];
  const known = async (file: string, text: string) => {
    const path = join(folder, file);
    await writeFile(path, text);
    return path;
  };
  return {
    address,
    keyFile: join(folder, "user"),
    knownHosts: await known("known_hosts", `[${name}]:${port} ${host}\n`),
    otherHosts: (which) => known(`known_${which}`, which === "none" ? "" : `[${name}]:${port} ${other}\n`),
    stop,
  };
}
