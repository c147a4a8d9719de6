import { BlockList } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIpv6, parseCidr6, parseIpv6 } from "../../../components/topology/ipv6.js";
import { ipv6Of } from "../../../components/topology/ipv6Of.js";

test("an address that is written is the one that is read", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (address) => {
      expect(parseIpv6(formatIpv6(address))).toBe(address);
    }),
  );
});

test("an address in any of its forms is the same one, in the shortest when it is written", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const written = formatIpv6(parseIpv6(text)!);
      const same = new BlockList();
      same.addAddress(text, "ipv6");
      expect(same.check(written, "ipv6")).toBe(true);
      expect(formatIpv6(parseIpv6(written)!)).toBe(written);
    }),
  );
});

test.each([
  ["::", 0n],
  ["::1", 1n],
  ["fd00:130::C0:A8", 0xfd000130000000000000000000c000a8n],
  ["::ffff:192.168.130.10", 0xffffc0a8820an],
  ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
])("%s is read", (text, address) => expect(parseIpv6(text)).toBe(address));

test.each(["", "fd00::1%eth0", "192.168.130.1", "fd00:::1", "fd00::1::2", "1:2:3:4:5:6:7"])(
  '"%s" is no address',
  (text) => expect(parseIpv6(text)).toBeUndefined(),
);

test.each(["fd00::1/64", "fd00::", "fd00::/129", "10.0.0.0/8"])('"%s" is no network', (text) =>
  expect(parseCidr6(text)).toBeUndefined(),
);

test("a machine's address is in its network, its own, and not its gateway's", () => {
  const network = { cidr: "10.0.0.0/8", cidr6: "fd00:130::/64", gateway: "10.0.0.1" };
  const machine = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 2, max: 254 }));
  const inside = new BlockList();
  inside.addSubnet("fd00:130::", 64, "ipv6");
  fc.assert(
    fc.property(machine, machine, (one, other) => {
      const [first, second] = [one, other].map((parts) => ipv6Of(network, `10.${parts.join(".")}`)!);
      const [address, length] = first!.address6.split("/");
      expect(length).toBe("64");
      expect(inside.check(address!, "ipv6")).toBe(true);
      expect(first!.gateway6).toBe("fd00:130::1");
      expect(address).not.toBe(first!.gateway6);
      expect(first!.address6 === second!.address6).toBe(one.join() === other.join());
    }),
  );
});

test("without an IPv6 network there is none", () => {
  expect(ipv6Of({ cidr: "10.0.0.0/8", gateway: "10.0.0.1" }, "10.0.0.2")).toBeUndefined();
});
