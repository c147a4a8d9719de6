import { expect, test } from "vitest";
import { pluginUri, sshOptions } from "../../../components/libvirtUri.js";
import { clientUri } from "../../../providers/virsh/clientUri.js";

const pinned = "qemu+ssh://root@far:2222/system?keyfile=/k%20ey&known_hosts=/hosts";

test("each client is given the key and the host keys in its own words", () => {
  expect(clientUri(pinned)).toBe(
    "qemu+libssh2://root@far:2222/system?keyfile=%2Fk%20ey&known_hosts=%2Fhosts&known_hosts_verify=normal&sshauth=privkey",
  );
  const plugin = new URL(pluginUri(pinned));
  expect([plugin.protocol, plugin.host, plugin.username, plugin.pathname]).toEqual([
    "qemu+ssh:",
    "far:2222",
    "root",
    "/system",
  ]);
  expect(Object.fromEntries(plugin.searchParams)).toEqual({
    keyfile: "/k ey",
    knownhosts: "/hosts",
    sshauth: "privkey",
  });
  expect(sshOptions(pinned)).toEqual([
    ...["-i", "/k ey", "-o", "UserKnownHostsFile=/hosts", "-o", "StrictHostKeyChecking=yes"],
  ]);
});

test.each(["qemu:///system", "qemu+unix:///system?socket=/run/x", "qemu+ssh://root@far/system"])(
  "%s is left as it is",
  (uri) => {
    expect([clientUri(uri), pluginUri(uri), sshOptions(uri)]).toEqual([uri, uri, []]);
  },
);
