import { urnLabel } from "../plain.js";
import { argumentEntries } from "./containerArguments.js";
import type { ContainerInputs, CreateBody } from "./types.js";

/** Since this minor version of the Engine API a container has a hardware address in each network. */
const ownAddresses = 44;

/**
 * The body of the request that creates the container.
 * @param api the minor version of the Engine API that is spoken with the engine
 */
export function createBody(inputs: ContainerInputs, urn: string, api = ownAddresses): CreateBody {
  const body: CreateBody = { HostConfig: {}, Labels: { [urnLabel]: urn } };
  const [first] = inputs.networksAdvanced ?? [];
  if (api < ownAddresses && first?.macAddress) body.MacAddress = first.macAddress;
  for (const [name, argument] of argumentEntries) {
    const value = inputs[name];
    if (value !== undefined && value !== null) argument.write?.(value, body, inputs);
  }
  return body;
}

/** The members of HostConfig that "update a container" takes, as these inputs want them. */
export function updateBody(inputs: ContainerInputs): object {
  const { HostConfig } = createBody(inputs, "");
  const { Memory, MemoryReservation, MemorySwap, NanoCpus, CpuPeriod, CpuQuota, CpusetCpus, CpuShares } =
    HostConfig;
  return {
    ...(Memory && { Memory }),
    ...(MemoryReservation && { MemoryReservation }),
    // What the engine sets by itself at creation; without it a larger limit than before is refused.
    ...((MemorySwap || Memory) && { MemorySwap: MemorySwap ?? (Memory as number) * 2 }),
    ...(NanoCpus && { NanoCpus }),
    ...(CpuPeriod && { CpuPeriod }),
    ...(CpuQuota && { CpuQuota }),
    ...(CpusetCpus && { CpusetCpus }),
    ...(CpuShares && { CpuShares }),
    // In 20.10 a container that removes itself takes no policy, not even "no".
    ...(!inputs.rm && { RestartPolicy: { Name: "no", MaximumRetryCount: 0, ...HostConfig.RestartPolicy } }),
  };
}
