import { existsSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureContainerBase } from "../../../lab/containerBase.js";
import { forward } from "../../../lab/forward.js";
import type { Lab } from "../../../lab/lab.js";
import { labInit } from "../../../lab/labProcesses.js";
import { labStatus } from "../../../lab/labStatus.js";
import { startLab } from "../../../lab/startLab.js";
import { stopLab } from "../../../lab/stopLab.js";
import { waitFor } from "../../../lab/waitFor.js";
import {
  addressesInside,
  cacheDir,
  docker,
  inside,
  network,
  pidsOf,
  removeHome,
  serverInside,
  temporaryHome,
  tinyDomain,
  traces,
  virsh,
} from "./support.js";

const log = (): void => {};
const daemons = ["slirp4netns", "virtlogd", "libvirtd", "dockerd"];

let homes: string[];
let one: Lab;
let two: Lab;

/** Traces of these two labs: others may come and go on the machine meanwhile. */
const ours = (lab: Lab): string[] => traces().filter((line) => line.includes(lab.id));

beforeAll(async () => {
  homes = await Promise.all([temporaryHome(), temporaryHome()]);
  [one, two] = (await Promise.all(homes.map((berthHome) => startLab({ berthHome, log })))) as [Lab, Lab];
}, 300_000);

afterAll(async () => {
  await Promise.all(homes.map((berthHome) => stopLab({ berthHome, log })));
  await Promise.all(homes.map(removeHome));
}, 60_000);

describe("two labs side by side", () => {
  test("each has daemons of its own, which answer", async () => {
    for (const berthHome of homes) {
      const { state, daemons: running } = await labStatus({ berthHome });
      expect(running).toEqual(Object.fromEntries(daemons.map((name) => [name, true])));
      expect(state).toBe("running");
    }
    expect(one.id).not.toBe(two.id);
  });

  test("the same names, bridges and addresses live in both", async () => {
    for (const [index, lab] of [one, two].entries()) {
      const file = join(homes[index]!, "lan.xml");
      await writeFile(file, network);
      await virsh(lab, "net-define", file);
      await virsh(lab, "net-start", "lan");
      await writeFile(file, tinyDomain("vm"));
      await virsh(lab, "define", file);
      await virsh(lab, "start", "vm", "--paused");
    }
    expect(await virsh(one, "domstate", "vm")).toBe("paused");
    expect(await virsh(two, "domstate", "vm")).toBe("paused");
    await virsh(two, "destroy", "vm");
    expect(await virsh(one, "domstate", "vm"), "the other lab's domain of the same name").toBe("paused");
    expect(await addressesInside(one, "br-lan")).toContain("192.168.140.1/24");
    expect(await addressesInside(two, "br-lan")).toContain("192.168.140.1/24");
    expect(existsSync("/sys/class/net/br-lan"), "the machine's own network").toBe(false);
  });

  test("QEMU does not run as root", () => {
    const [pid] = pidsOf(one, "qemu-system-x86");
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\t64055\t64055\t64055\t64055$/m);
  });

  test("only root reaches the sockets", () => {
    const sockets = [one.dockerHost.slice("unix://".length), join(one.runDir, "libvirt/libvirt-sock")];
    for (const path of sockets) {
      const { mode, uid, gid } = statSync(path);
      expect([path, mode & 0o777, uid, gid]).toEqual([path, 0o600, 0, 0]);
    }
  });

  test("the record in BERTH_HOME says how to reach it", () => {
    expect(JSON.parse(readFileSync(join(homes[0]!, "lab.json"), "utf8"))).toEqual(one);
  });
});

