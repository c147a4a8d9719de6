import { Client, type ConnectConfig } from "ssh2";
import { presenceOf } from "../virsh/presenceOf.js";
import { fingerprint, hostKeyAlgorithms, keyType, parseHostKey } from "./hostKeys.js";
import { SshError, type SshTarget } from "./types.js";

const defaultReadyTimeoutMs = 30_000;
/** Four unanswered probes: an emulated machine under load may be silent for half a minute. */
const keepaliveIntervalMs = 15_000;
const keepaliveCountMax = 4;
const libvirtLimitMs = 20_000;

/** `user@host:port`, for messages. */
export function describeTarget(target: SshTarget): string {
  return `${target.user}@${target.host}:${target.port ?? 22}`;
}

/** Connects, checks the host key and logs in, all within the target's limit. Rejects with {@link SshError}. */
export async function openSshClient(target: SshTarget): Promise<Client> {
  const name = describeTarget(target);
  const pinned = target.hostKeys.map(parseHostKey);
  if (pinned.length === 0) {
    throw new SshError(
      `${name}: no host key is pinned, and unknown machines are not trusted. Give the machine's public host key.`,
      "host-key",
    );
  }
  const readyTimeout = target.readyTimeoutMs ?? defaultReadyTimeoutMs;
  let refused: SshError | undefined;
  const config: ConnectConfig = {
    host: target.host,
    port: target.port ?? 22,
    username: target.user,
    ...(target.privateKey === undefined ? {} : { privateKey: target.privateKey }),
    ...(target.privateKey === undefined && target.agent !== undefined && { agent: target.agent }),
    readyTimeout,
    keepaliveInterval: keepaliveIntervalMs,
    keepaliveCountMax,
    algorithms: { serverHostKey: hostKeyAlgorithms(pinned) },
    hostVerifier: (offered: Buffer) => {
      if (pinned.some((key) => key.blob.equals(offered))) return true;
      const expected = pinned.map((key) => `${fingerprint(key.blob)} (${key.type})`).join(" or ");
      refused = new SshError(
        `${name}: the machine's host key is not the pinned one. Expected ${expected}, ` +
          `offered ${fingerprint(offered)} (${keyType(offered)}). Either another machine answers at this address, or ` +
          "it was rebuilt: compare with its console, then pin the new key.",
        "host-key",
      );
      return false;
    },
  };
  const client = new Client();
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve).once("error", reject);
      client.once("close", () => reject(new Error("the connection was closed before the log-in")));
      client.connect(config);
    });
  } catch (error) {
    client.on("error", () => {}).destroy();
    const why = refused ?? classify(name, error as Error & { level?: string; code?: string }, readyTimeout);
    throw (await off(name, target, why)) ?? why;
  }
  return client.setNoDelay(true);
}

/** Nobody, or somebody else, answers at its address: libvirt knows whether the machine itself could. */
async function off(name: string, { domain }: SshTarget, why: SshError): Promise<SshError | undefined> {
  if (domain === undefined || why.kind === "authentication") return undefined;
  try {
    const { is, words } = await presenceOf(domain, AbortSignal.timeout(libvirtLimitMs));
    if (is === "on") return undefined;
    return new SshError(`${name}: the machine can't answer: ${words}, says libvirt at ${domain.uri}.`, is, {
      cause: why,
    });
  } catch {
    // Nothing more is known than that it was not reached.
    return undefined;
  }
}

function classify(
  name: string,
  error: Error & { level?: string; code?: string },
  timeoutMs: number,
): SshError {
  const options = { cause: error };
  const text = error.message;
  if (/no matching host key/i.test(text)) {
    return new SshError(
      `${name}: the machine has no host key of the pinned key's type. Pin one of the keys that it has.`,
      "host-key",
      options,
    );
  }
  if (
    error.level === "client-authentication" ||
    error.level === "agent" ||
    /privateKey|passphrase/i.test(text)
  ) {
    return new SshError(
      `${name}: log-in refused (${text}). The user must exist there and have the public key in authorized_keys; ` +
        "a key with a passphrase must be in the ssh-agent.",
      "authentication",
      options,
    );
  }
  if (error.level === "client-timeout" || error.code === "ETIMEDOUT") {
    return new SshError(`${name}: no SSH answer within ${timeoutMs / 1000} s.`, "unreachable", options);
  }
  return new SshError(`${name}: ${text}`, "unreachable", options);
}
