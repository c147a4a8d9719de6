/** The files that a libvirt URI with SSH names in its options `keyfile` and `known_hosts`. */
interface SshFiles {
  readonly keyFile?: string;
  readonly knownHosts?: string;
}

/** A libvirt URI as the plugin `libvirt` reads it, whose client has names of its own for libvirt's options. */
export function pluginUri(uri: string): string {
  const [address = "", query = ""] = uri.split("?");
  const { keyFile, knownHosts } = sshFiles(uri);
  if (keyFile === undefined && knownHosts === undefined) return uri;
  const options = new URLSearchParams(query);
  options.delete("known_hosts");
  if (knownHosts !== undefined) options.set("knownhosts", knownHosts);
  if (keyFile !== undefined) options.set("sshauth", "privkey");
  return `${address.replace(/^qemu\+\w+:/, "qemu+ssh:")}?${options}`;
}

/** Whether a libvirt URI leads to another machine, by SSH. */
export function isSsh(uri: string): boolean {
  return /^qemu\+(ssh|libssh2?):/.test(uri);
}

/** What the program `ssh` is given to reach the same host: the same key, and the same host keys and no others. */
export function sshOptions(uri: string): string[] {
  const { keyFile, knownHosts } = sshFiles(uri);
  return [
    ...(keyFile === undefined ? [] : ["-i", keyFile]),
    ...(knownHosts === undefined
      ? []
      : ["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "StrictHostKeyChecking=yes"]),
  ];
}

function sshFiles(uri: string): SshFiles {
  const [address = "", query = ""] = uri.split("?");
  if (!isSsh(address)) return {};
  const options = new URLSearchParams(query);
  const [keyFile, knownHosts] = [options.get("keyfile"), options.get("known_hosts")];
  return { ...(keyFile !== null && { keyFile }), ...(knownHosts !== null && { knownHosts }) };
}
