import { expect, test } from "vitest";
import { rebootDomain } from "../../../../providers/berth/domain/rebootDomain.js";
import type { Libvirt } from "../../../../providers/virsh/libvirt.js";

/** A guest that answers the orders to reboot with these words, one after the other; it reboots at the last, whatever that is. */
function guest(...answers: string[]) {
  let orders = 0;
  const bootId = () => (orders >= answers.length ? "second" : "first");
  const libvirt = {
    run: async ([command]: string[]) => {
      expect(command).toBe("reboot");
      const words = answers[orders++];
      if (words) throw new Error(words);
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
const died = "unable to execute QEMU agent command 'guest-shutdown': child process has terminated abnormally";
const gone = "Guest agent is not responding: QEMU guest agent is not connected";

test("a guest that is still on its way up is told again until it reboots", async () => {
  const { reboot, orders } = guest(died, gone, "");
  await reboot();
  expect(orders()).toBe(3);
});

test("one that reboots without a good word has rebooted, and is not told again", async () => {
  const { reboot, orders } = guest(died);
  await reboot();
  expect(orders()).toBe(1);
});

test("another refusal is the answer", async () => {
  const { reboot, orders } = guest("domain is not running", "");
  await expect(reboot()).rejects.toThrow("domain is not running");
  expect(orders()).toBe(1);
});
