export { connectDocker } from "./connectDocker.js";
export { connectSsh } from "./connectSsh.js";
export { DockerUnreachableError } from "./dockerUnreachableError.js";
export { fingerprint } from "./hostKeys.js";
export { hostKeysFromKnownHosts } from "./knownHosts.js";
export { type DockerHost, parseDockerHost } from "./parseDockerHost.js";
export { sshTargetFromOptions } from "./sshTargetFromOptions.js";
export {
  type DockerConnection,
  type DockerTarget,
  type ExecResult,
  type SshConnection,
  SshError,
  type SshTarget,
} from "./types.js";
