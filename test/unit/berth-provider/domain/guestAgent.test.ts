import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GuestAgent } from "../../../../providers/berth/domain/guestAgent.js";
import type { Libvirt } from "../../../../providers/virsh/libvirt.js";
import { unreachable } from "../../../../providers/virsh/virsh.js";

// The promises' timers are none that vitest can wind forward.
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms)),
}));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An agent whose questions end as told, by how many seconds have passed. */
function agentThat(answers: (seconds: number) => object) {
  const began = performance.now();
  const libvirt = {
    askAgent: async () => {
      const answer = answers((performance.now() - began) / 1000);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Libvirt;
  return new GuestAgent(libvirt, "web-1", AbortSignal.timeout(2 ** 31 - 1));
}
const away = unreachable("qemu:///system", "Connection refused");
const silent = new Error("the guest agent is not connected");

/** How a wait of up to five minutes ended, and after how many seconds. */
async function outcome(agent: GuestAgent): Promise<[string, number]> {
  const began = performance.now();
  const waited = agent.ready(300_000).then(
    () => "answers",
    (error: Error) => error.message,
  );
  await vi.runAllTimersAsync();
  return [await waited, Math.round((performance.now() - began) / 1000)];
}

test("a libvirtd that restarts while a machine boots is waited for", async () => {
  const agent = agentThat((seconds) =>
    seconds < 10 ? silent : seconds < 30 ? away : seconds < 50 ? silent : {},
  );
  expect(await outcome(agent)).toEqual(["answers", 50]);
});

test("one that stays away ends the wait after half a minute, and is named", async () => {
  const [words, seconds] = await outcome(agentThat((now) => (now < 10 ? silent : away)));
  expect(words).toMatch(/cannot be reached: Connection refused/);
  expect(seconds).toBe(40);
});

test("an agent that stays silent ends it at the limit", async () => {
  const [words, seconds] = await outcome(agentThat(() => silent));
  expect(words).toMatch(/did not answer within 5m: the guest agent is not connected/);
  expect(seconds).toBe(300);
});
