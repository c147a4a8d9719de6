import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Lab } from "../../../lab/lab.js";
import { labInit, labMembers } from "../../../lab/labProcesses.js";

const run = promisify(execFile);

export const cacheDir = process.env["BERTH_CACHE"] ?? join(homedir(), ".cache", "berth");

/** A folder to be some checkout's BERTH_HOME; remove it with removeHome. */
export function temporaryHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), "berth-lab-"));
}

export function removeHome(home: string): Promise<void> {
  return rm(home, { recursive: true, force: true });
}

export async function virsh(lab: Lab, ...args: string[]): Promise<string> {
  return (await run("virsh", ["-q", "-c", lab.libvirtUri, ...args])).stdout.trim();
}

export async function docker(lab: Lab, ...args: string[]): Promise<string> {
  return (await run("docker", ["-H", lab.dockerHost, ...args])).stdout.trim();
}

/** Runs JavaScript in the lab's network namespace and gives what it prints. */
export async function inside(lab: Lab, script: string): Promise<string> {
  return (await run("nsenter", [`--net=${lab.netns}`, process.execPath, "-e", script])).stdout.trim();
}

/** The IPv4 addresses of an interface in the lab's network namespace, as `ip` prints them. */
export async function addressesInside(lab: Lab, device: string): Promise<string> {
  return (await run("nsenter", [`--net=${lab.netns}`, "ip", "-4", "-o", "address", "show", device])).stdout;
}

/** An HTTP server in the lab's network namespace, on any port of its loopback; it ends with the lab. */
export async function serverInside(lab: Lab, body: string): Promise<number> {
  const script = `const s = require("node:http").createServer((_q, r) => r.end(${JSON.stringify(body)}));
    s.listen(0, "127.0.0.1", () => console.log(s.address().port));`;
  const child = spawn("nsenter", [`--net=${lab.netns}`, process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(child.stdout)).split("\n");
  child.unref();
  return Number(port);
}

function once(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    stream.once("data", (chunk: Buffer) => resolve(chunk.toString())).once("error", reject);
  });
}

/** PIDs of the lab's processes of this name, as this machine sees them. */
export function pidsOf(lab: Lab, name: string): number[] {
  const init = labInit(lab);
  return init
    ? labMembers(init)
        .filter((p) => p.name === name)
        .map((p) => p.pid)
    : [];
}

/** A domain of 64 MiB without a disk. Started paused, it needs no processor time. */
export function tinyDomain(name: string): string {
  return `<domain type="qemu"><name>${name}</name><memory unit="MiB">64</memory>
    <os><type arch="x86_64" machine="q35">hvm</type></os>
    <devices><interface type="network"><source network="lan"/></interface></devices></domain>`;
}

/** A network as it would be in each lab: the same name, bridge and address. */
export const network = `<network><name>lan</name><forward mode="nat"/><bridge name="br-lan"/>
  <ip address="192.168.140.1" prefix="24"/></network>`;

/** What of this machine a lab could leave behind, as lines; compare before and after. */
export function traces(): string[] {
  const list = (folder: string): string[] =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const cgroups = ["/sys/fs/cgroup", ...list("/sys/fs/cgroup")].flatMap((folder) =>
    existsSync(join(folder, "cgroup.procs")) ? list(folder).filter((path) => path.includes("/berth-")) : [],
  );
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes("berth"));
  const interfaces = list("/sys/class/net").filter((path) => /br-lan|docker0|uplink0|virbr|vnet/.test(path));
  const commands = list("/proc")
    .filter((path) => /^\/proc\/\d+$/.test(path))
    .map((path) => commandLine(path))
    .filter((line) => /berth-[0-9a-f]{8}|berth\/[0-9a-f]{8}/.test(line));
  const folders = [...list("/run/berth"), ...list("/var/lib/berth"), ...list("/run/netns")];
  return [...folders, ...cgroups, ...mounts, ...interfaces, ...commands].sort();
}

function commandLine(path: string): string {
  try {
    return readFileSync(join(path, "cmdline"), "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
