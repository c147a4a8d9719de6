import { expect, test } from "vitest";
import { Libvirt } from "../../../providers/virsh/libvirt.js";

/** libvirt's own driver for tests: a hypervisor in virsh's memory, for as long as a connection is open. */
const uri = "test:///default";
const limit = () => AbortSignal.timeout(20_000);

test("commands of one operation share a connection, and each gives its own output", async () => {
  await Libvirt.with(uri, limit(), async (libvirt) => {
    expect(await libvirt.run(["uri"])).toBe(uri);
    expect(await libvirt.run(["domstate", "test"])).toBe("running");
    // Another connection would find the test driver's domain running again.
    await libvirt.run(["destroy", "test"]);
    expect(await libvirt.run(["domstate", "test"])).toBe("shut off");
    expect(await libvirt.run(["pool-dumpxml", "default-pool"])).toMatch(/^<pool type='dir'>[\s\S]*<\/pool>$/);
    expect(await libvirt.find(["domstate", "nobody"])).toBeUndefined();
    await expect(libvirt.run(["domstate", "nobody"])).rejects.toThrow(
      /^virsh domstate: failed to get domain 'nobody'$/,
    );
    expect(await libvirt.run(["list", "--all", "--name"])).toBe("test");
  });
});

test.each([
  "it's",
  'a "quoted" one',
  String.raw`back\slash\\`,
  "semi; colon && more # $HOME `x`",
  "",
  "end-",
  "virsh # echo",
  "x".repeat(20_000),
])("a word reaches libvirt as it is: %j", async (word) => {
  await Libvirt.with(uri, limit(), async (libvirt) => {
    expect(await libvirt.run(["echo", "--", word])).toBe(word.trim());
  });
});

test("commands at once do not mix", async () => {
  await Libvirt.with(uri, limit(), async (libvirt) => {
    const words = Array.from({ length: 8 }, (_, index) => `word ${index}`);
    expect(await Promise.all(words.map((word) => libvirt.run(["echo", word])))).toEqual(words);
  });
});

test("one that is cancelled ends at once, and the operation can go on", async () => {
  await Libvirt.with(uri, limit(), async (libvirt) => {
    await expect(libvirt.run(["event", "--all", "--loop"], AbortSignal.timeout(300))).rejects.toThrow(
      /aborted|timeout/i,
    );
    expect(await libvirt.run(["domstate", "test"])).toBe("running");
  });
});

test("a command that is still running when the operation ends goes with it", async () => {
  let left: Promise<unknown> = Promise.resolve();
  await Libvirt.with(uri, limit(), async (libvirt) => {
    left = libvirt.run(["event", "--all", "--loop"]).catch((error: Error) => error);
    expect(await libvirt.run(["domstate", "test"])).toBe("running");
  });
  expect(await left).toBeInstanceOf(Error);
});

test("a libvirt that is not there is named, with what to look at", async () => {
  const nowhere = "qemu+unix:///system?socket=/nonexistent";
  await expect(Libvirt.with(nowhere, limit(), (libvirt) => libvirt.run(["uri"]))).rejects.toThrow(
    /^libvirt at qemu\+unix:.*cannot be reached: .*Check that libvirtd runs/,
  );
});
