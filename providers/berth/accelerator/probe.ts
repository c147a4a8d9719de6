import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unreachable, virsh, virshWords } from "../../virsh/virsh.js";
import { VirshSession } from "../../virsh/virshSession.js";
import { type DomainType, hostArch, panicDelaySeconds, probeDomainXml } from "./probeDomain.js";
import type { Outcome } from "./verdict.js";

export interface ProbeRequest {
  readonly uri: string;
  /** Kernel on the hypervisor. */
  readonly kernel: string;
  /** Name of the domain while it is there. */
  readonly name: string;
  readonly type: DomainType;
  /** How long the kernel may take to come to its end. */
  readonly limitMs: number;
}

const pollMs = 250;
const removalLimitMs = 15_000;
/** A domain that is alive this long has waited for its kernel's own delay; the rest of the delay is slack for polling. */
const provesKernelMs = panicDelaySeconds * 1000 * 0.7;

/** Starts a guest kernel and watches how it ends. Nothing of the domain is left behind, whatever happens. */
export async function probe(
  request: ProbeRequest,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Outcome> {
  const { uri, name } = request;
  const capabilities = await virsh(uri, ["capabilities"], signal);
  if (capabilities.code !== 0) throw unreachable(uri, capabilities.stderr);
  const arch = hostArch(capabilities.stdout);
  const folder = await mkdtemp(join(tmpdir(), "berth-probe-"));
  const session = new VirshSession(uri);
  const start = async (type: DomainType, flags: string): Promise<string> => {
    const file = join(folder, `${type}.xml`);
    await writeFile(file, probeDomainXml({ ...request, type, arch }));
    return virshWords((await session.run(`create '${file}' --autodestroy ${flags}`, signal)).stderr);
  };
  try {
    await remove(uri, name);
    onProgress(`starting a guest kernel under ${request.type} on ${uri}`);
    const refused = await start(request.type, "");
    if (!refused) return await watch(request, signal, onProgress);
    if (request.type === "qemu") throw notTheAccelerator(request, refused);
    // The same domain without KVM tells whether KVM was what libvirt refused.
    const control = await start("qemu", "--paused");
    if (control) throw notTheAccelerator(request, control);
    return { kind: "refused", words: refused };
  } finally {
    await session.close();
    await remove(uri, name);
    await rm(folder, { recursive: true, force: true });
  }
}

async function watch(
  { uri, name, type, limitMs }: ProbeRequest,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Outcome> {
  const started = performance.now();
  let seenAliveMs = 0;
  for (;;) {
    const askedMs = performance.now() - started;
    const alive = await exists(uri, name, signal);
    const ms = performance.now() - started;
    if (!alive) return seenAliveMs >= provesKernelMs ? { kind: "ran", ms } : { kind: "reset", ms };
    if (ms >= limitMs) return { kind: "hung", ms };
    seenAliveMs = askedMs;
    onProgress(`waiting for a guest kernel under ${type} to come to its end (${Math.round(ms / 1000)} s)`);
    await delay(pollMs, undefined, { signal });
  }
}

async function exists(uri: string, name: string, signal: AbortSignal): Promise<boolean> {
  const list = await virsh(uri, ["list", "--name"], signal);
  if (list.code !== 0) throw unreachable(uri, list.stderr);
  return list.stdout.split("\n").some((line) => line.trim() === name);
}

/** Ends the domain where it is there. Not under the caller's signal: a cancelled probe must clean up as well. */
async function remove(uri: string, name: string): Promise<void> {
  const limit = AbortSignal.timeout(removalLimitMs);
  while (await exists(uri, name, limit)) {
    await virsh(uri, ["destroy", name], limit);
    await delay(pollMs, undefined, { signal: limit });
  }
}

function notTheAccelerator({ uri, kernel }: ProbeRequest, words: string): Error {
  return new Error(
    `the probe of ${uri} could not start a guest, with KVM or without: ${words}. Check that the kernel ${kernel} is there ` +
      "on the hypervisor and can be read by QEMU's user, and that QEMU is installed.",
  );
}
