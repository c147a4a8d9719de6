import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab.js";
import { QEMU_ID } from "./qemuUser.js";

/** Writes the folders and configuration files of the lab's daemons. Harmless where they exist. */
export async function writeDaemonConfig(lab: Lab): Promise<void> {
  const { stateDir, runDir } = lab;
  await mkdir(stateDir, { recursive: true });
  await chmod(stateDir, 0o711); // QEMU's user passes through it.
  await mkdir(runDir, { recursive: true });
  await chmod(runDir, 0o700);
  for (const folder of ["lib", "cache", "log", "console", "etc/libvirt", "etc/docker", "docker"]) {
    await mkdir(join(stateDir, folder), { recursive: true });
  }
  for (const folder of ["run", "libvirt", "log"]) {
    await mkdir(join(runDir, folder), { recursive: true });
  }
  await writeFile(join(runDir, "resolv.conf"), "nameserver 10.0.2.3\n");
  await writeFile(
    join(runDir, "passwd"),
    await withQemuUser("/etc/passwd", "x:ID:ID::/nonexistent:/bin/false"),
  );
  await writeFile(join(runDir, "group"), await withQemuUser("/etc/group", "x:ID:"));
  await writeFile(join(stateDir, "etc/libvirt/libvirtd.conf"), libvirtdConf(lab));
  await writeFile(join(stateDir, "etc/libvirt/qemu.conf"), qemuConf());
  await writeFile(join(stateDir, "etc/dockerd.json"), dockerdJson(lab));
}

/**
 * libvirtd does not start where it can't find its built-in user by name. It need not be on the machine: the
 * lab sees account files of its own.
 */
async function withQemuUser(path: string, fields: string): Promise<string> {
  const accounts = await readFile(path, "utf8");
  const line = `libvirt-qemu:${fields.replaceAll("ID", String(QEMU_ID))}`;
  return /^libvirt-qemu:/m.test(accounts) ? accounts : `${accounts.trimEnd()}\n${line}\n`;
}

function libvirtdConf(lab: Lab): string {
  return [
    `unix_sock_dir = "${lab.runDir}/libvirt"`,
    // Whoever reaches these sockets is root on this machine.
    `unix_sock_group = "root"`,
    `unix_sock_ro_perms = "0600"`,
    `unix_sock_rw_perms = "0600"`,
    `unix_sock_admin_perms = "0600"`,
    `auth_unix_ro = "none"`,
    `auth_unix_rw = "none"`,
    // The board's, which all labs of this machine would have.
    `host_uuid = "${hostUuid(lab)}"`,
    "",
  ].join("\n");
}

function hostUuid({ id }: Lab): string {
  const digits = createHash("sha256").update(id).digest("hex");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
}

function qemuConf(): string {
  return [
    `user = "+${QEMU_ID}"`,
    `group = "+${QEMU_ID}"`,
    `seccomp_sandbox = 1`,
    `namespaces = [ "mount" ]`,
    `stdio_handler = "logd"`,
    // A profile a guest would be written to the machine's own /etc, where labs could meet.
    `security_driver = "none"`,
    "",
  ].join("\n");
}

function dockerdJson(lab: Lab): string {
  const configuration = {
    "data-root": `${lab.stateDir}/docker`,
    hosts: [lab.dockerHost],
    group: "root",
    "live-restore": true,
    "log-opts": { "max-size": "10m", "max-file": "2" },
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}
