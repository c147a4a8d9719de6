import { type CheckFailure, hasUnknown, isUnknown } from "../../kit/index.js";
import type { ContainerInputs } from "./types.js";
import { toNanoseconds } from "./units.js";

type Failures = CheckFailure[];

/** Every mistake in a container's inputs that can be seen without asking the engine. */
export function checkContainer(inputs: ContainerInputs): Failures {
  const failures: Failures = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  checkLists(inputs, fail);
  checkHealth(inputs, fail);
  for (const [i, entry] of known(inputs.envs)) {
    if (!entry.includes("=")) fail(`envs[${i}]`, "expected NAME=value");
  }
  const { restart, name, cpus, memory } = inputs;
  if (isKnown(restart) && !["", "no", "on-failure", "always", "unless-stopped"].includes(restart)) {
    fail("restart", `"${restart}" is none of no, on-failure, always, unless-stopped`);
  }
  if (isKnown(restart) && !["", "no"].includes(restart) && inputs.rm === true) {
    fail(
      "rm",
      `a container that is removed when it exits can't be restarted; leave out rm, or restart ("${restart}")`,
    );
  }
  if (isKnown(name) && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    fail(
      "name",
      `"${name}" may hold letters, digits, "_", "." and "-" only, and starts with a letter or digit`,
    );
  }
  if (isKnown(cpus) && !(Number(cpus) > 0)) fail("cpus", `"${cpus}" is not a positive number, such as "1.5"`);
  if (isKnown(memory) && memory !== 0 && memory < 6)
    fail("memory", `${memory} MB is less than Docker's least, 6 MB`);
  return failures;
}

function checkLists(inputs: ContainerInputs, fail: (property: string, reason: string) => void): void {
  for (const [i, port] of known(inputs.ports)) {
    for (const end of ["internal", "external"] as const) {
      const number = port[end];
      if (isKnown(number) && !(Number.isInteger(number) && number >= 0 && number <= 65535)) {
        fail(`ports[${i}].${end}`, `${number} is not a port number from 1 to 65535`);
      }
    }
    const { protocol } = port;
    if (isKnown(protocol) && !["tcp", "udp", "sctp", ""].includes(protocol)) {
      fail(`ports[${i}].protocol`, `"${protocol}" is none of tcp, udp, sctp`);
    }
  }
  for (const [i, upload] of known(inputs.uploads)) {
    const sources = [upload.content, upload.contentBase64, upload.source].filter(
      (source) => source !== undefined,
    );
    if (sources.length !== 1)
      fail(`uploads[${i}]`, "exactly one of content, contentBase64 and source must be given");
    if (isKnown(upload.file) && !upload.file.startsWith("/")) {
      fail(`uploads[${i}].file`, `"${upload.file}" is not an absolute path`);
    }
    if (isKnown(upload.permissions) && !/^[0-7]{3,4}$/.test(upload.permissions)) {
      fail(`uploads[${i}].permissions`, `"${upload.permissions}" is not an octal mode, such as "0644"`);
    }
  }
  for (const [i, volume] of known(inputs.volumes)) {
    if (!volume.containerPath && !volume.fromContainer) {
      fail(`volumes[${i}]`, "containerPath or fromContainer must be given");
    }
  }
}

function checkHealth(inputs: ContainerInputs, fail: (property: string, reason: string) => void): void {
  const check = inputs.healthcheck;
  if (!isKnown(check)) return;
  for (const name of ["interval", "timeout", "startPeriod", "startInterval"] as const) {
    const text = check[name];
    if (!isKnown(text)) continue;
    try {
      toNanoseconds(text);
    } catch (error) {
      fail(`healthcheck.${name}`, (error as Error).message);
    }
  }
  const kind = known(check.tests).find(([place]) => place === 0)?.[1];
  if (isKnown(kind) && !["NONE", "CMD", "CMD-SHELL"].includes(kind)) {
    fail(
      "healthcheck.tests[0]",
      `"${kind}" is none of CMD, CMD-SHELL, NONE: the first word says how the rest is run`,
    );
  }
}

function isKnown<T>(value: T | undefined): value is T {
  return value !== undefined && value !== null && !isUnknown(value);
}

/** The elements of a list, each with its place; those that hold something unknown are left out. */
function known<T>(list: readonly T[] | undefined): [place: number, element: T][] {
  return isKnown(list) ? [...list.entries()].filter(([, element]) => !hasUnknown(element)) : [];
}
