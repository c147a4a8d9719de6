import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { hostKeysFromKnownHosts } from "./knownHosts.js";
import { parseDockerHost } from "./parseDockerHost.js";
import { parseSshOptions, type SshOptions } from "./sshOptions.js";
import { SshError, type SshTarget } from "./types.js";

/**
 * Where `ssh://user@host[:port]` with OpenSSH's options leads; the files they name are read. The address wins over the
 * options, the options over the defaults: the present user, port 22, `~/.ssh/known_hosts`, and for the key the
 * ssh-agent, then `~/.ssh/id_ed25519`, `id_ecdsa`, `id_rsa`. A host without a known key is refused.
 */
export function sshTargetFromOptions(
  address: string,
  sshOpts: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): SshTarget {
  const parsed = parseDockerHost(address);
  if (parsed.kind !== "ssh") throw new Error(`"${address}" is not an ssh:// address.`);
  const options = parseSshOptions(sshOpts);
  const port = parsed.port ?? options.port ?? 22;
  return {
    host: parsed.host,
    port,
    user: parsed.user ?? options.user ?? userInfo().username,
    hostKeys: knownKeys(parsed.host, port, options),
    ...credentials(address, options, env),
    ...(options.domain && { domain: options.domain }),
    ...(options.connectTimeoutMs !== undefined && { readyTimeoutMs: options.connectTimeoutMs }),
  };
}

function knownKeys(host: string, port: number, options: SshOptions): string[] {
  const named = options.knownHostsFiles?.map(expandHome);
  const files = named ?? [join(homedir(), ".ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"];
  const texts = files.map((file) => readText(file, "known_hosts file", "host-key", named !== undefined));
  const keys = texts.flatMap((text) => hostKeysFromKnownHosts(text ?? "", host, port));
  if (keys.length === 0) {
    const name = port === 22 ? host : `[${host}]:${port}`;
    throw new SshError(
      `no host key of ${name} is known in ${files.join(", ")}, and unknown machines are not trusted. ` +
        `Add the machine's public host key as a line "${name} ssh-ed25519 AAAA…", after comparing it on the machine itself.`,
      "host-key",
    );
  }
  return keys;
}

function credentials(
  address: string,
  options: SshOptions,
  env: NodeJS.ProcessEnv,
): { privateKey: string } | { agent: string } {
  if (options.identityFile !== undefined) {
    const file = expandHome(options.identityFile);
    return { privateKey: readText(file, "identity file", "authentication", true) as string };
  }
  if (env["SSH_AUTH_SOCK"]) return { agent: env["SSH_AUTH_SOCK"] };
  for (const name of ["id_ed25519", "id_ecdsa", "id_rsa"]) {
    const privateKey = readText(join(homedir(), ".ssh", name), "identity file", "authentication", false);
    if (privateKey !== undefined) return { privateKey };
  }
  throw new SshError(
    `${address}: no key to log in with. Name one with -i FILE, or start an ssh-agent (SSH_AUTH_SOCK is not set).`,
    "authentication",
  );
}

function readText(file: string, what: string, kind: SshError["kind"], required: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SshError(`${what} ${file} can't be read: ${(error as Error).message}`, kind, { cause: error });
  }
}

function expandHome(file: string): string {
  return file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
}
