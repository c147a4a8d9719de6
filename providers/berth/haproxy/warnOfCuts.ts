import type { Call } from "../../kit/index.js";
import { listenerSetting } from "../engine/listenerSetting.js";
import type { ContainerShell } from "./containerShell.js";

/**
 * Warns where another HAProxy that takes this one's place, as one of another image, may cut connections: of two on one port, the one
 * that ends resets those that wait at it, unless the kernel hands them over. In a container without the host's network there is never
 * another on its port.
 *
 * @param host Docker's address, which names the machine
 */
export async function warnOfCuts(shell: ContainerShell, host: string, call: Call<unknown>): Promise<void> {
  const { HostConfig, Name } = await shell.container.inspect();
  if (HostConfig.NetworkMode !== "host") return;
  const { name, file } = listenerSetting;
  const { output } = await shell.run(`cat ${file} 2>/dev/null || echo none`, call.signal);
  if (output.trim() === "1") return;
  const cure =
    output.trim() === "none"
      ? `its kernel has no ${name}; one from Linux 5.14 on has`
      : `${name} is ${output.trim()} there; set it to 1 (in /etc/sysctl.d, for each boot)`;
  call.log(
    "warning",
    `container ${Name.replace(/^\//, "")}: when another HAProxy takes its place, as with another image, connections that come in at that ` +
      `moment may be cut. On the machine of ${host}: ${cure}.`,
  );
}
