import { derivedAddress, derivedMac } from "../topology/addresses.js";
import { hash } from "../topology/hash.js";
import type { HypervisorSpec, MachineServiceSpec, Topology } from "../topology/index.js";
import { formatIpv4, inNetwork, parseCidr, parseIpv4 } from "../topology/ipv4.js";
import { derivedName } from "../topology/names.js";
import type { Seat } from "./place.js";
import { PlacementError } from "./placementError.js";
import { type Assignment, replicaKey } from "./problem.js";

/** The virtual machine that a replica is, where its service runs as machines. */
export interface Guest {
  /** Of the machine: the replica's key and a mark of what it is made from and where, so that another one can stand beside it. */
  readonly name: string;
  /** libvirt's name of it. */
  readonly domain: string;
  readonly address: string;
  readonly macAddress: string;
}

/**
 * The machine of every replica of services that run as machines. One that stays what it is keeps its address; one that must be
 * made anew, or on another hypervisor, gets a name and an address that nothing has, so that both can run at once.
 *
 * @param images digest by guest image, so that another content makes other machines; of one that is not here, machines stay.
 * @param held addresses that are taken, of what is yet to be deleted too.
 * @throws PlacementError where a network has no address left, or a machine with data would be made anew.
 */
export function assignGuests(
  topology: Topology,
  assignment: Assignment,
  today: Readonly<Record<string, Seat>>,
  images: Readonly<Record<string, string>>,
  held: ReadonlySet<string>,
): ReadonlyMap<string, Guest> {
  const guests = new Map<string, Guest>();
  const configured = new Set(topology.machines.map(({ address }) => address));
  const taken = new Set([...held, ...configured]);
  for (const { network } of topology.hypervisors) taken.add(network.address).add(network.gateway);
  for (const { address } of Object.values(today)) if (address !== undefined) taken.add(address);
  for (const service of topology.machineServices) {
    for (let replica = 1; replica <= service.replicas + service.warm; replica++) {
      const key = replicaKey(service.name, replica);
      const hypervisor = topology.hypervisors.find(({ name }) => name === assignment[key])!;
      const seat = today[key];
      const digest = images[service.image];
      const here = seat?.machine === hypervisor.name ? seat.guest : undefined;
      // Where the image's content is not known, it is taken to be the same.
      const name = (digest === undefined && here) || guestName(service, key, hypervisor.name, digest ?? "");
      const stays =
        seat?.guest === name && inNetwork(hypervisor.network, seat.address) && !configured.has(seat.address!);
      if (service.stateful && seat?.guest !== undefined && seat.machine === hypervisor.name && !stays) {
        throw new PlacementError(
          `service "${service.name}" keeps its data in its machines, and its "image" or "cloudConfig" has changed, which takes another machine on an empty disk for ${key}. ` +
            'Change that back, or set "stateful" to false to start anew.',
        );
      }
      const address = stays ? seat.address! : freeAddress(hypervisor, key, taken);
      taken.add(address);
      guests.set(key, {
        name,
        domain: derivedName(`${topology.stack}-${name}`, 63),
        address,
        macAddress: derivedMac(topology.stack, `${hypervisor.name}/${name}`),
      });
    }
  }
  return guests;
}

function guestName(
  { cloudConfig, image }: MachineServiceSpec,
  key: string,
  hypervisor: string,
  digest: string,
): string {
  const mark = hash(JSON.stringify([hypervisor, image, digest, cloudConfig]));
  return derivedName(`${key}-${mark.toString(16).padStart(8, "0").slice(0, 6)}`, 63);
}

/** The one that the replica's key gives, or the next that is free. */
function freeAddress({ name, network }: HypervisorSpec, key: string, taken: ReadonlySet<string>): string {
  const { base, size, prefixLength } = parseCidr(network.range)!;
  const first = parseIpv4(derivedAddress({ base, size, prefixLength }, key))!;
  for (let step = 0; step < size; step++) {
    const address = base + ((first - base + step) % size);
    const text = formatIpv4(address);
    // Neither the network's own address, nor the gateway's, nor the one for all.
    if (address > base + 1 && address < base + size - 1 && !taken.has(text)) return text;
  }
  throw new PlacementError(
    `no address is left for ${key} in ${network.range} on hypervisor "${name}". Give the network a larger "cidr" or "range", or run less there.`,
  );
}
