export { abortable } from "./abortable.js";
export { connectDocker } from "./connectDocker.js";
export { connectSsh } from "./connectSsh.js";
export { DockerUnreachableError } from "./dockerUnreachableError.js";
export { fingerprint } from "./hostKeys.js";
export { machineOff } from "./machineOff.js";
export { parseDockerHost } from "./parseDockerHost.js";
export {
  type DockerConnection,
  type DockerTarget,
  type ExecResult,
  type SshConnection,
  SshError,
  type SshTarget,
} from "./types.js";
