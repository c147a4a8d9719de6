import { serve } from "../kit/index.js";
import { accelerator } from "./accelerator.js";
import { certificate } from "./certificate.js";
import { dockerEngine } from "./dockerEngine.js";
import { domain } from "./domain.js";
import { haproxyConfig } from "./haproxyConfig.js";
import { imageFile } from "./imageFile.js";
import { keptDisk } from "./keptDisk.js";
import { machineReplica } from "./machineReplica.js";
import { machineSnapshot } from "./machineSnapshot.js";
import { releaseHistory } from "./releaseHistory.js";
import { rollout } from "./rollout.js";
import { runningMachine } from "./runningMachine.js";
import { savedDomain } from "./savedDomain.js";
import { sshKey } from "./sshKey.js";

/** The plugin `berth`. It has no configuration: each resource says itself what it reaches. */
await serve({
  name: "berth",
  version: "0.1.0",
  configure: () => undefined,
  resources: {
    "berth:index:Accelerator": accelerator,
    "berth:index:Certificate": certificate,
    "berth:index:DockerEngine": dockerEngine,
    "berth:index:Domain": domain,
    "berth:index:MachineSnapshot": machineSnapshot,
    "berth:index:HaproxyConfig": haproxyConfig,
    "berth:index:ImageFile": imageFile,
    "berth:index:ReleaseHistory": releaseHistory,
    "berth:index:Rollout": rollout,
    "berth:index:MachineReplica": machineReplica,
    "berth:index:KeptDisk": keptDisk,
    "berth:index:RunningMachine": runningMachine,
    "berth:index:SavedDomain": savedDomain,
    "berth:index:SshKey": sshKey,
  },
});
