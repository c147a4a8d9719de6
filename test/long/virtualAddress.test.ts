import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { haproxyModel, renderHaproxy } from "../../components/haproxy/index.js";
import { keepalivedConfig } from "../../components/keepalivedConfig.js";
import { place } from "../../components/placement/index.js";
import { parseTopology } from "../../components/topology/index.js";
import { ensureContainerBase, type Lab, startLab, stopLab } from "../../lab/index.js";
import { haproxyConfig } from "../../providers/berth/haproxyConfig.js";
import { measureGap } from "../support/load/measureGap.js";
import { testCall } from "../unit/berth-provider/support/testCall.js";
import { stackFile } from "../unit/topology/stackFile.js";

const berthHome = mkdtempSync(join(tmpdir(), "berth-virtual-address-"));
const cacheDir = process.env["BERTH_CACHE"] ?? join(homedir(), ".cache/berth");
const log = () => {};
/** What a killed load balancer of a pair may cost. */
const mostMs = 3_000;
const address = "192.168.130.9";

/** As a stack's file has it; HAProxy answers itself, as there is nothing behind. */
const topology = parseTopology(
  {
    ...stackFile("dev"),
    loadBalancers: {
      public: {
        machines: ["web-1", "web-2"],
        virtualAddress: { address },
        frontends: {
          http: {
            service: "web",
            raw: ['http-request return status 200 content-type text/plain string "%[hostname]"'],
          },
        },
      },
    },
  },
  { stack: "dev" },
);
const spec = topology.loadBalancers[0]!;
const members = topology.machines.map((machine) => machine.address);
const { network } = topology.hypervisors[0]!;
const group = { ...spec.virtualAddress!, prefixLength: network.prefixLength, members };

interface Member {
  readonly own: string;
  readonly keepalived: Docker.Container;
  readonly haproxy: Docker.Container;
}

