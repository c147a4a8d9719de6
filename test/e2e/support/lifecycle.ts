import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkout } from "./checkout.js";
import { inOrder } from "./inOrder.js";
import { processesIn, readLab, remainsOf } from "./lab.js";
import { machineService } from "./machineService.js";
import { ask, askOften, probe } from "./prober.js";
import { repairs } from "./repairs.js";
import { rollout } from "./rollout.js";

export interface Case {
  readonly stack: string;
  /** Path under the URL → the service that answers there and its replicas. */
  readonly routes: Readonly<Record<string, { service: string; replicas: number }>>;
  /** The service that grows, and the name of the machine that is added for it. */
  readonly grows: { service: string; path: string; machine: string };
  /** The image that changes while requests come, by the path at which its service answers. Default: none does. */
  readonly changes?: { image: string; service: string; path: string };
  /** Whether machines have IPv6 addresses too. Default: no. */
  readonly ipv6?: boolean;
  /** Whether a service that runs as a machine comes and goes. Default: no. */
  readonly asMachine?: boolean;
  /** Whether what is the same in every stack is tried with this one. Default: no. */
  readonly repaired?: boolean;
}

/** One stack's life, from nothing to nothing, on real machines. Each step builds on the one before. */
export function lifecycle({
  stack,
  routes,
  grows,
  changes,
  ipv6 = false,
  asMachine = false,
  repaired = false,
}: Case): void {
  describe(`stack ${stack}`, () => {
    inOrder();
    const checkout = new Checkout(stack);
    let url = "";
    let lab: { id: string; netns: string };
    const path = (suffix: string) => new URL(suffix, url).href;
    const succeed = async (work: ReturnType<Checkout["npm"]>) => {
      const output = await work;
      expect(output.code, `${output.stdout}\n${output.stderr}`).toBe(0);
      return output;
    };

    beforeAll(() => {
      expect(existsSync(checkout.home)).toBe(false);
    });
    afterAll(() => checkout.discard());

    test("npm start ends with a URL that answers from each replica in turn", async () => {
      const { stdout } = await succeed(checkout.npm("start"));
      url = stdout.trim().split("\n").at(-1)!;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      lab = readLab(checkout.home);
      const { services } = await checkout.inventory();
      for (const [suffix, { service, replicas }] of Object.entries(routes)) {
        const answers = await askOften(path(suffix), 20 * replicas);
        const placed = services.find(({ name }) => name === service)!.replicas;
        expect(placed).toHaveLength(replicas);
        expect([...answers.keys()].sort()).toEqual(
          placed.map(({ replica, machine }) => `${service} ${replica} on ${machine}`).sort(),
        );
        for (const count of answers.values()) expect(count).toBe(20);
      }
    });

    test("a second start changes nothing, and neither does a refresh", async () => {
      const start = Date.now();
      const { stdout } = await succeed(checkout.npm("start"));
      expect(stdout.trim().split("\n").at(-1)).toBe(url);
      expect(stdout).toMatch(/\d+ unchanged/);
      expect(stdout).not.toMatch(/\d+ (created|updated|replaced|deleted)/);
      console.log(`second start: ${((Date.now() - start) / 1000).toFixed(1)} s`);
      await succeed(checkout.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
      await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
    });

    test("inside each machine Docker is enabled and active", async () => {
      for (const { name, address } of (await checkout.inventory()).machines) {
        const state = await checkout.onMachine(
          name,
          address,
          "systemctl is-enabled docker && systemctl is-active docker",
        );
        expect(state).toBe("enabled\nactive");
      }
    });

    test("each machine answers at each of its addresses", async () => {
      for (const { address, address6 } of (await checkout.inventory()).machines) {
        expect(address6 !== undefined).toBe(ipv6);
        for (const one of [address, ...(address6 === undefined ? [] : [address6])])
          await succeed(checkout.inLab("bash", "-c", `exec 3<>/dev/tcp/${one}/22`));
      }
    });

    test("a replica more: its container and HAProxy's configuration change, no machine, and no request fails", async () => {
      const { service } = grows;
      const key = `${service}-${routes[grows.path]!.replicas + 1}`;
      checkout.edit((config) => {
        config["berth:services"][service].replicas += 1;
        // One more than there are machines to keep them apart.
        delete config["berth:services"][service].spread;
      });
      const plan = await checkout.plan();
      expect(plan["create"]).toEqual([`docker:index/container:Container ${key}`]);
      expect(
        plan["update"]?.filter((what) => !/^(berth:index:(Site|Service|LoadBalancer)|pulumi)/.test(what)),
      ).toEqual([expect.stringContaining("berth:index:HaproxyConfig ")]);
      expect(Object.keys(plan).sort()).toEqual(["create", "update"]);

      const probing = probe(path(grows.path));
      await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
      const answers = await askOften(path(grows.path), 30);
      const { failures } = await probing.stop();
      expect(failures).toEqual([]);
      expect([...answers.keys()].filter((answer) => answer.includes(` ${key} `))).toHaveLength(1);
    });

    test("a machine more comes up with Docker and takes a replica more, and what runs stays where it is", async () => {
      const earlier = await checkout.inventory();
      const before = earlier.machines.map(({ name }) => name);
      checkout.edit((config) => {
        config["berth:machines"][grows.machine] = {};
        config["berth:services"][grows.service].replicas += 1;
      });
      await succeed(checkout.npm("start"));
      const { machines, services } = await checkout.inventory();
      expect(machines.map(({ name }) => name).sort()).toEqual([...before, grows.machine].sort());
      const { replicas } = services.find(({ name }) => name === grows.service)!;
      const moved = replicas.find(({ machine }) => machine === grows.machine)!;
      expect(moved, "no replica on the new machine").toBeDefined();
      for (const { name, replicas: ran } of earlier.services) {
        expect(services.find((one) => one.name === name)!.replicas).toEqual(expect.arrayContaining(ran));
      }
      const answers = await askOften(path(grows.path), 40);
      expect([...answers.keys()]).toContain(`${grows.service} ${moved.replica} on ${grows.machine}`);
    });

    if (changes) {
      rollout({ checkout, changes, succeed, netns: () => lab.netns, url: () => url });
    }

    if (asMachine) machineService(checkout, succeed, () => url);

    if (repaired) repairs(checkout, succeed, () => url);

    test("no secret in any output, log or state", async () => {
      const folder = join(checkout.home, "ssh", stack);
      const keys = readdirSync(folder).filter((file) => file.endsWith(".key"));
      expect(keys.length).toBeGreaterThan(0);
      const secrets = keys.flatMap((file) => {
        expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
        return readFileSync(join(folder, file), "utf8")
          .split("\n")
          .filter((line) => line.length >= 60)
          .slice(2, 4);
      });
      const passphraseFile = join(checkout.home, "passphrase");
      expect(statSync(passphraseFile).mode & 0o777).toBe(0o600);
      secrets.push(readFileSync(passphraseFile, "utf8").trim());
      const state = readdirSync(join(checkout.home, "state"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
        .join("\n");
      expect(state).toContain("ciphertext");
      expect(state).not.toContain("PRIVATE KEY");
      for (const secret of secrets) {
        expect(secret).not.toBe("");
        expect(checkout.transcript.includes(secret), "a secret was printed").toBe(false);
        expect(state.includes(secret), "a secret is in the state").toBe(false);
      }
    });

    test("npm run down leaves nothing", async () => {
      const inode = statSync(lab.netns).ino;
      await succeed(checkout.npm("down"));
      expect(remainsOf(lab.id)).toEqual([]);
      expect(processesIn(inode)).toEqual([]);
      expect(existsSync(checkout.home)).toBe(false);
      await expect(ask(url)).rejects.toThrow();
    });
  });
}
