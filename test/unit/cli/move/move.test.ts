import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fromRuns, toRuns } from "../../../../cli/backup/repository/storedFiles.js";
import { changedParts } from "../../../../cli/move/changedParts.js";
import { planMove } from "../../../../cli/move/planMove.js";
import { readdressing, readdressScript } from "../../../../cli/move/readdress.js";
import { knownStack } from "../../../../cli/move/stackState.js";
import { withHypervisor } from "../../../../cli/move/withHypervisor.js";
import { parseTopology } from "../../../../components/topology/index.js";
import { stackFile } from "../../topology/stackFile.js";

const cidr = "10.20.0.0/24";
const topology = (machine: Record<string, unknown> = {}, farCidr = cidr, farCidr6?: string) =>
  parseTopology(
    {
      ...stackFile("dev"),
      hypervisors: {
        near: { uri: "qemu+ssh://near/system", network: { cidr } },
        far: { uri: "qemu+ssh://far/system", network: { cidr: farCidr, cidr6: farCidr6 } },
        beside: { uri: "qemu+ssh://near/system", network: { cidr: "10.21.0.0/24" } },
      },
      machines: {
        "web-1": { hypervisor: "near", ...machine },
        "web-2": { hypervisor: "far" },
        "web-3": { hypervisor: "far" },
      },
      services: { web: { image: { ref: `web@sha256:${"0".repeat(64)}` }, port: 80 } },
      containerImages: {},
      registries: {},
      loadBalancers: { public: { hypervisor: "near", port: 80, service: "web" } },
    },
    { stack: "dev" },
  );
const address = topology().machines[0]!.address;
const resource = (type: string, name: string, rest: object) => ({
  urn: `urn:pulumi:dev::berth::berth:index:Site$${type}::${name}`,
  type,
  id: `${name}-id`,
  ...rest,
});
const domain = (name: string, uri: string, pool: string, more: object = {}) =>
  resource("berth:index:Domain", name, {
    inputs: { uri, root: { pool }, power: "running", identity: { address: `${address}/24` }, ...more },
  });
const known = (more: object = {}) =>
  knownStack([
    domain("web-1", "qemu+ssh://near/system", "berth-dev-near", more),
    domain("web-2", "qemu+ssh://far/system", "berth-dev-far"),
    resource("berth:index:Accelerator", "far", { outputs: { type: "kvm" } }),
  ]);

describe("what the state knows", () => {
  test("machines by name and accelerators by hypervisor; not what is yet to be deleted", () => {
    const old = { ...domain("web-1", "qemu+ssh://old/system", "old"), delete: true };
    const { machines, accelerators } = knownStack([old, domain("web-1", "uri", "pool"), old]);
    expect(machines.get("web-1")).toMatchObject({ id: "web-1-id", inputs: { uri: "uri" } });
    expect(machines.size).toBe(1);
    expect(accelerators.size).toBe(0);
    expect(known().accelerators.get("far")).toBe("kvm");
  });
});

describe("from where to where", () => {
  test("where it is comes from the state, whatever the file says", () => {
    const { from, to, domain: uuid } = planMove(topology({ hypervisor: "far" }), known(), "web-1", "far");
    expect([from.name, to.name, uuid]).toEqual(["near", "far", "web-1-id"]);
  });

  test.each([
    ["a machine that is none", "web-9", "far", {}, 'has no machine "web-9"; it has: web-1, web-2, web-3'],
    ["a hypervisor that is none", "web-1", "moon", {}, 'has no hypervisor "moon"; it has: beside, far, near'],
    ["the same libvirt", "web-1", "beside", {}, "which can't have a machine twice"],
    ["one that was not made yet", "web-3", "near", {}, "was not made yet"],
    [
      "one at a place that is none",
      "web-1",
      "far",
      { uri: "qemu:///gone" },
      "Put it back into the stack's file",
    ],
    ["one that is paused", "web-1", "far", { power: "paused" }, "what is in its memory would be lost"],
  ])("%s is refused", (_, machine, hypervisor, inputs, words) => {
    expect(() => planMove(topology(), known(inputs), machine, hypervisor)).toThrow(words);
  });

  test("one that another seed replaces is refused, with what to do", () => {
    expect(() => planMove(topology({ newSeed: "replace" }), known(), "web-1", "far")).toThrow(
      'Set it to "ignore"',
    );
  });
});

