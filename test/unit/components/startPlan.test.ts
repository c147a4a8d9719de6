import { expect, test } from "vitest";
import { startPlan } from "../../../components/startPlan.js";

const facts: Parameters<typeof startPlan>[1] = {
  image: "debian",
  docker: true,
  firmware: "bios",
  uri: "qemu:///system",
  shape: "1 processor, 1024 MiB",
  added: "",
};

test.each([
  ["auto", {}, true, 'image "debian" has a template with 1 processor, 1024 MiB'],
  ["fork", {}, true, 'image "debian" has a template with 1 processor, 1024 MiB'],
  [
    "auto",
    { uri: "qemu+unix:///system?socket=/s" },
    true,
    'image "debian" has a template with 1 processor, 1024 MiB',
  ],
  [
    "auto",
    { added: "1 processor and 512 MiB" },
    true,
    'image "debian" has a template with 1 processor, 1024 MiB; 1 processor and 512 MiB more are added to it',
  ],
  ["cold", {}, false, '"start" is "cold"'],
  ["auto", { docker: false }, false, 'image "debian" has no Docker in it to have running in a template'],
  [
    "auto",
    { firmware: "uefi" },
    false,
    'image "debian" boots by UEFI, whose variables a template does not have',
  ],
  [
    "auto",
    { uri: "qemu+ssh://root@far/system" },
    false,
    "saved machines are files of this machine, and the hypervisor is another: qemu+ssh://root@far/system",
  ],
] as const)("%s %o: fork %s", (start, change, fork, reason) => {
  expect(startPlan(start, { ...facts, ...change })).toEqual({ fork, reason });
});
