import { expect, test } from "vitest";
import { rebootDomain } from "../../../../providers/berth/domain/rebootDomain.js";
import type { Libvirt } from "../../../../providers/virsh/libvirt.js";

/** A guest that refuses to reboot as often as told, with these words. */
function guest(refusals: number, words: string) {
  let orders = 0;
  const bootId = () => (orders > refusals ? "second" : "first");
  const libvirt = {
    run: async ([command]: string[]) => {
      expect(command).toBe("reboot");
      if (++orders <= refusals) throw new Error(words);
      return "";
    },
    askAgent: async (_: string, { execute }: { execute: string }) =>
      execute === "guest-exec-status"
        ? { exited: true, exitcode: 0, "out-data": Buffer.from(bootId()).toString("base64") }
        : { pid: 1 },
  } as unknown as Libvirt;
  const reboot = () =>
    rebootDomain(libvirt, "web-1", { signal: AbortSignal.timeout(20_000), status: () => {} });
  return { reboot, orders: () => orders };
}
const early =
  "internal error: unable to execute QEMU agent command 'guest-shutdown': child process has terminated";

test("a guest that is still on its way up is asked again until it reboots", async () => {
  const { reboot, orders } = guest(2, early);
  await reboot();
  expect(orders()).toBe(3);
});

test("another refusal is the answer", async () => {
  const { reboot, orders } = guest(2, "domain is not running");
  await expect(reboot()).rejects.toThrow("domain is not running");
  expect(orders()).toBe(1);
});
