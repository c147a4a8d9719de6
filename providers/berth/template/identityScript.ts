import type { IdentityInputs } from "../domain/types.js";
import type { DockerIdentity } from "./dockerIdentity.js";
import { subroutinesPath } from "./identitySubroutines.js";

export interface ForkIdentity extends IdentityInputs {
  /** UUID: the machine-id is the same without dashes, as systemd does it in virtual machines. */
  readonly uuid: string;
  readonly mac: string;
  readonly docker?: DockerIdentity;
  /** Docker's id in memory is the template's: it has to start again. */
  readonly restartDocker: boolean;
  /** Fresh random bytes. */
  readonly entropy: Buffer;
  readonly units: readonly string[];
  /** Folder of the journals; see the manifest. */
  readonly journals?: string;
  /** The disk is larger than the template's. */
  readonly grown: boolean;
}

/**
 * A Perl program that makes a fork a machine of its own, before it has a network. One process: on an emulated processor each one
 * more costs from 30 ms to a second. Ends with exit code 0, or with which step failed as its last words.
 */
export function identityScript(identity: ForkIdentity, now: Date = new Date()): string {
  const { hostname, user, docker, hostKey, entropy, nameservers, units, journals } = identity;
  const machineId = identity.uuid.replaceAll("-", "");
  const key = "/etc/ssh/ssh_host_ed25519_key";
  const lines = [
    "my $step = 'subroutines';",
    "eval {",
    `  require '${subroutinesPath}';`,
    // First of all: what is drawn from here on is drawn by this machine alone.
    "  $step = 'random numbers';",
    `  reseed(${hex(entropy)});`,
    "  $step = 'clock';",
    `  set_clock(${Math.floor(now.getTime() / 1000)}, ${(now.getTime() % 1000) * 1_000_000});`,
    "  $step = 'machine-id';",
    put("/etc/machine-id", `${machineId}\n`, "0444"),
    "  $step = 'host name';",
    put("/etc/hostname", `${hostname}\n`, "0644"),
    `  name_host(${hex(hostname)});`,
    ...(journals === undefined
      ? []
      : ["  $step = 'journal';", `  begin_journal(${hex(journals)}, '${machineId}');`]),
    "  $step = 'SSH host key';",
    put(key, hostKey.privateKey.endsWith("\n") ? hostKey.privateKey : `${hostKey.privateKey}\n`, "0600"),
    put(`${key}.pub`, `${hostKey.publicKey.trim()}\n`, "0644"),
    // Since 9.8 sshd shows the key that it began with; before, each connection's process reads the file.
    "  reread_keys() if -e '/usr/lib/openssh/sshd-session';",
    "  $step = 'authorized keys';",
    `  authorize(${hex(user)}, ${hex(`${identity.authorizedKeys.join("\n")}\n`)});`,
    "  $step = 'network';",
    put("/etc/systemd/network/10-cloud-init-primary.network", networkUnit(identity), "0644"),
    `  put('/etc/resolv.conf', '0644', ${hex(nameservers.map((server) => `nameserver ${server}\n`).join(""))}) unless -l '/etc/resolv.conf';`,
    `  join_network('${identity.mac.toLowerCase()}', ${addresses(identity)});`,
    ...(docker === undefined
      ? []
      : [
          "  $step = 'Docker engine id';",
          put(docker.file, docker.content, "0600"),
          // Docker's bridge has an address of its own, which stays when Docker starts again.
          `  set_mac('docker0', pack('H*', '${bridgeMac(entropy)}')) if -e '/sys/class/net/docker0';`,
        ]),
    ...(identity.grown ? ["  $step = 'file system';", "  run('/lib/systemd/systemd-growfs', '/');"] : []),
    ...(units.length > 0
      ? ["  $step = 'services';", `  run('systemctl', 'start', '--no-block', ${units.map(hex).join(", ")});`]
      : []),
    ...(identity.restartDocker
      ? ["  $step = 'Docker';", "  run('systemctl', 'restart', 'docker.service');"]
      : []),
    "  $step = 'what follows';",
    "  follow_up();",
    "  1;",
    '} or do { print STDERR "$step: $@"; exit 1 };',
  ];
  return `${lines.join("\n")}\n`;
}

function networkUnit({ mac, address, gateway, address6, gateway6, nameservers }: ForkIdentity): string {
  return [
    "[Match]",
    `MACAddress=${mac.toLowerCase()}`,
    "",
    "[Network]",
    "DHCP=no",
    // What has been set already stays while networkd sets the same; it would take the address away for a moment.
    "KeepConfiguration=static",
    "IPv6AcceptRA=no",
    `Address=${address}`,
    ...(address6 === undefined ? [] : [`Address=${address6}`]),
    ...nameservers.map((server) => `DNS=${server}`),
    "",
    "[Route]",
    "Destination=0.0.0.0/0",
    `Gateway=${gateway}`,
    "",
    ...(gateway6 === undefined ? [] : ["[Route]", "Destination=::/0", `Gateway=${gateway6}`, ""]),
  ].join("\n");
}

function bridgeMac(entropy: Buffer): string {
  return `0242${entropy.toString("hex", 0, 4)}`;
}

/** Perl's arguments: address, prefix length, broadcast address, gateway; of IPv6 address, prefix length and gateway, as texts. */
function addresses({ address, gateway, address6, gateway6 }: ForkIdentity): string {
  const [own, prefix] = address.split("/") as [string, string];
  const bytes = (text: string) => Buffer.from(text.split(".").map(Number));
  const hostBits = 2 ** (32 - Number(prefix)) - 1;
  const broadcast = Buffer.alloc(4);
  broadcast.writeUInt32BE((bytes(own).readUInt32BE() | hostBits) >>> 0);
  const [own6, prefix6] = address6?.split("/") ?? [];
  const ipv6 =
    own6 === undefined || prefix6 === undefined || gateway6 === undefined
      ? []
      : [hex(own6), prefix6, hex(gateway6)];
  return [hex(bytes(own)), prefix, hex(broadcast), hex(bytes(gateway)), ...ipv6].join(", ");
}

/** Writes a file whole. */
function put(path: string, content: string, mode: string): string {
  return `  put('${path}', '${mode}', ${hex(content)});`;
}

/** An expression of Perl for these bytes, whatever they are. */
function hex(bytes: string | Buffer): string {
  return `pack('H*', '${Buffer.from(bytes as string).toString("hex")}')`;
}
