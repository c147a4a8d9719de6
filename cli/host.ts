import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type Lab, startLab } from "../lab/index.js";
import type { Project } from "./project.js";
import { say, UserError } from "./say.js";

/** The libvirt and Docker that the stacks are built on. */
export interface Host {
  readonly libvirtUri: string;
  readonly dockerHost: string;
  readonly consoleLogs: string;
  /** Folder for saved machines. */
  readonly templates: string;
  /** Present where they are a lab of Berth's own. */
  readonly lab?: Lab;
}

const sockets = { libvirt: "/run/libvirt/libvirt-sock", docker: "/run/docker.sock" };

/**
 * The user's own libvirtd and dockerd where both answer; else, for root, a lab, started where it does not run. A checkout
 * that began with a lab stays with it: its machines are there.
 */
export async function ensureHost(project: Project): Promise<Host> {
  const { BERTH_LIBVIRT_URI, BERTH_DOCKER_HOST, BERTH_CONSOLE_LOGS, BERTH_TEMPLATES } = process.env;
  const own: Host = {
    libvirtUri: BERTH_LIBVIRT_URI ?? "qemu:///system",
    dockerHost: BERTH_DOCKER_HOST ?? `unix://${sockets.docker}`,
    consoleLogs: BERTH_CONSOLE_LOGS ?? "/var/log/libvirt/qemu",
    templates: BERTH_TEMPLATES ?? "/var/lib/libvirt/berth/templates",
  };
  if (!existsSync(join(project.home, "lab.json"))) {
    if (BERTH_LIBVIRT_URI !== undefined) return own;
    if ((await answers(sockets.libvirt)) && (await answers(sockets.docker))) return own;
  }
  if (process.getuid?.() !== 0) {
    throw new UserError(
      "libvirtd and dockerd do not both answer on this machine, and only root can start a lab with its own. " +
        "Start them (`systemctl start libvirtd docker`), or name others in BERTH_LIBVIRT_URI and BERTH_DOCKER_HOST, or run this as root.",
    );
  }
  const lab = await startLab({ berthHome: project.home, log: say });
  const { libvirtUri, dockerHost, consoleLogs } = lab;
  // Outside the lab: a new one starts from what an earlier one has saved.
  return { libvirtUri, dockerHost, consoleLogs, templates: join(project.cache, "templates"), lab };
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    const end = (value: boolean) => {
      socket.destroy();
      done(value);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
