import { describe, expect, it } from "vitest";
import { hostArch, probeDomainXml } from "../../../providers/berth/accelerator/probeDomain.js";
import { verdict } from "../../../providers/berth/accelerator/verdict.js";
import { accelerator } from "../../../providers/berth/accelerator.js";
import { unknown } from "../../../providers/kit/index.js";
import { unreachable, virshWords } from "../../../providers/virsh/virsh.js";
import { testCall } from "./support/testCall.js";

const call = testCall();

describe("the probe's domain", () => {
  const xml = probeDomainXml({ name: "a<b", type: "kvm", arch: "x86_64", kernel: '/boot/"my" & kernel' });

  it("has its texts escaped", () => {
    expect(xml).toContain("<name>a&lt;b</name>");
    expect(xml).toContain("<kernel>/boot/&quot;my&quot; &amp; kernel</kernel>");
  });

  it("ends by itself, has no disk and no network, and waits after the panic", () => {
    for (const event of ["poweroff", "reboot", "crash"])
      expect(xml).toContain(`<on_${event}>destroy</on_${event}>`);
    expect(xml).not.toMatch(/<disk|<interface|<filesystem/);
    expect(xml).toContain("panic=3 reboot=t console=ttyS0");
  });

  it("passes the real processor through under KVM only", () => {
    const emulated = probeDomainXml({ name: "n", type: "qemu", arch: "aarch64", kernel: "/k" });
    expect(xml).toContain('mode="host-passthrough"');
    expect(emulated).not.toContain("<cpu");
    expect(emulated).toContain("console=ttyAMA0");
  });

  it("is for the hypervisor's architecture", () => {
    expect(hostArch("<capabilities><host><cpu><arch>aarch64</arch></cpu></host></capabilities>")).toBe(
      "aarch64",
    );
    expect(() => hostArch("<capabilities/>")).toThrow("do not name the hypervisor's architecture");
  });
});

describe("the verdict", () => {
  it.each([
    [{ kind: "ran", ms: 4120 }, "kvm", "a guest kernel ran under KVM (4.1 s)."],
    [{ kind: "hung", ms: 18_030 }, "qemu", "a guest kernel hung under KVM (not at its end after 18.0 s)"],
    [
      { kind: "reset", ms: 300 },
      "qemu",
      "a guest under KVM was gone after 0.3 s, before its kernel can have run",
    ],
    [{ kind: "refused", words: "no KVM" }, "qemu", "libvirt refused to start a guest under KVM (no KVM)"],
  ] as const)("on %o is %s", (outcome, type, reason) => {
    expect(verdict(outcome).type).toBe(type);
    expect(verdict(outcome).reason.startsWith(reason)).toBe(true);
  });
});

describe("virsh's words", () => {
  it("lose their prefixes and the temporary file", () => {
    const stderr =
      "error: Failed to create domain from /tmp/x/kvm.xml\nerror: internal error: exited: 2026-11-21T15:17:44.986346Z qemu: no KVM\n\n";
    expect(virshWords(stderr)).toBe("internal error: exited: qemu: no KVM");
  });

  it.each([
    ["Failed to connect socket to '/run/x': No such file or directory", "Check that libvirtd runs"],
    ["Failed to connect socket to '/run/x': Permission denied", 'add it to the group "libvirt"'],
    ["authentication unavailable: no polkit agent", 'add it to the group "libvirt"'],
  ])("about %s end in a fix", (words, fix) => {
    const { message } = unreachable("qemu:///system", `error: failed to connect\nerror: ${words}\n`);
    expect(message).toContain(`libvirt at qemu:///system cannot be reached: failed to connect; ${words}. `);
    expect(message).toContain(fix);
  });
});

describe("an accelerator", () => {
  const check = async (given: object) => accelerator.check?.(given as never, undefined, call);

  it("that is set is taken as it is", async () => {
    const { state } = await accelerator.create({ uri: "test:///default", accelerator: "kvm" }, call);
    expect(state).toEqual({ type: "kvm", reason: "set to kvm." });
  });

  it("defaults to being probed, which takes a kernel", async () => {
    expect((await check({ uri: "qemu:///system", kernel: "/boot/vmlinuz" }))?.inputs.accelerator).toBe(
      "auto",
    );
    expect((await check({ uri: "", accelerator: "xen" }))?.failures).toEqual([
      { property: "uri", reason: 'is empty; expected a libvirt connection URI such as "qemu:///system"' },
      { property: "accelerator", reason: 'is "xen"; expected "auto", "kvm" or "qemu"' },
    ]);
    expect((await check({ uri: "qemu:///system" }))?.failures).toEqual([
      {
        property: "kernel",
        reason:
          'is missing; expected a Linux kernel\'s path, which "auto" starts; without one, set "accelerator" to "kvm" or "qemu"',
      },
    ]);
    expect((await check({ uri: "qemu:///system", kernel: "vmlinuz" }))?.failures).toEqual([
      { property: "kernel", reason: 'is "vmlinuz"; expected an absolute path on the hypervisor' },
    ]);
    expect((await check({ uri: unknown, accelerator: unknown, kernel: unknown }))?.failures).toEqual([]);
    expect((await check({ uri: "qemu:///system", kernel: unknown }))?.failures).toEqual([]);
  });

  it("is not probed again by a refresh or by another kernel", async () => {
    const inputs = { uri: "nowhere:///", accelerator: "auto", kernel: "/k" } as const;
    const state = { type: "kvm", reason: "a guest kernel ran." } as const;
    expect((await accelerator.read?.("id", state, inputs, call))?.state).toBe(state);
    const request = { id: "id", state, oldInputs: inputs, inputs: { ...inputs, kernel: "/other" } };
    expect(await accelerator.update?.(request, call)).toBe(state);
    expect(accelerator.replaceOn).toEqual(["uri", "accelerator"]);
  });
});