describe("a machine's addresses", () => {
  const identity = { address: `${address}/24`, gateway: "10.20.0.1", nameservers: ["10.20.0.1"] };
  const planned = (farCidr = cidr, more: object = {}) =>
    planMove(topology({}, farCidr), known({ identity, ...more }), "web-1", "far");

  test("stay where both networks are the same", () => {
    expect(readdressing(planned(), topology({ hypervisor: "far" }))).toBeUndefined();
  });

  test("are those of the stack's file where it gives others, or the target's network is another", () => {
    const other = topology({ hypervisor: "far", address: "10.20.0.77" });
    expect(readdressing(planned(), other)?.after.address).toBe("10.20.0.77/24");
    const farCidr = "10.22.0.0/16";
    const { before, after } = readdressing(planned(farCidr), topology({ hypervisor: "far" }, farCidr))!;
    expect(before).toEqual(identity);
    expect(after).toMatchObject({ gateway: "10.22.0.1", nameservers: ["10.22.0.1"] });
    expect(after.address).toMatch(/^10\.22\.\d+\.\d+\/16$/);
  });

  test("of IPv6 change too, and are neither given nor taken", () => {
    const inIpv6 = { ...identity, address6: "fd00:20::9/64", gateway6: "fd00:20::1" };
    const move = (made: object, farCidr6?: string) =>
      readdressing(
        planMove(topology({}, cidr, farCidr6), known({ identity: made }), "web-1", "far"),
        topology({ hypervisor: "far" }, cidr, farCidr6),
      );
    const host = Number(address.split(".").at(-1)).toString(16);
    const same = { ...inIpv6, address6: `fd00:20::${host}/64` };
    expect(move(same, "fd00:20::/64")).toBeUndefined();
    expect(move(same, "fd00:22::/64")?.after).toMatchObject({
      address: identity.address,
      address6: `fd00:22::${host}/64`,
      gateway6: "fd00:22::1",
    });
    expect(() => move(identity, "fd00:22::/64")).toThrow('"far" has a "cidr6"');
    expect(() => move(same)).toThrow('"far" has no "cidr6"');
  });

  test("can't change while it is off", () => {
    const other = topology({ hypervisor: "far", address: "10.20.0.77" });
    expect(() => readdressing(planned(cidr, { power: "stopped" }), other)).toThrow("and it is off");
  });

  test("are written in the place of the old ones, and of nothing else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-readdress-"));
    const file = join(folder, "primary.network");
    writeFileSync(
      file,
      "Address=10.20.0.9/24\nDNS=10.20.0.1\nGateway=10.20.0.1\nOther=10.20.0.99,110.20.0.9\nAddress=fd00:20::1:9/64\nGateway=fd00:20::1\n",
    );
    const change = {
      before: {
        ...{ ...identity, address: "10.20.0.9/24" },
        ...{ address6: "fd00:20::1:9/64", gateway6: "fd00:20::1" },
      },
      after: {
        ...{ address: "10.22.5.9/16", gateway: "10.22.0.1", nameservers: ["10.22.0.1"] },
        ...{ address6: "fd00:22::5:9/64", gateway6: "fd00:22::1" },
      },
    };
    const text = readdressScript(change).replaceAll("/etc/systemd/network/*", `${folder}/*`);
    const wanted =
      "Address=10.22.5.9/16\nDNS=10.22.0.1\nGateway=10.22.0.1\nOther=10.20.0.99,110.20.0.9\nAddress=fd00:22::5:9/64\nGateway=fd00:22::1\n";
    for (const _ of ["once", "twice"]) {
      execFileSync("sh", ["-c", text]);
      expect(readFileSync(file, "utf8")).toBe(wanted);
    }
    writeFileSync(file, "DHCP=yes\n");
    expect(() => execFileSync("sh", ["-c", text], { stdio: "pipe" })).toThrow("10.20.0.9 is in none of");
    rmSync(folder, { recursive: true });
  });
});

test("the stack's file names the hypervisor, and is what it was otherwise", () => {
  const text = `# What runs here.
config:
  berth:machines:
    web-1: { hypervisor: near, memory: 2GiB } # the old one
    web-2:
  berth:placement: { prefer: pack }
`;
  const moved = withHypervisor(text, "web-1", "far");
  expect(moved).toBe(text.replace("hypervisor: near", "hypervisor: far"));
  const { config } = parse(withHypervisor(text, "web-2", "far"));
  expect(config["berth:machines"]["web-2"]).toEqual({ hypervisor: "far" });
});

describe("what has changed of a disk", () => {
  const chunkBytes = 4;
  const disk = (names: readonly (string | undefined)[]) => ({ bytes: names.length * 4, runs: toRuns(names) });

  test("is brought in parts of chunks that follow each other, zeros too; the last may be short", () => {
    const before = { ...disk(["a", "b", undefined, "d", "e"]), bytes: 18 };
    const after = { ...disk(["a", "x", "y", undefined, "f"]), bytes: 18 };
    expect(changedParts(before, after, chunkBytes)).toEqual([
      { offset: 4, stored: { bytes: 14, runs: ["x", "y", { zeros: 1 }, "f"] } },
    ]);
    expect(changedParts(before, before, chunkBytes)).toEqual([]);
  });

  test("makes of the old one the new one, whatever both are", () => {
    const chunk = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(chunk, chunk), { minLength: 1, maxLength: 700 }), (pairs) => {
        const [before, after] = [pairs.map(([old]) => old), pairs.map(([, now]) => now)];
        const made: (string | undefined)[] = [...before];
        let brought = 0;
        for (const { offset, stored } of changedParts(disk(before), disk(after), chunkBytes)) {
          const names = fromRuns(stored.runs);
          expect(stored.bytes).toBe(names.length * chunkBytes);
          made.splice(offset / chunkBytes, names.length, ...names);
          brought += names.length;
        }
        expect(made).toEqual(after);
        expect(brought).toBe(pairs.filter(([old, now]) => old !== now).length);
      }),
    );
  });

  test("is not known of one whose size has changed", () => {
    expect(() => changedParts(disk(["a"]), disk(["a", "b"]), chunkBytes)).toThrow(
      "had 4 when its copy began",
    );
  });
});
