import { createHash } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.js";

const ID = /^[a-z0-9-]{1,24}$/;

/**
 * Where a lab of this id has its things. A pure function of the id.
 * @throws where the id is not 1 to 24 lower-case letters, digits and dashes
 */
export function labPaths(id: string): Lab {
  if (!ID.test(id)) {
    throw new Error(
      `Lab id "${id}": it becomes part of file and interface names; use 1 to 24 of a-z, 0-9 and "-".`,
    );
  }
  const stateDir = `/var/lib/berth/${id}`;
  const runDir = `/run/berth/${id}`;
  return {
    id,
    netns: `/run/netns/berth-${id}`,
    libvirtUri: `qemu+unix:///system?socket=${runDir}/libvirt/libvirt-sock`,
    dockerHost: `unix://${runDir}/docker.sock`,
    consoleLogs: `${stateDir}/console`,
    stateDir,
    runDir,
  };
}

/** The id of the lab that belongs to a BERTH_HOME: the same for the same folder, however it is written. */
export function labId(berthHome: string): string {
  mkdirSync(berthHome, { recursive: true });
  return createHash("sha256").update(realpathSync(berthHome)).digest("hex").slice(0, 8);
}

/** The file in BERTH_HOME that records its lab. */
export function labRecord(berthHome: string): string {
  return join(berthHome, "lab.json");
}
