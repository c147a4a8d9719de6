import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureImages } from "../../../lab/ensureImages.js";
import type { GuestImageManifest } from "../../../lab/guestImage.js";
import type { Lab } from "../../../lab/lab.js";
import { startLab } from "../../../lab/startLab.js";
import { stopLab } from "../../../lab/stopLab.js";
import { waitFor } from "../../../lab/waitFor.js";
import { agentAnswers, runInGuest } from "./guestAgent.js";
import { cacheDir, removeHome, temporaryHome, virsh } from "./support.js";

const log = (): void => {};
const bootLimitMs = 300_000;

let berthHome: string;
let lab: Lab;
let image: string;
let manifest: GuestImageManifest;

const guest = (command: string): Promise<string> => runInGuest(lab, "guest", command, bootLimitMs);

/** Boots the image with a seed whose command fails. */
beforeAll(async () => {
  berthHome = await temporaryHome();
  await ensureImages({ berthHome, cacheDir, log, names: ["debian-12-docker"] });
  lab = await startLab({ berthHome, log });
  image = join(berthHome, "images/debian-12-docker");
  manifest = JSON.parse(readFileSync(join(image, "image.json"), "utf8"));
  const folder = join(lab.stateDir, "guest");
  mkdirSync(folder);
  chmodSync(folder, 0o711); // QEMU's user reads what is in it.
  for (const file of [manifest.disk, manifest.kernel, manifest.initrd]) {
    copyFileSync(join(image, file), join(folder, file));
  }
  execFileSync("qemu-img", ["resize", "-q", join(folder, manifest.disk), "8G"]);
  const seed = join(berthHome, "seed");
  mkdirSync(seed);
  writeFileSync(join(seed, "meta-data"), "instance-id: guest\nlocal-hostname: guest\n");
  writeFileSync(join(seed, "network-config"), "version: 2\nethernets: {}\n");
  writeFileSync(join(seed, "user-data"), '#cloud-config\nruncmd: ["touch /run/ran", "exit 3"]\n');
  const iso = join(folder, "seed.iso");
  execFileSync("genisoimage", ["-quiet", "-o", iso, "-V", "cidata", "-r", "-J", seed]);
  writeFileSync(join(berthHome, "guest.xml"), domain(folder));
  writeFileSync(join(lab.consoleLogs, "guest.log"), "");
  await virsh(lab, "create", join(berthHome, "guest.xml"));
  await agentAnswers(lab, "guest", bootLimitMs);
  await guest("cloud-init status --wait");
}, 900_000);

afterAll(async () => {
  await stopLab({ berthHome, log });
  await removeHome(berthHome);
}, 60_000);

test("Docker is enabled and answers", async () => {
  expect(await guest("systemctl is-enabled docker")).toBe("enabled");
  expect(await guest("systemctl start docker; systemctl is-active docker")).toBe("active");
  expect(await guest("docker info -f '{{.Driver}}'")).toBe("overlay2");
});

test("the seed is applied, all of it", async () => {
  expect(await guest("hostname")).toBe("guest");
  expect(await guest("ls /run/ran")).toBe("/run/ran");
  expect(Number(await guest("df --output=size -B1 / | tail -1")), "grown to the disk").toBeGreaterThan(7e9);
});

test("what went wrong in the guest is on its console", async () => {
  expect(readFileSync(join(lab.consoleLogs, "guest.log"), "utf8")).toContain(
    "Failed to run module scripts-user",
  );
});

test("nobody logs in with a password, and root not at all", async () => {
  const settings = await guest(
    "sshd -T | grep -E '^(permitrootlogin|passwordauthentication|kbdinteractive)'",
  );
  expect(settings.split("\n").sort()).toEqual([
    "kbdinteractiveauthentication no",
    "passwordauthentication no",
    "permitrootlogin no",
  ]);
  expect(await guest("grep -cE '^[^:]+:[^*!:]' /etc/shadow"), "accounts with a password").toBe("0");
});

test("the machine's identity is its own, not the image's", async () => {
  const baked = execFileSync("debugfs", ["-R", "ls -p /etc/ssh", rawDisk()], { encoding: "utf8" });
  expect(baked).toContain("/sshd_config/");
  expect(baked).not.toContain("ssh_host_");
  expect(await guest("ls /etc/ssh/ssh_host_*")).toBe(
    "/etc/ssh/ssh_host_ed25519_key\n/etc/ssh/ssh_host_ed25519_key.pub",
  );
  expect(await guest("cat /etc/machine-id")).toMatch(/^[0-9a-f]{32}$/);
});

test("the power button shuts it down", async () => {
  await virsh(lab, "shutdown", "guest", "--mode", "acpi");
  const gone = async (): Promise<boolean> => !(await virsh(lab, "list", "--name")).includes("guest");
  expect(await waitFor("the guest to be off", 120_000, gone)).toBe(true);
});

/** The image's disk as debugfs can read it. */
function rawDisk(): string {
  const raw = join(berthHome, "disk.raw");
  execFileSync("qemu-img", ["convert", "-O", "raw", join(image, manifest.disk), raw]);
  return raw;
}

function domain(folder: string): string {
  const disk = (file: string, type: string, target: string): string =>
    `<disk type="file" device="disk"><driver name="qemu" type="${type}"/><source file="${join(folder, file)}"/>` +
    `<target dev="${target}" bus="virtio"/></disk>`;
  return `<domain type="qemu"><name>guest</name><memory unit="MiB">1024</memory><vcpu>2</vcpu>
    <os><type arch="x86_64" machine="q35">hvm</type><kernel>${join(folder, manifest.kernel)}</kernel>
      <initrd>${join(folder, manifest.initrd)}</initrd><cmdline>${manifest.cmdline}</cmdline></os>
    <features><acpi/></features>
    <devices>${disk(manifest.disk, "qcow2", "vda")}${disk("seed.iso", "raw", "vdz")}
      <serial type="file"><source path="${join(lab.consoleLogs, "guest.log")}"/></serial>
      <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    </devices></domain>`;
}
