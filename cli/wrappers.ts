import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Toolchain } from "../toolchain/index.js";
import type { Host } from "./host.js";
import type { Project } from "./project.js";

/**
 * Writes the commands that go on PATH: `pulumi`, the engine with this checkout's plugins, state and hypervisor, inside the
 * lab's network where there is one; and `berth`. Returns their folder.
 */
export function writeWrappers(project: Project, toolchain: Toolchain, host: Host): string {
  const bin = join(project.home, "bin");
  mkdirSync(bin, { recursive: true });
  // The language host leaves pipes behind at each run, and a libvirt plugin that is killed the seed that it was reading.
  const temporary = join(project.home, "tmp");
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  const variables = {
    ...toolchain.env,
    TMPDIR: temporary,
    BERTH_HOME: project.home,
    BERTH_LIBVIRT_URI: host.libvirtUri,
    BERTH_DOCKER_HOST: host.dockerHost,
    BERTH_CONSOLE_LOGS: host.consoleLogs,
    BERTH_TEMPLATES: host.templates,
  };
  const enter = host.lab
    ? [
        `if [ ! -e ${quote(host.lab.netns)} ]; then`,
        `  echo ${quote('berth: the lab does not run; start it with "npm run setup"')} >&2`,
        "  exit 1",
        "fi",
        `exec nsenter --net=${quote(host.lab.netns)} -- ${quote(toolchain.pulumi)} "$@"`,
      ]
    : [`exec ${quote(toolchain.pulumi)} "$@"`];
  install(join(bin, "pulumi"), [
    "# The Pulumi engine with this checkout's plugins and state. Written by setup.",
    ...Object.entries(variables).map(([name, value]) => exported(name, value)),
    `PATH=${quote([...toolchain.binDirs, bin].join(":"))}:$PATH`,
    "export PATH",
    ...enter,
  ]);
  install(join(bin, "berth"), [
    "# Berth's own command. Written by setup.",
    `export BERTH_HOME=${quote(project.home)}`,
    `exec sh ${quote(join(project.dir, "toolchain/run.sh"))} "$@"`,
  ]);
  return bin;
}

/** The user's own backend and passphrase win, also where they are set only after the set-up. */
function exported(name: string, value: string): string {
  const own = {
    PULUMI_BACKEND_URL: '"${PULUMI_BACKEND_URL-}"',
    PULUMI_CONFIG_PASSPHRASE_FILE: '"${PULUMI_CONFIG_PASSPHRASE_FILE-}${PULUMI_CONFIG_PASSPHRASE-}"',
  }[name];
  const assignment = `export ${name}=${quote(value)}`;
  return own === undefined ? assignment : `[ -n ${own} ] || ${assignment}`;
}

function install(path: string, lines: string[]): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(draft, 0o755);
  renameSync(draft, path);
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
