import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { startLoad } from "../../support/load/startLoad.js";
import type { Checkout, Output } from "./checkout.js";
import { readLab } from "./lab.js";
import type { Case } from "./lifecycle.js";
import { askOften } from "./prober.js";

interface Story {
  readonly checkout: Checkout;
  readonly changes: NonNullable<Case["changes"]>;
  readonly succeed: (work: Promise<Output>) => Promise<Output>;
  /** Inside the lab. */
  readonly netns: () => string;
  /** Outside. */
  readonly url: () => string;
}

/** What machines that are emulated on two busy processors serve without a queue: with one, HAProxy's checks of them time out. */
const rates = { keepAlive: 4, fresh: 4 };

/** The steps in which an image changes while clients ask: a good one, a broken one, and a good one again. */
export function rollout({ checkout, changes, succeed, netns, url }: Story): void {
  const { image, service, path } = changes;
  const context = resolve(checkout.home, "../context");
  const script = join(context, "start.sh");
  let original = "";

  const replicas = async () =>
    (await checkout.inventory()).services.find(({ name }) => name === service)!.replicas;
  /** The image's program, as its developer would change it. */
  const program = (change: (text: string) => string) => writeFileSync(script, change(original));
  const page = (title: string) => program((text) => text.replace('page="', `page="${title} `));
  /** An update while clients ask, on kept connections and on new ones. */
  const underLoad = async (update: () => Promise<Output>) => {
    const load = await startLoad({ url: await entrance(), rates }, netns());
    const output = await update();
    const { phases, failures } = await load.stop();
    const seen = failures.length > 0 ? await errorsInLog() : "";
    expect(failures, `${seen}\n${output.stdout}${output.stderr}`).toEqual([]);
    const asked = phases.reduce((sum, { requests }) => sum + requests, 0);
    expect(asked).toBeGreaterThan(30);
    console.log(`rollout: ${asked} requests, 0 failed`);
    return output;
  };
  /** What HAProxy itself says of answers that were none: which server, and in which state the session ended. */
  const errorsInLog = async () => {
    const docker = `docker -H unix:///run/berth/${readLab(checkout.home).id}/docker.sock`;
    const logs = `for id in $(${docker} ps -q); do ${docker} logs --timestamps $id 2>&1; done`;
    return (
      await checkout.inLab("sh", "-c", `${logs} | grep -E ' (-1|5[0-9][0-9]) [0-9]+ - - | is (UP|DOWN)'`)
    ).stdout;
  };
  /** The load balancer's own address, for clients in the lab. */
  const entrance = async () => new URL(path, (await checkout.inventory()).loadBalancers[0]!.url).href;
  const pages = async () => [...(await askOften(new URL(path, url()).href, 20)).keys()];

  test("a new image: each replica starts beside the old one, and no request fails", async () => {
    cpSync(resolve(import.meta.dirname, "../../../lab/images/web"), context, { recursive: true });
    original = readFileSync(script, "utf8");
    const before = await replicas();
    page("second");
    checkout.edit((config) => {
      config["berth:containerImages"][image].context = context;
    });
    await underLoad(() => succeed(checkout.pulumi("up", "--yes", "--skip-preview")));
    for (const answer of await pages()) expect(answer).toMatch(/^second /);
    const after = await replicas();
    for (const { replica, machine, port, container } of after) {
      const old = before.find((one) => one.replica === replica)!;
      expect(machine, `${replica} moved`).toBe(old.machine);
      expect(container).not.toBe(old.container);
      // Both held a port of that machine at once.
      const there = before.filter((one) => one.machine === machine).map((one) => one.port);
      expect(there, `${replica} took a port that was in use`).not.toContain(port);
    }
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
  });

  test("a broken image: the update fails in the container's own words, and the old one goes on serving", async () => {
    program(() => 'echo "no configuration" >&2\nexit 3\n');
    const { code, stdout, stderr } = await underLoad(() => checkout.pulumi("up", "--yes", "--skip-preview"));
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/Its last log lines:\s+no configuration/);
    for (const answer of await pages()) expect(answer).toMatch(/^second /);
  });

  test("the next good image goes on from there, and exactly the declared containers run", async () => {
    page("third");
    await underLoad(() => succeed(checkout.pulumi("up", "--yes", "--skip-preview")));
    for (const answer of await pages()) expect(answer).toMatch(/^third /);
    const declared = await replicas();
    for (const { name, address } of (await checkout.inventory()).machines) {
      const filter = `label=berth.service=${service}`;
      const listed = await checkout.onMachine(
        name,
        address,
        `docker ps --all --quiet --no-trunc --filter ${filter}`,
      );
      const wanted = declared.filter(({ machine }) => machine === name).map(({ container }) => container);
      expect(listed.split("\n").filter(Boolean).sort(), name).toEqual(wanted.sort());
    }
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
  });

  test("berth rollback brings back the very image before, though its folder has another content now", async () => {
    const where = ["--stack", checkout.stack, "--config-file", checkout.configFile];
    const { stderr } = await underLoad(() =>
      succeed(checkout.run(join(checkout.home, "bin/berth"), ["rollback", service, ...where])),
    );
    expect(stderr).toContain(`until the file has "image: ${image}" again`);
    for (const answer of await pages()) expect(answer).toMatch(/^second /);
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
    checkout.edit((config) => {
      config["berth:services"][service].image = image;
    });
    await underLoad(() => succeed(checkout.pulumi("up", "--yes", "--skip-preview")));
    for (const answer of await pages()) expect(answer).toMatch(/^third /);
  });

  test("berth autoscale makes as many replicas as HAProxy's figures ask for, in the stack's file and for real", async () => {
    const count = (await replicas()).length;
    // At these rates each replica has more than it is to have, and half as many again would do.
    const requests = (0.7 * (rates.keepAlive + rates.fresh)) / count;
    checkout.edit((config) => {
      config["berth:services"][service].autoscale = { max: count + 1, requests };
    });
    const where = ["--stack", checkout.stack, "--config-file", checkout.configFile];
    const { stderr } = await underLoad(() =>
      succeed(checkout.run(join(checkout.home, "bin/berth"), ["autoscale", "--sample", "5s", ...where])),
    );
    expect(stderr).toMatch(`${service}: ${count} replicas → ${count + 1} (requests a second a replica`);
    expect(await replicas()).toHaveLength(count + 1);
    checkout.edit((config) => {
      expect(config["berth:services"][service].replicas).toBe(count + 1);
    });
  });
}
