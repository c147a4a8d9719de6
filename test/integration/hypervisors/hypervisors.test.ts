import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { type SshHost, startSshHost } from "../../support/sshHost.js";

/** Two hypervisors, each a libvirtd in namespaces of its own; the second is reached as one on another machine is. */
let homes: string[];
let near: Lab;
let far: Lab;
let ssh: SshHost;

beforeAll(async () => {
  homes = [await mkdtemp(join(tmpdir(), "berth-near-")), await mkdtemp(join(tmpdir(), "berth-far-"))];
  const labs = await Promise.all(homes.map((berthHome) => startLab({ berthHome, log: () => {} })));
  [near, far] = labs as [Lab, Lab];
  ssh = await startSshHost(far);
}, 120_000);
afterAll(async () => {
  await ssh?.stop();
  for (const berthHome of homes) {
    await stopLab({ berthHome, log: () => {} });
    await rm(berthHome, { recursive: true, force: true });
  }
}, 120_000);

const farUri = (knownHosts: string) =>
  `qemu+ssh://root@${ssh.address}/system?keyfile=${ssh.keyFile}&known_hosts=${knownHosts}`;
const ask = (uri: string, ...args: string[]) =>
  Libvirt.with(uri, AbortSignal.timeout(120_000), (libvirt) => libvirt.run(args));

test("over SSH, with the key that the URI names, to the host whose key it names", async () => {
  expect(await ask(farUri(ssh.knownHosts), "uri")).toMatch(/^qemu\+libssh2:/);
  // Each has networks and pools of its own.
  const pool = join(tmpdir(), "berth-far-pool");
  await ask(farUri(ssh.knownHosts), "pool-define-as", "only-far", "dir", "--target", pool);
  expect(await ask(farUri(ssh.knownHosts), "pool-list", "--all", "--name")).toContain("only-far");
  expect(await ask(far.libvirtUri, "pool-list", "--all", "--name")).toContain("only-far");
  expect(await ask(near.libvirtUri, "pool-list", "--all", "--name")).not.toContain("only-far");
});

test.each(["another", "none"] as const)("a host is refused where the known one has %s key", async (key) => {
  const uri = farUri(await ssh.otherHosts(key));
  await expect(ask(uri, "uri")).rejects.toThrow(/cannot be reached: .*(host key|known)/i);
  // It was not taken in.
  await expect(ask(uri, "uri")).rejects.toThrow(/cannot be reached/);
});
