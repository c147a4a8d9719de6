import { join } from "node:path";
import { expect, test } from "vitest";
import type { Checkout, Output } from "./checkout.js";
import { ask, askOften, probe } from "./prober.js";

/** Starts a web server that answers `/db` with a text, with what every guest image has. */
export function answeringWith(text: string) {
  const unit =
    "[Service]\nExecStart=/usr/bin/python3 -m http.server 8080 --directory /srv\nRestart=always\n[Install]\nWantedBy=multi-user.target\n";
  return {
    write_files: [
      { path: "/srv/db", content: `${text}\n` },
      { path: "/etc/systemd/system/db.service", content: unit },
    ],
    runcmd: [["systemctl", "enable", "--now", "db.service"]],
  };
}

/** The same, with the machine's name. */
function answeringWithName(): object {
  const config = answeringWith("");
  return { ...config, runcmd: [["sh", "-c", "hostname >/srv/db"], ...config.runcmd] };
}

/** A service that runs as a machine of its own, beside the containers, in one plan with them. */
export function machineService(
  checkout: Checkout,
  succeed: (work: Promise<Output>) => Promise<Output>,
  url: () => string,
): void {
  const { stack, home, configFile } = checkout;
  const berth = async (...args: string[]) =>
    (
      await succeed(
        checkout.run(join(home, "bin/berth"), [...args, "--stack", stack, "--config-file", configFile]),
      )
    ).stdout;
  const replicasOfDb = async () =>
    (await checkout.inventory()).services.find(({ name }) => name === "db")!.replicas;
  const domains = async () => (await checkout.virsh("list", "--name")).split("\n");
  const answering = async () => [...(await askOften(new URL("/db", url()).href, 10)).keys()].sort();

  test("a service that runs as a machine is in the plan, comes up, answers, takes a warm one more, and goes again, and no request fails", async () => {
    checkout.edit((config) => {
      config["berth:hypervisors"] = {
        local: {
          ...config["berth:hypervisors"]?.local,
          capacity: { cpus: 16, memory: "16GiB", disk: "64GiB" },
        },
      };
      // The shape of the others, so that it starts as a fork of the template that there is.
      config["berth:services"].db = {
        runsAs: "machine",
        port: 8080,
        cloudConfig: answeringWithName(),
        health: { path: "/db" },
        warm: 1,
      };
      config["berth:loadBalancers"].public.routes = [{ path: "/db", service: "db" }];
    });
    const planned = await berth("plan");
    expect(planned).toMatch(/db-1 +new +→ local +the only machine that it may run on/);
    const { stdout: preview } = await succeed(checkout.pulumi("preview"));
    expect(preview).toMatch(/db-1 +new +→ local/);

    const probing = probe(url());
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
    expect((await probing.stop()).failures).toEqual([]);
    const replicas = await replicasOfDb();
    expect(replicas.map(({ replica, machine, warm }) => [replica, machine, warm])).toEqual([
      ["db-1", "local", false],
      ["db-2", "local", true],
    ]);
    const names = replicas.map(({ guest }) => `${stack}-${guest}`);
    const running = await domains();
    for (const name of names) expect(running).toContain(name);
    const guests = replicas.map(({ guest }) => guest);
    expect(await answering()).toEqual(guests.slice(0, 1));
    expect(await berth("plan")).toMatch(/: nothing moves$/m);
    expect(await berth("graph")).toMatch(/^hypervisor local .* db-1, db-2$/m);
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));

    // The warm one is given: nothing starts.
    checkout.edit((config) => Object.assign(config["berth:services"].db, { replicas: 2, warm: 0 }));
    const { stdout: taken } = await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
    expect(taken).not.toMatch(/\d+ (created|replaced|deleted)/);
    expect(await domains()).toEqual(running);
    expect(await answering()).toEqual(guests);

    checkout.edit((config) => {
      delete config["berth:services"].db;
      delete config["berth:loadBalancers"].public.routes;
    });
    const still = probe(url());
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
    expect((await still.stop()).failures).toEqual([]);
    const left = await domains();
    for (const name of names) expect(left).not.toContain(name);
    await ask(url());
  });
}