describe("the way out", () => {
  test("a container installs Debian packages", async () => {
    await ensureContainerBase(one, { cacheDir, log });
    const output = await docker(one, "run", "--rm", "debian:bookworm-slim", "apt-get", "update");
    expect(output).toMatch(/Fetched|Hit:/);
  }, 180_000);

  test("the machine's loopback can't be reached from inside", async () => {
    const server = createServer((_request, response) => response.end("private"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const attempt = (host: string): string =>
      `fetch("http://${host}:${port}", { signal: AbortSignal.timeout(3000) })
        .then((r) => r.text(), (e) => "no").then(console.log)`;
    try {
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("private");
      expect(await inside(one, attempt("10.0.2.2")), "the uplink's address of the machine").toBe("no");
      expect(await inside(one, attempt("127.0.0.1"))).toBe("no");
    } finally {
      server.close();
    }
  });
});

describe("forward", () => {
  test("an address inside answers on the machine's loopback, at the same one when asked again", async () => {
    const port = await serverInside(one, "from inside");
    const target = `127.0.0.1:${port}`;
    const address = await forward({ lab: one, listen: "127.0.0.1:18080", target });
    expect(await (await fetch(`http://${address}`)).text()).toBe("from inside");
    expect(await forward({ lab: one, listen: "127.0.0.1:18080", target })).toBe(address);
  });

  test("a taken port gives the next free one", async () => {
    const port = await serverInside(two, "from the second");
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const wanted = (taken.address() as AddressInfo).port;
    try {
      const address = await forward({ lab: two, listen: `127.0.0.1:${wanted}`, target: `127.0.0.1:${port}` });
      expect(Number(address.split(":")[1])).toBeGreaterThan(wanted);
      expect(await (await fetch(`http://${address}`)).text()).toBe("from the second");
    } finally {
      taken.close();
    }
  });

  test("a target that does not answer breaks the connection", async () => {
    const address = await forward({ lab: one, listen: "127.0.0.1:18180", target: "127.0.0.1:1" });
    await expect(fetch(`http://${address}`)).rejects.toThrow("fetch failed");
  });

  test("an address that is none is refused", async () => {
    await expect(forward({ lab: one, listen: "8080", target: "127.0.0.1:80" })).rejects.toThrow(
      'Address "8080": must be an address and a port',
    );
  });
});

describe("starting again", () => {
  test("a running lab is left as it is", async () => {
    const before = daemons.map((name) => pidsOf(one, name));
    expect(await startLab({ berthHome: homes[0]!, log })).toEqual(one);
    expect(daemons.map((name) => pidsOf(one, name))).toEqual(before);
  });

  test("daemons that were killed are back, and what they ran was not disturbed", async () => {
    await docker(one, "run", "-d", "--name", "survivor", "debian:bookworm-slim", "sleep", "infinity");
    const started = await docker(one, "inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}}", "survivor");
    const init = labInit(one)!.pid;
    for (const name of ["libvirtd", "dockerd", "slirp4netns"]) {
      for (const pid of pidsOf(one, name)) {
        process.kill(pid, "SIGKILL");
      }
      await waitFor(`${name} to end`, 5_000, () => pidsOf(one, name).length === 0);
    }
    expect((await labStatus({ berthHome: homes[0]! })).state).toBe("degraded");

    await startLab({ berthHome: homes[0]!, log });

    expect((await labStatus({ berthHome: homes[0]! })).state).toBe("running");
    expect(labInit(one)?.pid).toBe(init);
    expect(await virsh(one, "domstate", "vm")).toBe("paused");
    expect(await docker(one, "inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}}", "survivor")).toBe(
      started,
    );
  }, 60_000);

  test("after a crash of everything the lab starts with its machines, networks and containers", async () => {
    await virsh(one, "autostart", "vm");
    await virsh(one, "net-autostart", "lan");
    await docker(one, "update", "--restart", "unless-stopped", "survivor");
    process.kill(labInit(one)!.pid, "SIGKILL");
    await waitFor("the lab to end", 10_000, () => labInit(one) === undefined);
    expect((await labStatus({ berthHome: homes[0]! })).state).toBe("stopped");

    await startLab({ berthHome: homes[0]!, log });

    expect(await waitFor("vm", 20_000, async () => (await virsh(one, "domstate", "vm")) === "running")).toBe(
      true,
    );
    expect(await docker(one, "inspect", "-f", "{{.State.Running}}", "survivor")).toBe("true");
  }, 60_000);
});

describe("stopping", () => {
  test("nothing is left, and stopping again is harmless", async () => {
    expect(ours(one), "what the check looks at, while the lab runs").not.toEqual([]);
    const address = await forward({ lab: one, listen: "127.0.0.1:18280", target: "127.0.0.1:1" });
    await stopLab({ berthHome: homes[0]!, log });
    expect(ours(one)).toEqual([]);
    expect(existsSync(join(homes[0]!, "lab.json"))).toBe(false);
    await expect(fetch(`http://${address}`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await stopLab({ berthHome: homes[0]!, log });
    expect((await labStatus({ berthHome: homes[1]! })).state, "the other lab").toBe("running");
  }, 60_000);

  test("what a crash left is removed", async () => {
    process.kill(labInit(two)!.pid, "SIGKILL");
    await waitFor("the lab to end", 10_000, () => labInit(two) === undefined);
    expect(ours(two), "left by the crash").not.toEqual([]);
    await stopLab({ berthHome: homes[1]!, log });
    expect(ours(two)).toEqual([]);
  }, 60_000);

  test("a process that stays in the lab's network is ended", async () => {
    const berthHome = homes[0]!;
    const lab = await startLab({ berthHome, log });
    const port = await serverInside(lab, "stays");
    const address = await forward({ lab, listen: "127.0.0.1:18380", target: `127.0.0.1:${port}` });
    expect(await (await fetch(`http://${address}`)).text()).toBe("stays");
    await stopLab({ berthHome, log });
    expect(ours(lab)).toEqual([]);
  }, 60_000);
});
