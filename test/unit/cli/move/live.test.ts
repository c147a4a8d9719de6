import { describe, expect, test } from "vitest";
import { liveOrCold, type MoveFacts } from "../../../../cli/move/liveOrCold.js";
import { liveXml } from "../../../../cli/move/liveXml.js";
import { percentOf } from "../../../../cli/move/migrateLive.js";
import { sshArguments } from "../../../../cli/move/sshTunnel.js";
import { domainXml } from "../../../../providers/berth/domain/domainXml.js";

const facts: MoveFacts = {
  runs: true,
  type: "kvm",
  firmware: "bios",
  keepsAddress: true,
  from: { uri: "qemu:///system", hostname: "near", uuid: "1", fits: "QEMU 7.2" },
  to: { uri: "qemu+ssh://far/system", hostname: "far", uuid: "2", fits: "QEMU 7.2", type: "kvm" },
};

describe("live or cold", () => {
  test("live where all allows it, in either direction", () => {
    expect(liveOrCold("auto", facts)).toEqual({ live: true });
    const back = { ...facts, from: { ...facts.to }, to: { ...facts.from, type: "kvm" as const } };
    expect(liveOrCold("live", back)).toEqual({ live: true });
  });

  test.each<[string, Partial<MoveFacts>, string]>([
    ["off", { runs: false }, "it does not run"],
    ["elsewhere in the network", { keepsAddress: false }, "another address"],
    ["UEFI", { firmware: "uefi" }, "UEFI"],
    [
      "another accelerator",
      { to: { ...facts.to, type: "qemu" } },
      'runs by "kvm", and would there by "qemu"',
    ],
    ["no SSH", { to: { ...facts.to, uri: "qemu+tcp://far/system" } }, "neither hypervisor is reached by SSH"],
    ["one name", { to: { ...facts.to, hostname: "near" } }, 'for the same host, "near" (1)'],
    ["one number", { to: { ...facts.to, uuid: "1" } }, 'for the same host, "near" (1)'],
    ["another QEMU", { to: { ...facts.to, fits: "QEMU 8.0" } }, "QEMU or the processor is another"],
  ])("%s: cold, with the reason", (_, change, because) => {
    const transfer = liveOrCold("auto", { ...facts, ...change });
    expect(transfer).toEqual({ live: false, because: expect.stringContaining(because) });
  });

  test("cold where that is asked for", () => {
    expect(liveOrCold("cold", facts)).toEqual({ live: false, because: '"--mode" says so' });
  });
});

describe("the description of a running machine elsewhere", () => {
  const shape = (where: string, network: string) =>
    domainXml({
      name: "web-1",
      type: "qemu",
      machine: "q35",
      cpus: 1,
      memoryMiB: 1024,
      disk: `/${where}/web-1`,
      dataDisks: { data: `/${where}/web-1-data` },
      boot: { kernel: `/${where}/kernel`, initrd: `/${where}/initrd`, cmdline: "root=/near/web-1" },
      nic: { network, mac: "52:54:00:00:00:0A" },
      interfaces: { other: { network: "near", mac: "52:54:00:00:00:0b" } },
      consoleLog: `/${where}/web-1.log`,
    });
  const paths = new Map(
    ["web-1", "web-1-data", "kernel", "initrd", "web-1.log"].map((file) => [`/near/${file}`, `/far/${file}`]),
  );
  const change = { paths, nic: { mac: "52:54:00:00:00:0a", network: "far" } };

  test("names its own files and network there, and is the same in all else", () => {
    expect(liveXml(shape("near", "near"), change)).toBe(shape("far", "far"));
  });

  test("has disks that are clones of nothing", () => {
    const chain =
      '<backingStore type="file"><format type="qcow2"/><source file="/near/base"/><backingStore/></backingStore>';
    const clone = shape("near", "near").replace('<target dev="vda"', `${chain}<target dev="vda"`);
    expect(clone).not.toBe(shape("near", "near"));
    expect(liveXml(clone, change)).toBe(shape("far", "far"));
  });
});

describe("the way there", () => {
  test("is SSH with the key, the known hosts, the port and the user that libvirt's URI names", () => {
    const uri = "qemu+ssh://root@far.example:2222/system?keyfile=/keys/far&known_hosts=/keys/known";
    const words = sshArguments(uri).join(" ");
    expect(words).toContain("-i /keys/far -o UserKnownHostsFile=/keys/known -o StrictHostKeyChecking=yes");
    expect(words).toMatch(/ -p 2222 -l root far\.example$/);
    expect(words).toContain("ExitOnForwardFailure=yes");
    expect(words).toContain("BatchMode=yes");
  });

  test("leaves to ssh what the URI does not name", () => {
    const words = sshArguments("qemu+ssh://[fd00::2]/system");
    expect(words.at(-1)).toBe("fd00::2");
    expect(words).not.toContain("-p");
    expect(words).not.toContain("-l");
    expect(words).not.toContain("-i");
  });
});

test("how far it is comes from libvirt's own figures", () => {
  const info = (done: string, total: string) =>
    `Job type:         Unbounded   \nData processed:   ${done}\nData remaining:   1 MiB\nData total:       ${total}\n`;
  expect(percentOf(info("512.000 MiB", "2.000 GiB"))).toBe(25);
  expect(percentOf(info("2.000 GiB", "2.000 GiB"))).toBe(100);
  expect(percentOf("Job type:         None        \n")).toBeUndefined();
});