/** Two "machines" of one network: each a network namespace with Berth's own images of HAProxy and keepalived in it. */
describe("a virtual address", () => {
  let lab: Lab;
  let docker: Docker;
  let pair: Member[];

  beforeAll(async () => {
    lab = await startLab({ berthHome, log });
    docker = new Docker({ socketPath: lab.dockerHost.replace("unix://", "") });
    await ensureContainerBase(lab, { cacheDir, log });
    const images = new Map<string, string>();
    for (const name of ["haproxy", "keepalived"]) {
      const folder = resolve(import.meta.dirname, "../../lab/images", name);
      const { stdout } = await promisify(execFile)("docker", ["-H", lab.dockerHost, "build", "-q", folder]);
      images.set(name, stdout.trim());
    }
    await docker.createNetwork({
      Name: "machines",
      IPAM: { Config: [{ Subnet: network.cidr, Gateway: network.gateway }] },
    });
    pair = await Promise.all(members.map((own) => start(own, images)));
  });
  afterAll(async () => {
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });

  async function start(own: string, images: ReadonlyMap<string, string>): Promise<Member> {
    const confined = { ReadonlyRootfs: true, SecurityOpt: ["no-new-privileges:true"], CapDrop: ["ALL"] };
    const keepalived = await docker.createContainer({
      Image: images.get("keepalived")!,
      Env: [`ADDRESS=${own}`, `CONFIG=${keepalivedConfig(group, own)}`],
      HostConfig: {
        ...confined,
        NetworkMode: "machines",
        Tmpfs: { "/run": "rw,noexec,nosuid,nodev,size=1m", "/tmp": "rw,noexec,nosuid,nodev,size=1m" },
        CapAdd: ["NET_ADMIN", "NET_RAW", "SETGID"],
      },
      NetworkingConfig: { EndpointsConfig: { machines: { IPAMConfig: { IPv4Address: own } } } },
    });
    await keepalived.start();
    const haproxy = await docker.createContainer({
      Image: images.get("haproxy")!,
      HostConfig: {
        ...confined,
        NetworkMode: `container:${keepalived.id}`,
        Tmpfs: { "/run/haproxy": "rw,noexec,nosuid,nodev,size=1m,mode=0700" },
        CapAdd: ["NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT", "KILL"],
      },
    });
    await haproxy.start();
    const config = renderHaproxy(haproxyModel(spec, topology, place(topology)));
    const path = "/etc/haproxy/haproxy.cfg";
    await haproxyConfig.create(
      { docker: { host: lab.dockerHost }, container: haproxy.id, config, path },
      testCall(),
    );
    return { own, keepalived, haproxy };
  }

  async function has({ keepalived }: Member): Promise<boolean> {
    const exec = await keepalived.exec({
      Cmd: ["/bin/busybox", "ip", "-o", "-4", "addr", "show"],
      AttachStdout: true,
      Tty: true,
    });
    let text = "";
    for await (const chunk of await exec.start({ Tty: true })) text += chunk;
    return text.includes(` ${address}/`);
  }
  async function active(): Promise<Member[]> {
    const found: Member[] = [];
    for (const member of pair) {
      if ((await member.keepalived.inspect()).State.Running && (await has(member))) found.push(member);
    }
    return found;
  }
  const becomes = (member: Member) =>
    expect
      .poll(async () => (await active()).map(({ own }) => own), { timeout: 30_000, interval: 100 })
      .toEqual([member.own]);
  const other = (member: Member) => pair.find((one) => one !== member)!;
  const url = `http://${address}/`;

  it("is had by one, and HAProxy on the other waits for it with the same configuration", async () => {
    await expect.poll(async () => (await active()).length, { timeout: 30_000, interval: 100 }).toBe(1);
    for (const { haproxy } of pair) expect((await haproxy.inspect()).State.Running).toBe(true);
    expect((await measureGap(url, lab.netns, async () => {})).answered).toBeGreaterThan(0);
  });

  it("goes to the other where HAProxy is killed, and stays there when it is back", async () => {
    const [first] = await active();
    const gap = await measureGap(url, lab.netns, async () => {
      await first!.haproxy.kill();
      await becomes(other(first!));
    });
    expect(gap.longestMs).toBeLessThan(mostMs);
    await first!.haproxy.start();
    const back = await measureGap(url, lab.netns, () =>
      expect
        .poll(async () => (await first!.keepalived.logs({ stdout: true, stderr: true })).toString(), {
          timeout: 30_000,
        })
        .toMatch(/Entering FAULT STATE[\s\S]*Entering BACKUP STATE/),
    );
    expect(back.failed).toBe(0);
    await becomes(other(first!));
  });

  it("stays where HAProxy is slow, and goes to the other where it hangs", async () => {
    const [first] = await active();
    const { haproxy, keepalived, own } = first!;
    const faults = async () => {
      const words = (await keepalived.logs({ stdout: true, stderr: true })).toString();
      return words.split("Entering FAULT STATE").length;
    };
    const before = await faults();
    await haproxy.pause();
    await setTimeout(3_000);
    await haproxy.unpause();
    // Until a check that began while it was slow would have failed.
    await setTimeout(5_000);
    expect(await faults()).toBe(before);
    expect((await active()).map((member) => member.own)).toEqual([own]);

    await haproxy.pause();
    const began = Date.now();
    await becomes(other(first!));
    expect(Date.now() - began).toBeLessThan(8_000);
    await haproxy.unpause();
    await expect.poll(faults, { timeout: 30_000 }).toBe(before + 1);
  });

  it("goes to the other where the whole machine is killed", async () => {
    const [first] = await active();
    const gap = await measureGap(url, lab.netns, async () => {
      await Promise.all([first!.keepalived.kill(), first!.haproxy.kill()]);
      await becomes(other(first!));
    });
    expect(gap.longestMs).toBeLessThan(mostMs);
    expect(gap.answered).toBeGreaterThan(10);
  });
});
