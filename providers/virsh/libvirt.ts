import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { formatDuration } from "../kit/index.js";
import { unreachable, virshWords } from "./virsh.js";
import { SessionEnded, type SessionResult, VirshSession } from "./virshSession.js";

/** What an object that isn't there is called in libvirt's messages. */
const absent =
  /failed to get (domain|vol|pool)|(domain|storage volume|storage pool|storage vol) not found|no (domain|storage vol|storage pool) with matching/i;

const quickLimitMs = 2 * 60_000;
/** What takes no time, whatever it is about. The first question of an operation, `uri`, makes the connection too. */
const limits: ReadonlyMap<string, number> = new Map([
  ["uri", 30_000],
  ..."autostart define desc dommemstat domstate dumpxml pool-dumpxml resume setmem suspend undefine vol-info vol-path vol-resize"
    .split(" ")
    .map((command) => [command, quickLimitMs] as const),
]);

const retries = 5;
const retryMs = 500;

/** One libvirt, for the length of one operation. */
export class Libvirt {
  readonly uri: string;
  readonly #signal: AbortSignal;
  /** Its connections, of which each serves one command at a time, and those that wait for one. */
  readonly #sessions = new Set<VirshSession>();
  readonly #idle: VirshSession[] = [];
  #folder: string | undefined;

  private constructor(uri: string, signal: AbortSignal) {
    this.uri = uri;
    this.#signal = signal;
  }

  /** Hands a libvirt that answers to `use`, and removes what that needed. @throws where it does not answer */
  static async with<T>(uri: string, signal: AbortSignal, use: (libvirt: Libvirt) => Promise<T>): Promise<T> {
    const libvirt = new Libvirt(uri, signal);
    try {
      await libvirt.run(["uri"]);
      return await use(libvirt);
    } finally {
      for (const session of libvirt.#sessions) if (!libvirt.#idle.includes(session)) session.kill();
      await Promise.all(libvirt.#idle.map((session) => session.close()));
      if (libvirt.#folder !== undefined) await rm(libvirt.#folder, { recursive: true, force: true });
    }
  }

  /** Runs a virsh command and gives its output. @throws with libvirt's own words. `signal`: default the operation's */
  async run(args: readonly string[], signal: AbortSignal = this.#signal): Promise<string> {
    for (let tries = 1; ; tries++) {
      const line = args.map(quoted).join(" ");
      const limitMs = limits.get(args[0]!);
      const { stdout, stderr } = await (limitMs === undefined
        ? this.#ask(line, signal)
        : within(this.uri, signal, limitMs, (limit) => this.#ask(line, limit)));
      if (!/^error:/m.test(stderr)) return stdout.trim();
      // The kernel's word for "ask again": seen where many machines start at once, from what sets up their cgroups.
      const askAgain = tries < retries && /Resource temporarily unavailable/.test(stderr);
      // A pool is refreshed when the uploads to it are over, which somebody else's operation may be in the midst of.
      if (askAgain || /has asynchronous jobs running/.test(stderr)) {
        await delay(retryMs, undefined, { signal });
        continue;
      }
      if (/^error: Failed to reconnect/m.test(stderr)) throw unreachable(this.uri, stderr);
      throw new LibvirtError(`virsh ${args[0]}: ${virshWords(stderr)}`);
    }
  }

  /** As {@link run}, for an object that may not be there: `undefined` then. */
  async find(args: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    try {
      return await this.run(args, signal);
    } catch (error) {
      if (error instanceof LibvirtError && absent.test(error.message)) return undefined;
      throw error;
    }
  }

  /**
   * Asks a domain's guest agent, which answers with one line of JSON.
   *
   * @returns what the answer's `return` holds
   */
  async askAgent(domain: string, question: object, seconds: number): Promise<any> {
    const command = ["qemu-agent-command", "--timeout", `${seconds}`, domain, JSON.stringify(question)];
    const answer = /^\{"return":.*\}$/m.exec(await this.run(command))?.[0];
    if (answer === undefined) throw new LibvirtError("the guest agent gave no answer");
    return JSON.parse(answer).return;
  }

  /**
   * Asks QEMU itself, for what libvirt has no word for. libvirt marks the domain as tainted in its log, and that is all.
   *
   * @returns what the answer's `return` holds
   * @throws with QEMU's own words
   */
  async askQemu(domain: string, question: object, signal?: AbortSignal): Promise<any> {
    const answer = JSON.parse(
      await this.run(["qemu-monitor-command", domain, JSON.stringify(question)], signal),
    );
    if (answer.error !== undefined) throw new LibvirtError(`QEMU: ${answer.error.desc}`);
    return answer.return;
  }

  /** A file for virsh to read, gone with the operation. */
  async file(name: string, text: string): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "berth-virsh-"));
    const path = join(this.#folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  async #ask(command: string, signal: AbortSignal): Promise<SessionResult> {
    const session = this.#idle.pop() ?? new VirshSession(this.uri);
    this.#sessions.add(session);
    try {
      const result = await session.run(command, signal);
      this.#idle.push(session);
      return result;
    } catch (error) {
      this.#sessions.delete(session);
      if (error instanceof SessionEnded) throw unreachable(this.uri, error.message);
      throw error;
    }
  }
}

/** A word as virsh reads it, which is as a shell does. */
function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Does what a libvirt that is alive does in no time. @throws where this one does not */
async function within<T>(
  uri: string,
  signal: AbortSignal,
  limitMs: number,
  ask: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await ask(AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new Error(
      `libvirt at ${uri} does not answer within ${formatDuration(limitMs)}. Check that machine, and "systemctl status libvirtd" on it.`,
      { cause: error },
    );
  }
}

/** What libvirt refused, in its own words. */
class LibvirtError extends Error {
  override name = "LibvirtError";
}
