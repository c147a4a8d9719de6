import { expect, test } from "vitest";
import { installedPackages } from "../../../toolchain/apt.js";

test("only completely installed packages count", () => {
  const status = [
    "Package: qemu-utils\nStatus: install ok installed\nVersion: 1:7.2",
    "Package: held\nStatus: hold ok installed",
    "Package: removed\nStatus: deinstall ok config-files",
    "Package: broken\nStatus: install ok half-configured",
    "Package: libvirt0\nStatus: install ok installed\nDescription: text\n about Package: fake\n",
  ].join("\n\n");
  expect([...installedPackages(status)]).toEqual(["qemu-utils", "held", "libvirt0"]);
});
