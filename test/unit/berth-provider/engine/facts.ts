import type { MachineFacts } from "../../../../providers/berth/engine/machineFacts.js";

/** A machine on which Docker runs without any configuration. */
export function facts(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    user: "berth",
    groups: ["berth", "sudo", "docker"],
    osIds: ["debian"],
    osName: "Debian GNU/Linux 12 (bookworm)",
    machineId: "0123456789abcdef0123456789abcdef",
    boot: "finished",
    bootStage: undefined,
    bootErrors: [],
    hasSystemd: true,
    hasDocker: true,
    unitFile: "enabled",
    unitActive: "active",
    weights: { "docker.service": "10", "containerd.service": "10" },
    handsOver: true,
    lacksApparmorParser: false,
    daemon: undefined,
    certificates: [],
    ...changes,
  };
}
