export { Accelerator, type AcceleratorArgs, type AcceleratorChoice } from "./accelerator.js";
export { Certificate, type CertificateArgs } from "./certificate.js";
export { DockerEngine, type DockerEngineArgs } from "./dockerEngine.js";
export {
  type DataDiskArgs,
  Domain,
  type DomainArgs,
  type InterfaceArgs,
  type Power,
  type ResidentArgs,
} from "./domain.js";
export { type DockerTargetArgs, HaproxyConfig, type HaproxyConfigArgs } from "./haproxyConfig.js";
export { ImageFile, type ImageFileArgs } from "./imageFile.js";
export { KeptDisk, type KeptDiskArgs } from "./keptDisk.js";
export type { KernelArgs } from "./kernel.js";
export { MachineReplica, type MachineReplicaArgs } from "./machineReplica.js";
export { type Consistency, MachineSnapshot, type MachineSnapshotArgs } from "./machineSnapshot.js";
export { type Release, ReleaseHistory, type ReleaseHistoryArgs } from "./releaseHistory.js";
export { Rollout, type RolloutArgs, type RolloutBalancerArgs, type RolloutCheckArgs } from "./rollout.js";
export { RunningMachine, type RunningMachineArgs } from "./runningMachine.js";
export { SavedDomain, type SavedDomainArgs } from "./savedDomain.js";
export { SshKey, type SshKeyArgs } from "./sshKey.js";
export type { SshTargetArgs } from "./sshTarget.js";
