import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { metaData, networkConfig, type SeedArgs, userData } from "../../../components/cloudInit/index.js";

const seed: SeedArgs = {
  hostname: "web-1",
  authorizedKeys: ["ssh-ed25519 AAAAoperator berth dev"],
  hostKey: {
    privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n",
    publicKey: "ssh-ed25519 AAAAhost",
  },
};

/** As cloud-init reads it: PyYAML knows YAML 1.1. */
const read = (text: string) => parse(text, { version: "1.1" }) as Record<string, unknown>;
const merged = (cloudConfig: Record<string, unknown>) => read(userData({ ...seed, cloudConfig }));

describe("user-data", () => {
  test("the whole of it", () => {
    expect(userData(seed)).toBe(`#cloud-config
groups:
  - docker
users:
  - name: berth
    gecos: Berth
    shell: /bin/bash
    groups:
      - sudo
      - docker
    sudo: ALL=(ALL) NOPASSWD:ALL
    lock_passwd: true
    ssh_authorized_keys:
      - ssh-ed25519 AAAAoperator berth dev
ssh_pwauth: false
disable_root: true
locale: false
growpart:
  mode: auto
  devices:
    - /
resize_rootfs: true
hostname: web-1
preserve_hostname: false
ssh_deletekeys: true
ssh_keys:
  ed25519_private: |
    -----BEGIN OPENSSH PRIVATE KEY-----
    bm90IGEga2V5
    -----END OPENSSH PRIVATE KEY-----
  ed25519_public: ssh-ed25519 AAAAhost
`);
  });

  test("a user's commands, files, packages, users and groups are added", () => {
    const config = merged({
      runcmd: [["touch", "/run/there"]],
      write_files: [{ path: "/etc/motd", content: "hello\n" }],
      packages: ["htop"],
      users: [{ name: "ada" }],
      groups: ["staff"],
    });
    expect(config).toMatchObject({
      runcmd: [["touch", "/run/there"]],
      write_files: [{ path: "/etc/motd", content: "hello\n" }],
      packages: ["htop"],
      groups: ["docker", "staff"],
    });
    expect((config["users"] as { name: string }[]).map(({ name }) => name)).toEqual(["berth", "ada"]);
  });

  test("maps are merged, and of other values the user's wins", () => {
    expect(merged({ growpart: { mode: "off" }, locale: "de_DE.UTF-8", disable_root: false })).toMatchObject({
      growpart: { mode: "off", devices: ["/"] },
      locale: "de_DE.UTF-8",
      disable_root: false,
    });
  });

  test("what Berth knows the machine again by stays", () => {
    const config = merged({ ssh_keys: { rsa_private: "x" }, ssh_deletekeys: false, hostname: "other" });
    expect(config).toMatchObject({ ssh_deletekeys: true, hostname: "web-1" });
    expect(config["ssh_keys"]).toEqual({
      ed25519_private: seed.hostKey.privateKey,
      ed25519_public: seed.hostKey.publicKey,
    });
  });

  test("any text comes back as it went in", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "yes",
        "no",
        "on",
        "0x10",
        "1_000",
        "12:30:00",
        "2026-11-21",
        "~",
        "null",
        "a: b",
        "# c",
        "\n",
        " x\n\n",
      ),
    );
    fc.assert(
      fc.property(text, text, text, fc.dictionary(text, text), (hostname, key, line, extra) => {
        const args: SeedArgs = {
          hostname,
          authorizedKeys: [line],
          hostKey: { privateKey: key, publicKey: line },
          cloudConfig: { write_files: [{ path: "/x", content: key }], extra },
        };
        const config = read(userData(args));
        expect(config).toMatchObject({
          hostname,
          ssh_keys: { ed25519_private: key, ed25519_public: line },
          write_files: [{ path: "/x", content: key }],
        });
        expect((config["users"] as object[])[0]).toMatchObject({ ssh_authorized_keys: [line] });
        expect(Object.entries(config["extra"] as object).sort()).toEqual(Object.entries(extra).sort());
      }),
    );
  });
});

test("meta-data names the machine's life and its host", () => {
  expect(metaData({ instanceId: "dev-web-1", hostname: "web-1" })).toBe(
    "instance-id: dev-web-1\nlocal-hostname: web-1\n",
  );
});

test("network-config finds the interface by its MAC address and gives it a static address", () => {
  const text = networkConfig({
    macAddress: "52:54:00:AB:CD:EF",
    address: "192.168.130.21",
    prefixLength: 24,
    gateway: "192.168.130.1",
    nameservers: ["192.168.130.1", "192.0.2.53"],
  });
  expect(read(text)).toEqual({
    version: 2,
    ethernets: {
      primary: {
        match: { macaddress: "52:54:00:ab:cd:ef" },
        dhcp4: false,
        dhcp6: false,
        "accept-ra": false,
        addresses: ["192.168.130.21/24"],
        routes: [{ to: "0.0.0.0/0", via: "192.168.130.1" }],
        nameservers: { addresses: ["192.168.130.1", "192.0.2.53"] },
      },
    },
  });
});

test("with IPv6, both addresses and both routes", () => {
  const text = networkConfig({
    macAddress: "52:54:00:AB:CD:EF",
    ...{ address: "192.168.130.21", prefixLength: 24, gateway: "192.168.130.1" },
    ...{ address6: "fd00:130::15/64", gateway6: "fd00:130::1" },
    nameservers: [],
  });
  expect(read(text)).toMatchObject({
    ethernets: {
      primary: {
        dhcp6: false,
        "accept-ra": false,
        addresses: ["192.168.130.21/24", "fd00:130::15/64"],
        routes: [
          { to: "0.0.0.0/0", via: "192.168.130.1" },
          { to: "::/0", via: "fd00:130::1" },
        ],
      },
    },
  });
});

test("a MAC address of digits alone stays a text, which YAML 1.1 would read as a number to the base of 60", () => {
  const text = networkConfig({
    macAddress: "52:54:00:12:34:56",
    address: "192.168.130.21",
    prefixLength: 24,
    gateway: "192.168.130.1",
    nameservers: [],
  });
  expect(text).toMatch(/macaddress: ["']52:54:00:12:34:56["']/);
});
