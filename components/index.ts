export { type BaseImageArgs, imageFromManifest } from "./baseImage.js";
export { ContainerImage, type ContainerImageArgs } from "./containerImage.js";
export { ContainerRuntime, type ContainerRuntimeArgs } from "./containerRuntime.js";
export { defaultDaemon } from "./dockerDaemon.js";
export { Hypervisor, type HypervisorArgs, type UploadedImage } from "./hypervisor.js";
export type { Inventory } from "./inventory.js";
export { LoadBalancer, type LoadBalancerArgs, type VirtualAddressArgs } from "./loadBalancer.js";
export {
  type MachineEndpoint,
  type MachineReplicaPlace,
  MachineService,
  type MachineServiceArgs,
} from "./machineService.js";
export { MachineTemplate, type MachineTemplateArgs } from "./machineTemplate.js";
export { Registry, type RegistryArgs } from "./registry.js";
export { type Resident, residentsOf } from "./residents.js";
export {
  type BlueGreenStrategy,
  type CanaryStrategy,
  type RollingStrategy,
  type RolloutCheck,
  type RolloutStrategy,
  strategyOf,
} from "./rolloutStrategy.js";
export { type StateResource, seatsInState } from "./seatsInState.js";
export {
  type Endpoint,
  type ReplicaArgs,
  type RunningReplica,
  Service,
  type ServiceArgs,
} from "./service.js";
export type { RolloutBalancer } from "./serviceRollout.js";
export { Site, type SiteArgs } from "./site.js";
export { Snapshot, type SnapshotArgs } from "./snapshot.js";
export { defaultSshFolder } from "./sshFiles.js";
export type { Start } from "./startPlan.js";
export type { Transform } from "./transform.js";
export {
  type DataDisk,
  type DomainRef,
  type MachineInterface,
  type SshAccess,
  VirtualMachine,
  type VirtualMachineArgs,
} from "./virtualMachine.js";
