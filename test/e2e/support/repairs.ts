import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Checkout, Output } from "./checkout.js";
import { ask } from "./prober.js";

/** What is the same whatever the stack: another setting of Docker's, a container that is gone, a host key that is wrong. */
export function repairs(
  checkout: Checkout,
  succeed: (work: Promise<Output>) => Promise<Output>,
  url: () => string,
): void {
  test("Docker's configuration changes in the running machine", async () => {
    const { name, address, domain } = (await checkout.inventory()).machines[0]!;
    const boot = () => checkout.onMachine(name, address, "cat /proc/sys/kernel/random/boot_id");
    const bootId = await boot();
    const handsOver = "/proc/sys/net/ipv4/tcp_migrate_req";
    await checkout.onMachine(
      name,
      address,
      `sudo sh -c "systemctl set-property docker.service CPUWeight=100; echo 0 >${handsOver}"`,
    );
    checkout.edit((config) => {
      config["berth:machines"][name] = {
        ...config["berth:machines"][name],
        docker: { daemon: { "max-concurrent-downloads": 2 } },
      };
    });
    const plan = await checkout.plan();
    expect(plan["update"]).toContain(`berth:index:DockerEngine ${name}`);
    expect(plan["replace"] ?? []).toEqual([]);
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
    const daemon = JSON.parse(await checkout.onMachine(name, address, "cat /etc/docker/daemon.json"));
    expect(daemon["max-concurrent-downloads"]).toBe(2);
    // Its own work gives way to containers' again, of 100 each.
    const weights =
      "cd /sys/fs/cgroup/system.slice && cat docker.service/cpu.weight containerd.service/cpu.weight";
    expect(await checkout.onMachine(name, address, weights)).toBe("10\n10");
    // As do connections that wait at a program that ends go to another one on its port.
    expect(await checkout.onMachine(name, address, `cat ${handsOver}`)).toBe("1");
    expect(await boot()).toBe(bootId);
    expect((await checkout.inventory()).machines.find((one) => one.name === name)!.domain).toBe(domain);
    await ask(url());
  });

  test("a container removed by hand comes back", async () => {
    const { machines, services } = await checkout.inventory();
    const { replica, machine, container } = services[0]!.replicas[0]!;
    const { address } = machines.find(({ name }) => name === machine)!;
    await checkout.onMachine(machine, address, `docker rm --force ${container}`);
    await succeed(checkout.pulumi("up", "--refresh", "--yes", "--skip-preview"));
    const after = (await checkout.inventory()).services[0]!.replicas.find((one) => one.replica === replica)!;
    expect(after.container).not.toBe(container);
    const running = await checkout.onMachine(machine, address, "docker ps --quiet --no-trunc");
    expect(running.split("\n")).toContain(after.container);
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
  });

  test("a machine with another host key is refused", async () => {
    const { name } = (await checkout.inventory()).machines[0]!;
    const file = join(checkout.home, "ssh", checkout.stack, `${name}.known_hosts`);
    const right = readFileSync(file, "utf8");
    const other = (await checkout.inventory()).machines[1]!.name;
    const wrongKey = readFileSync(
      join(checkout.home, "ssh", checkout.stack, `${other}.known_hosts`),
      "utf8",
    ).replace(/^\S+/, right.split(" ")[0]!);
    writeFileSync(file, wrongKey);
    const { code, stdout, stderr } = await checkout.pulumi("refresh", "--yes", "--skip-preview");
    writeFileSync(file, right);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/host key/i);
    await succeed(checkout.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
  });
}
