/**
 * A libvirt URI as virsh is given it. libvirt's `ssh` runs the program of that name, which has its own place for known hosts;
 * where the URI names a file of them (`known_hosts`), libvirt's own client looks there, and nowhere else. A host that is not in
 * it is refused. Of its two, libssh2's; with libssh's, the rest of a long answer waits for the next keep-alive message, for up to 5 s
 * (libvirt 9.0).
 */
export function clientUri(uri: string): string {
  const [address = "", query = ""] = uri.split("?");
  const options = new URLSearchParams(query);
  if (!/^qemu\+(ssh|libssh2?):/.test(address) || !options.has("known_hosts")) return uri;
  options.set("known_hosts_verify", "normal");
  if (options.has("keyfile")) options.set("sshauth", "privkey");
  // libvirt reads no "+" as a space.
  const text = [...options].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `${address.replace(/^qemu\+ssh:/, "qemu+libssh2:")}?${text}`;
}
