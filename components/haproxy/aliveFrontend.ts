import { alivePort, type VirtualAddressSpec } from "../topology/index.js";
import type { HaproxyFrontend } from "./model.js";

/** Answers while HAProxy works, so that the machine may keep the virtual address. */
export function aliveFrontend(virtualAddress: VirtualAddressSpec): HaproxyFrontend {
  return {
    name: "vrrp",
    binds: [{ address: "127.0.0.1", port: alivePort(virtualAddress) }],
    logFormat: false,
    monitorPath: "/",
  };
}
