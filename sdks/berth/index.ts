export { Accelerator, type AcceleratorArgs, type AcceleratorChoice } from "./accelerator.js";
export { Certificate, type CertificateArgs } from "./certificate.js";
export { DockerEngine, type DockerEngineArgs } from "./dockerEngine.js";
export { type DockerTargetArgs, HaproxyConfig, type HaproxyConfigArgs } from "./haproxyConfig.js";
export { ImageFile, type ImageFileArgs } from "./imageFile.js";
export { SshKey, type SshKeyArgs } from "./sshKey.js";
export type { SshTargetArgs } from "./sshTarget.js";
