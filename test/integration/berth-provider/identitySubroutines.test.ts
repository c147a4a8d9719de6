import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identitySubroutines } from "../../../providers/berth/template/identitySubroutines.js";

/** In a network namespace of their own, on a pair of interfaces of which one end is down: no cable, as a fork has it. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-identity-"));
  writeFileSync(join(folder, "identity.pl"), identitySubroutines);
});
afterAll(() => rmSync(folder, { recursive: true }));

function perl(program: string): string {
  const script = `
    mount -t sysfs none /sys
    ip link add eth9 type veth peer name peer9
    ip link set eth9 address 52:54:00:aa:bb:cc
    perl -e 'require "$ENV{FOLDER}/identity.pl"; eval "$ENV{PROGRAM}; 1" or print "failed: $@"'
    ip -4 -o address show dev eth9; ip -6 -o address show dev eth9; ip route; ip -6 route; ip route show proto static; ip link show dev peer9
    cat /proc/sys/net/ipv6/conf/eth9/accept_ra`;
  return execFileSync("unshare", ["--net", "--mount", "sh", "-c", script], {
    encoding: "utf8",
    env: { ...process.env, FOLDER: folder, PROGRAM: program },
  });
}

const joinAs = (mac: string, gateway: string) =>
  `join_network("${mac}", pack("C4", 10, 9, 8, 7), 24, pack("C4", 10, 9, 8, 255), pack("C4", ${gateway}))`;

test("an address and a route, which networkd finds as its own, are set before there is a cable", () => {
  const found = perl(joinAs("52:54:00:aa:bb:cc", "10, 9, 8, 1"));
  expect(found).not.toContain("failed");
  expect(found).toMatch(/inet 10\.9\.8\.7\/24 brd 10\.9\.8\.255 scope global eth9/);
  expect(found).toMatch(/default via 10\.9\.8\.1 dev eth9 proto static/);
  expect(found.trimEnd()).toMatch(/\n0$/);
});

test("an address and a route of IPv6 are too, with no question whether somebody else has it", () => {
  const found = perl(
    joinAs("52:54:00:aa:bb:cc", "10, 9, 8, 1").replace(/\)$/, ', "fd00:9::7", 64, "fd00:9::1")'),
  );
  expect(found).not.toContain("failed");
  expect(found).toMatch(/inet6 fd00:9::7\/64 scope global nodad/);
  expect(found).not.toMatch(/fd00:9::7.* tentative/);
  expect(found).toMatch(/default via fd00:9::1 dev eth9 proto static/);
  expect(found).toMatch(/inet 10\.9\.8\.7\/24/);
});

test("Docker's bridge, or whatever it is, gets another address", () => {
  expect(perl('set_mac("peer9", pack("H*", "0242aabbccdd"))')).toMatch(/link\/ether 02:42:aa:bb:cc:dd/);
});

test("what the kernel refuses is an error in its words", () => {
  expect(perl(joinAs("52:54:00:aa:bb:cd", "10, 9, 8, 1"))).toContain(
    "failed: no network interface has the address 52:54:00:aa:bb:cd",
  );
  expect(perl(joinAs("52:54:00:aa:bb:cc", "11, 9, 8, 1"))).toContain(
    "failed: netlink message 24: Network is unreachable",
  );
});
