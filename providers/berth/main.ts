import { serve } from "../kit/index.js";
import { accelerator } from "./accelerator.js";
import { certificate } from "./certificate.js";
import { dockerEngine } from "./dockerEngine.js";
import { haproxyConfig } from "./haproxyConfig.js";
import { imageFile } from "./imageFile.js";
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
    "berth:index:HaproxyConfig": haproxyConfig,
    "berth:index:ImageFile": imageFile,
    "berth:index:SshKey": sshKey,
  },
});
