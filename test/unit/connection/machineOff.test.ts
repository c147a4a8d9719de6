import { expect, it } from "vitest";
import { DockerUnreachableError, machineOff, SshError } from "../../../providers/connection/index.js";

const through = (error: Error) => new DockerUnreachableError("ssh://vm", "no answer", { cause: error });

it("finds libvirt's word wherever it was said", () => {
  expect(machineOff(new SshError("off", "off"))).toBe("off");
  expect(machineOff(through(new SshError("gone", "gone")))).toBe("gone");
});

it("takes nothing else for it: unreachable never means gone", () => {
  for (const kind of ["unreachable", "host-key", "authentication", "closed"] as const) {
    expect(machineOff(through(new SshError("?", kind)))).toBeUndefined();
  }
  expect(machineOff(new Error("gone"))).toBeUndefined();
  expect(machineOff("off")).toBeUndefined();
});
